"""Searching, sorting, picking and taking away, as somebody with a mouse and a keyboard does it."""

import re

import pytest
from playwright.sync_api import expect

from records import db
from records.calls import Call
from records.people import User
from records.roles import Role
from records.statuses import CallStatus
from tests.browser.conftest import settled
from tests.records.finished import add_version, transcript
from tests.records.made import agent, person, stored_call, stored_campaign


@pytest.fixture
def owner(home) -> User:
    with db.writing() as session:
        return person(session, Role.OWNER)


def fill(*said: str) -> list[str]:
    """Calls named 0, 1, 2 ... with these words and falling scores."""
    with db.writing() as session:
        support = stored_campaign(session, "Support")
        ids = []
        for n, words in enumerate(said):
            call = stored_call(session, support, filename=f"{n}.wav", score=90.0 - n, status=CallStatus.COMPLETED)
            add_version(session, call, content=transcript(("customer", 0, words)))
            ids.append(call.id)
        return ids


def test_words_are_searched_sorted_saved_and_taken_away(browse, owner):
    fill("My refund is late", "Nothing", "A refund, please")
    page = browse(owner)
    page.goto("/calls")
    settled(page)
    page.get_by_role("textbox", name="Said").fill("refund")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 calls")).to_be_visible()
    page.locator(".st-key-sort").get_by_role("combobox").click()
    page.get_by_role("option", name="Lowest score").click()
    expect(page.locator("tbody tr").first).to_contain_text("2.wav")
    expect(page).to_have_url(re.compile("text=refund.*sort=lowest"))
    with page.expect_download() as taken:
        page.get_by_role("link", name="Export as CSV").click()
    lines = taken.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["2.wav", "0.wav"]


def test_rows_are_picked_and_linked_and_the_way_back_is_one_click(browse, owner):
    ids = fill("One", "Two", "Three")
    with db.writing() as session:
        ada = agent(session, "Ada Moss")
    page = browse(owner)
    page.goto("/calls")
    settled(page)
    page.get_by_label("Select 0.wav").check()
    page.get_by_label("Select 2.wav").press("Space")
    page.get_by_role("button", name="Act on 2 selected").click()
    page.get_by_text("Link an agent").click()
    page.get_by_role("button", name="Link an agent: 2 calls").click()
    expect(page.get_by_text("Link an agent: linked 2 of 2 calls.")).to_be_visible()
    settled(page)
    assert linked(ids) == [ada.id, None, ada.id]
    expect(page.get_by_label("Select 0.wav")).not_to_be_checked()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 calls are linked as before.")).to_be_visible()
    assert linked(ids) == [None, None, None]


def linked(ids: list[str]) -> list[int | None]:
    with db.reading() as session:
        return [session.get_one(Call, each).agent_id for each in ids]
