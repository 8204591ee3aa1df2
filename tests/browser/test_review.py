"""Reviewing by keyboard alone, and a dispute that brings a call back."""

import re

import pytest
from playwright.sync_api import Page, expect

from records import db
from records.access import identity
from records.calls import Call
from records.campaigns import Campaign
from records.people import User
from records.reviews import ReviewState
from records.roles import Role
from tests.browser.conftest import fits, settled
from tests.pipeline.reviewed import FAIL, NA, PASS, close, judged, now, standing
from tests.records.made import agent, person, stored_campaign

NASTY = "<img src=x onerror=document.title='hacked'> **bold** [a](http://evil.test)"


@pytest.fixture
def support(home) -> Campaign:
    with db.writing() as session:
        return stored_campaign(session, "Support")


@pytest.fixture
def mia(support) -> User:
    with db.writing() as session:
        return person(session, Role.MANAGER, support)


def at_desk(page: Page, call: Call) -> Page:
    page.goto(f"/review?id={call.id}")
    settled(page)
    expect(page.locator(".tv-review")).to_be_visible()
    return page


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def test_a_call_is_reviewed_and_the_next_one_opened_by_keyboard_alone(browse, support, mia):
    one, two = judged(support, PASS, FAIL, FAIL, filename="one.wav"), judged(support, FAIL, filename="two.wav")
    page = at_desk(browse(mia), one)
    keys(page, "Enter")  # not yet
    expect(page.get_by_role("alert").filter(has_text="Give a verdict on the 3 checks")).to_be_visible()
    keys(page, "c")  # the greeting is confirmed, and the next check looked at
    keys(page, "1")  # the disclosure was met after all: why?
    page.keyboard.type("cfn: at the end")  # the keys of a field are the field's
    keys(page, "Enter", "k", "j", "3")
    page.keyboard.type("Nobody closed it")
    expect(page.get_by_role("status").filter(has_text="3 of 3 decided")).to_contain_text("100")
    keys(page, "Escape", "Enter")
    expect(page.get_by_role("heading", name="two.wav")).to_be_visible()
    assert two.id in page.url
    assert (now(one).review, now(one).effective_score) == (ReviewState.CLOSED, 100)
    found = standing(one).checks
    assert [(found[place].verdict, found[place].comment) for place in range(3)] == [
        (PASS, ""),
        (PASS, "cfn: at the end"),
        (NA, "Nobody closed it"),
    ]


def test_what_was_entered_survives_a_reload_and_a_colleague_who_was_first(browse, support, mia):
    call = judged(support, PASS, FAIL)
    page = at_desk(browse(mia), call)
    keys(page, "c", "p")
    page.keyboard.type(NASTY)
    page.get_by_label("Comment on the call").fill("Half done")
    page.reload()
    settled(page)
    expect(page.get_by_text("What you had entered is here again.")).to_be_visible()
    expect(page.get_by_label("Say why you changed it")).to_have_value(NASTY)
    with db.writing() as session:
        other = identity(session, person(session, Role.OWNER))
    close(other, call, PASS, FAIL)
    page.get_by_role("button", name="Close and next").click()
    expect(page.get_by_text("closed this review before you")).to_be_visible()
    page.get_by_role("button", name="Open the review again").click()
    expect(page.get_by_label("Comment on the call")).to_have_value("Half done")
    page.get_by_role("button", name="Close review", exact=True).click()
    expect(page.get_by_text("Review closed", exact=True)).to_be_visible()
    expect(page.get_by_text(NASTY, exact=True)).to_be_visible()
    assert (page.title() != "hacked", page.locator(".tv-review img, .tv-review a").count()) == (True, 0)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('tv-review:')).length") == 0


def test_an_agents_dispute_opens_the_review_again_and_its_answer_comes_back(browse, support, mia):
    with db.writing() as session:
        ada = agent(session, "Ada")
        adam = person(session, Role.AGENT, agent_id=ada.id)
        other = person(session, Role.OWNER)
    call = judged(support, FAIL, agent_id=ada.id, filename="one.wav")
    with db.reading() as session:
        close(identity(session, other), call, FAIL)
    page = browse(adam)
    page.goto(f"/call?id={call.id}")
    settled(page).get_by_role("button", name="Dispute a check").click()
    page.get_by_label("What did it get wrong?").fill(NASTY)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".tv-states")).to_contain_text("Waits for review")
    expect(page.locator(".tv-states")).to_contain_text(NASTY)
    assert now(call).review is ReviewState.OPEN

    desk = browse(mia)
    desk.goto("/review")
    settled(desk).get_by_role("link", name="one.wav").click()
    expect(desk.locator(".tv-dispute")).to_contain_text(NASTY)
    keys(settled(desk), "p")
    desk.keyboard.type("You are right")
    desk.get_by_role("button", name="Close review", exact=True).click()
    expect(desk.get_by_text("Review closed", exact=True)).to_be_visible()
    page.reload()
    expect(page.locator(".tv-states")).to_contain_text("Answered: changed to pass. You are right")


@pytest.mark.parametrize("width", [390, 1280])
def test_queue_and_desk_fit_the_window_and_the_menu_leads_back_to_the_queue(browse, support, mia, width):
    call = judged(support, PASS, FAIL, filename="x" * 200 + ".wav")
    page = browse(mia, viewport={"width": width, "height": 844})
    page.goto("/review")
    settled(page)
    assert fits(page)
    page.locator(".tv-table tbody tr").click()
    expect(page).to_have_url(re.compile(f"id={call.id}"))
    expect(page.locator(".tv-review")).to_be_visible()
    assert fits(page)
    if width > 1000:
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Review").click()
    else:
        page.go_back()
    expect(page.get_by_role("heading", name="Review", exact=True)).to_be_visible()
    expect(page.locator(".tv-table")).to_be_visible()
