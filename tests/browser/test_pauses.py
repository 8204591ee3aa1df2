"""The banner of paused providers and the signs of waiting, as Chromium draws them."""

import re

import pytest
from playwright.sync_api import expect

from records import db, outages
from records.people import User
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, RunReason
from tests.browser.conftest import fits, settled
from tests.records.made import person, stored_call, stored_campaign

NASTY = "<img src=x onerror=document.title='hacked'> **bold** [a](http://evil.test) " + "x" * 300
WAITS = "Deepgram refuses the key."


@pytest.fixture
def owner(home) -> User:
    with db.writing() as session:
        return person(session, Role.OWNER)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_providers_words_are_text_and_fit(browse, owner, width):
    with db.writing() as session:
        outages.pause(session, "deepgram", NASTY, seconds=60)
    page = browse(owner, viewport={"width": width, "height": 844})
    page.goto("/calls")
    banner = settled(page).locator(".tv-banner")
    expect(banner).to_contain_text("Deepgram has been paused since")
    expect(banner.get_by_text(NASTY, exact=True)).to_be_visible()
    assert (banner.locator("img, a, strong").count(), page.title() == "hacked") == (0, False)
    assert fits(page)


def test_what_holds_a_call_up_is_said_in_the_list_and_on_its_page(browse, owner):
    with db.writing() as session:
        call = stored_call(
            session, stored_campaign(session, "Support"), filename="held.wav", status=CallStatus.TRANSCRIBING
        )
        session.add(
            Run(call_id=call.id, number=1, reason=RunReason.FIRST_RUN, stage="transcription", waiting_for=WAITS)
        )
    page = browse(owner)
    page.goto("/calls")
    row = settled(page).get_by_role("row", name=re.compile("held.wav"))
    expect(row.get_by_title(WAITS)).to_be_visible()
    row.get_by_role("link").click()
    expect(page.get_by_text("This call waits")).to_be_visible()
    expect(page.get_by_text(WAITS)).to_be_visible()
