"""The list and the page of a call, as Chromium draws them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from pipeline.storage import recording_key, storage
from records import db
from records.calls import Call
from records.people import User
from records.roles import Role
from records.statuses import CallStatus
from tests.audio import encode, speech
from tests.browser.conftest import fits, settled, until
from tests.records.finished import finished_call
from tests.records.made import person, stored_call, stored_campaign

NASTY = "<img src=x onerror=document.title='hacked'> **bold** :smile: $x$ [a](http://evil.test).wav"
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def owner(home) -> User:
    with db.writing() as session:
        return person(session, Role.OWNER)


@pytest.fixture
def campaign(home):
    with db.writing() as session:
        return stored_campaign(session, "Support")


def store_sound(call: Call) -> None:
    samples, rate, _ = speech()
    with storage().write(recording_key(call.id)) as sink:
        sink.write(encode(samples[:, : rate * 15], rate, "wav"))


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    return settled(page)


def test_a_name_that_is_html_and_markdown_stays_text(browse, owner, campaign):
    with db.writing() as session:
        call = finished_call(session, campaign, filename=NASTY)
    page = opened(browse(owner), "/calls")
    link = page.get_by_role("link", name=NASTY, exact=True)
    expect(link).to_have_text(NASTY)
    link.click()
    expect(page.get_by_role("heading", name=NASTY, exact=True)).to_have_text(NASTY)
    assert call.id in page.url
    assert page.title() != "hacked"
    assert page.locator("img[src=x]").count() == 0


def test_a_status_changes_before_ones_eyes(browse, owner, campaign):
    with db.writing() as session:
        call = stored_call(session, campaign, filename="live.wav")
    page = opened(browse(owner), "/calls")
    row = page.get_by_role("row", name=re.compile("live.wav"))
    expect(row).to_contain_text("Pending")
    for status, word in ((CallStatus.TRANSCRIBING, "Transcribing"), (CallStatus.COMPLETED, "Completed")):
        with db.writing() as session:
            session.get_one(Call, call.id).status = status
        expect(row).to_contain_text(word)


def test_the_page_of_a_call_follows_it_to_its_end(browse, owner, campaign):
    with db.writing() as session:
        call = stored_call(session, campaign, status=CallStatus.TRANSCRIBING)
    page = opened(browse(owner), f"/call?id={call.id}")
    expect(page.get_by_text("The transcript appears here when it is ready.")).to_be_visible()
    with db.writing() as session:
        row = session.get_one(Call, call.id)
        row.status, row.error = CallStatus.FAILED, "It ends after 3 s of 120 s."
    expect(page.get_by_text("It ends after 3 s of 120 s.")).to_be_visible()


@pytest.mark.long
def test_a_new_call_appears_in_an_empty_list_by_itself(browse, owner, campaign):
    page = opened(browse(owner), "/calls")
    expect(page.get_by_text("totalview process FILE")).to_be_visible()
    with db.writing() as session:
        stored_call(session, campaign, filename="new.wav")
    expect(page.get_by_text("new.wav")).to_be_visible()


def test_filters_narrow_stay_in_the_address_and_come_back(browse, owner, campaign):
    with db.writing() as session:
        for n, status in enumerate((CallStatus.COMPLETED, CallStatus.FAILED, CallStatus.FAILED)):
            stored_call(session, campaign, filename=f"{n}.wav", status=status, created_at=NOON - timedelta(hours=n))
    page = opened(browse(owner), "/calls")
    page.locator(".st-key-status").get_by_role("combobox").click()
    page.get_by_role("option", name="Failed").click()
    expect(page.get_by_text("2 calls")).to_be_visible()
    assert page.url.endswith("/calls?status=failed")
    page.keyboard.press("Escape")
    page.get_by_text("1.wav").click()
    expect(page.get_by_role("heading", name="1.wav")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("2 calls")).to_be_visible()
    assert "status=failed" in page.url


def test_a_row_can_be_opened_by_keyboard_and_in_a_new_tab(browse, owner, campaign):
    with db.writing() as session:
        call = finished_call(session, campaign, filename="a.wav")
    page = opened(browse(owner), "/calls")
    link = page.get_by_role("link", name="a.wav")
    assert (link.get_attribute("href") or "").endswith(f"/call?id={call.id}")
    with page.context.expect_page() as tab:
        link.click(modifiers=["ControlOrMeta"])
    expect(tab.value.get_by_role("heading", name="a.wav")).to_be_visible()
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="a.wav")).to_be_visible()


def test_a_turn_and_a_piece_of_evidence_play_the_recording_from_there(browse, owner, campaign):
    with db.writing() as session:
        call = finished_call(session, campaign)
    store_sound(call)
    page = opened(browse(owner), f"/call?id={call.id}")
    until(page, "document.querySelector('audio')?.readyState > 0")
    page.get_by_role("button", name=re.compile("I am sorry to hear that")).click()
    until(page, "document.querySelector('audio').currentTime >= 9.5")
    expect(page.locator("[aria-current]")).to_contain_text("I am sorry to hear that")
    page.get_by_role("button", name=re.compile("Listen|Thank you for calling$")).last.click()
    until(page, "document.querySelector('audio').currentTime < 5")


def test_a_recording_that_cannot_be_played_says_so_and_can_be_saved(browse, owner, campaign):
    with db.writing() as session:
        call = finished_call(session, campaign)
    with storage().write(recording_key(call.id)) as sink:
        sink.write(b"no sound at all" * 100)
    page = opened(browse(owner), f"/call?id={call.id}")
    expect(page.get_by_text("This recording cannot be played here")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download the recording").click()
    assert saved.value.suggested_filename == call.filename


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_and_wear_the_themes_colours(browse, owner, campaign, width, scheme):
    with db.writing() as session:
        call = finished_call(session, campaign, filename="x" * 255 + ".wav", flagged=True)
    page = browse(owner, viewport={"width": width, "height": 844}, color_scheme=scheme)
    for address in ("/calls", f"/call?id={call.id}"):
        opened(page, address)
        assert fits(page), address
    background = page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(11, 18, 32)"}[scheme]


def test_a_filter_behind_the_row_is_set_by_keyboard_and_taken_off_by_its_chip(browse, owner, campaign):
    with db.writing() as session:
        for name, score in (("good.wav", 90.0), ("bad.wav", 40.0)):
            finished_call(session, campaign, filename=name, score=score)
    page = opened(browse(owner), "/calls")
    page.get_by_role("button", name="More filters").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Score at least", exact=True).fill("50")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 call", exact=True)).to_be_attached()
    assert page.url.endswith("/calls?score_from=50")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="More filters (1)")).to_be_visible()
    page.get_by_role("button", name="Score at least 50").click()
    expect(page.get_by_text("2 calls", exact=True)).to_be_visible()
    assert page.url.endswith("/calls")
