"""The page of one call, by mouse and keyboard in Chromium: hearing, searching, comparing, saving, deleting."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import update

from pipeline.storage import recording_key, storage
from records import db
from records.calls import Call
from records.people import User
from records.results import StoredTranscript
from records.roles import Role
from records.runs import Run
from records.statuses import RunReason, Verdict
from tests.audio import encode, speech
from tests.browser.conftest import fits, settled, until
from tests.installation import installed
from tests.pages.one_call import NASTY
from tests.records.finished import TURNS, add_version, finished_call, greeting, transcript
from tests.records.made import agent, person, stored_campaign

SORRY = {"turn": 2, "quote": "I am sorry to hear that", "start_ms": 9_500, "speaker": "agent"}
AT = "document.querySelector('audio').currentTime"


@pytest.fixture
def campaign(home):
    with db.writing() as session:
        return stored_campaign(session, "Support")


@pytest.fixture
def owner(home) -> User:
    with db.writing() as session:
        return person(session, Role.OWNER)


@pytest.fixture
def call(campaign) -> Call:
    """A call of two versions that can be heard; the second has evidence late in the call."""
    with db.writing() as session:
        made = finished_call(session, campaign, filename="heard.wav")
        said = transcript(*((who, at, text.replace("line is dead", f"line is {NASTY}")) for who, at, text in TURNS))
        apology = greeting(name="Apology", verdict=Verdict.FAIL, evidence=[SORRY], reason=NASTY)
        facts = {"checks": (apology,), "content": said, "score": 40.0, "flagged": True}
        reasons = [{"code": "threshold", "words": NASTY}]
        add_version(session, made, reason=RunReason.RUN_ANALYSIS, flag_reasons=reasons, **facts)
    samples, rate, _ = speech()
    with storage().write(recording_key(made.id)) as sink:
        sink.write(encode(samples[:, : rate * 15], rate, "wav"))
    return made


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    settled(page)
    until(page, "!document.querySelector('audio') || document.querySelector('audio').readyState > 0")
    return page


def test_evidence_moves_the_player_to_its_second_and_marks_the_turn(browse, owner, call):
    page = opened(browse(owner), f"/call?id={call.id}")
    page.locator(".tv-quote", has_text="I am sorry to hear that").click()
    until(page, f"{AT} >= 9.5 && {AT} < 12")
    expect(page.locator(".tv-line[aria-current]")).to_contain_text("I am sorry to hear that")
    assert page.evaluate("document.querySelector('audio').paused") is False


def test_a_click_along_the_call_plays_from_there(browse, owner, call):
    page = opened(browse(owner), f"/call?id={call.id}")
    box = page.locator(".tv-lane-track").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2)
    until(page, f"{AT} > 5.5 && {AT} < 8")
    expect(page.locator(".tv-line[aria-current]")).to_contain_text("Hello, my line")
    assert page.locator(".tv-lane-name").all_text_contents() == ["Agent", "Customer", "Silence"]


def test_the_transcript_is_searched_and_walked_through_by_keyboard(browse, owner, call):
    page = opened(browse(owner), f"/call?id={call.id}")
    page.get_by_label("Search this transcript").fill("is")
    expect(page.get_by_role("status").filter(has_text=re.compile("of"))).to_have_text("1 of 3")
    page.keyboard.press("Enter")
    expect(page.locator(".tv-hit-now")).to_have_text("is")
    expect(page.locator(".tv-search-count")).to_have_text("2 of 3")
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".tv-search-count")).to_have_text("1 of 3")
    page.get_by_label("Search this transcript").fill("<IMG  src=x")
    expect(page.locator(".tv-search-count")).to_have_text("1 of 1")
    assert page.locator("img[src=x]").count() == 0
    page.get_by_label("Search this transcript").fill("[(.*")
    expect(page.locator(".tv-search-count")).to_have_text("Not found")
    page.keyboard.press("Escape")
    expect(page.locator(".tv-hit")).to_have_count(0)
    expect(page.locator(".tv-line").nth(1)).to_contain_text(NASTY)


def test_arrows_enter_and_space_work_in_the_transcript(browse, owner, call):
    page = opened(browse(owner), f"/call?id={call.id}")
    page.locator(".tv-line").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tv-line").nth(2)).to_be_focused()
    page.keyboard.press("Enter")
    until(page, f"{AT} >= 9.5")
    page.keyboard.press("Space")
    until(page, "document.querySelector('audio').paused")
    page.keyboard.press("ArrowLeft")
    until(page, f"{AT} < 8")
    page.keyboard.press("Space")
    until(page, "!document.querySelector('audio').paused")
    assert page.locator(".tv-line[tabindex='0']").count() == 1


@pytest.mark.parametrize(("asked", "at"), [("t=8", 8.0), ("turn=3", 9.5)])
@pytest.mark.long
def test_a_link_may_name_the_moment(browse, owner, call, asked, at):
    page = opened(browse(owner), f"/call?id={call.id}&{asked}")
    until(page, f"Math.abs({AT} - {at}) < 0.1")
    expect(page.locator(".tv-line[aria-current]")).to_contain_text(TURNS[2][2] if at > 9 else "Hello, my line")


def test_where_the_recording_is_redacted_a_click_shows_the_turn(browse, owner, call, campaign):
    with db.writing() as session:
        session.get_one(type(campaign), campaign.id).redact = True
        session.execute(update(StoredTranscript).values(redacted=True))
    page = opened(browse(owner), f"/call?id={call.id}")
    assert page.locator("audio").count() == 0
    page.locator(".tv-quote", has_text="I am sorry to hear that").click()
    expect(page.locator(".tv-line[aria-current]")).to_contain_text("I am sorry to hear that")


def test_two_versions_are_compared_and_the_comparison_has_an_address(browse, owner, call):
    page = opened(browse(owner), f"/call?id={call.id}")
    page.get_by_label("Compare with").click()
    page.get_by_role("option", name=re.compile("Version 1")).click()
    expect(page.get_by_text("Compared", exact=True)).to_be_visible()
    expect(page.locator(".tv-come").first).to_contain_text(NASTY)
    page.wait_for_url(re.compile("compare=1"))
    opened(page, page.url)
    expect(page.locator(".tv-compared-head")).to_contain_text("Version 1")
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.long
def test_all_of_it_can_be_saved(browse, owner, call, tmp_path: Path):
    page = opened(browse(owner), f"/call?id={call.id}")
    page.get_by_role("button", name="Download").click()
    for label, name in (("Recording", "heard.wav"), ("Transcript, text", "heard v2.txt"), ("JSON", "heard v2.json")):
        with page.expect_download() as saving:
            page.get_by_role("link", name=label).click()
        assert saving.value.suggested_filename == name
        saving.value.save_as(tmp_path / name)
    assert "Customer: Hello, my line" in (tmp_path / "heard v2.txt").read_text()
    whole = json.loads((tmp_path / "heard v2.json").read_text())
    assert (whole["id"], whole["version"]["number"], len(whole["transcript"])) == (call.id, 2, 3)


def test_an_owner_deletes_a_call_and_sees_the_receipt(browse, owner, call):
    page = opened(browse(owner), f"/call?id={call.id}")
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete this call").or_(page.get_by_text("Delete this call")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Type")
    dialog.get_by_label(re.compile("Type")).fill("delete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This call was deleted")).to_be_visible()
    expect(page.get_by_text("2 versions, 2 transcripts")).to_be_visible()
    with db.reading() as session:
        assert session.get(Call, call.id) is None


def test_an_agent_sees_the_own_call_alone_by_its_address(browse, call, campaign):
    with db.writing() as session:
        ada = agent(session, "Ada")
        session.get_one(Call, call.id).agent_id = ada.id
        adam, other = (person(session, Role.AGENT, agent_id=number) for number in (ada.id, None))
    page = opened(browse(adam), f"/call?id={call.id}")
    expect(page.get_by_role("heading", name="heard.wav")).to_be_visible()
    assert page.get_by_role("button", name=re.compile("Rerun|Run Analysis|agent|More")).count() == 0
    page = opened(browse(other), f"/call?id={call.id}")
    expect(page.get_by_role("heading", name="There is no such call")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_comparison_fits(browse, owner, call, width):
    page = opened(browse(owner, viewport={"width": width, "height": 844}), f"/call?id={call.id}&compare=1")
    expect(page.locator(".tv-compared-head")).to_be_visible()
    assert fits(page)


@pytest.mark.long
def test_a_rerun_keeps_the_first_version_and_both_can_be_seen(browse, owner, call, home):
    with db.writing() as session:
        session.get_one(Call, call.id).run_number = 2
        session.get_one(Run, 2).transcript_id = 2
    with installed(home) as running:
        running.workers()
        page = opened(browse(owner), f"/call?id={call.id}")
        page.get_by_role("button", name="Rerun Transcription").click()
        expect(page.get_by_text("Pending").or_(page.get_by_text("Transcribing")).first).to_be_visible()
        expect(page.get_by_label("Version")).to_have_value(
            re.compile("Version 3 · Rerun transcription"), timeout=120_000
        )
    page.get_by_label("Version", exact=True).click()
    page.get_by_role("option", name=re.compile("Version 1")).click()
    expect(page.locator(".tv-line").first).to_contain_text("Thank you for calling, this is Ada.")
    page.wait_for_url(re.compile("version=1"))
