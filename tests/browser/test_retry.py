"""A call that one provider could not transcribe, sent to the other by whoever looks at it in Chromium."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from records import db
from records.calls import Call
from records.people import User
from records.roles import Role
from records.statuses import CallStatus
from tests.browser.conftest import settled
from tests.conftest import EVERYTHING_ON, MADE_BY, OURS
from tests.installation import installed, until
from tests.realparts import Providers, campaigns, providers, take_in, versions
from tests.records.made import person
from tests.website import Website, website

UNREADABLE = "Transcoding failed. File type is audio/x-wav."


@pytest.fixture
def home(_empty_home: Path, request: pytest.FixtureRequest) -> Path:
    """Its own, and not the web process's that most tests share: that one has no provider's key."""
    request.getfixturevalue(MADE_BY[EVERYTHING_ON])
    return _empty_home


@pytest.fixture
def vendors(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Providers]:
    """Three providers, of whom AssemblyAI can read no recording, and workers that know their keys."""
    with providers(monkeypatch) as three, installed(home) as running:
        three.assemblyai.fails_with = UNREADABLE
        running.workers()
        yield three


@pytest.fixture
def site(home: Path, vendors: Providers) -> Iterator[Website]:
    with website(home, **{name: value for name, value in os.environ.items() if name.startswith(OURS)}) as running:
        yield running


@pytest.fixture
def owner(home: Path) -> User:
    with db.writing() as session:
        return person(session, Role.OWNER)


def status_of(call: Call) -> CallStatus:
    with db.reading() as session:
        return session.get_one(Call, call.id).status


def test_a_call_that_failed_is_retried_with_the_other_provider(browse, owner, vendors):
    campaigns()
    call = take_in("assemblyai")
    until(lambda: status_of(call) is CallStatus.FAILED, "AssemblyAI has refused it")
    page = browse(owner)
    page.goto(f"/call?id={call.id}")
    heading = page.locator(".tv-heading")
    expect(heading.get_by_text("Failed", exact=True)).to_be_visible()
    expect(heading).to_contain_text(f"AssemblyAI cannot transcribe this recording: {UNREADABLE}")
    expect(heading).to_contain_text("Try Rerun Transcription, with another transcriber where there is one.")
    settled(page).get_by_label("Transcriber for a rerun").click()
    page.get_by_role("option", name="Deepgram").click()
    settled(page).get_by_role("button", name="Rerun Transcription").click()
    expect(page.get_by_text("On its way. This page follows it.")).to_be_visible()
    expect(heading.get_by_text("Completed", exact=True)).to_be_visible()
    expect(heading.get_by_text("Failed", exact=True)).to_be_hidden()
    expect(page.locator(".tv-line").first).to_contain_text("Thank you for calling Acme, my name is Anna.")
    settled(page).get_by_text("Details", exact=True).click()
    expect(page.get_by_text("Deepgram nova-3")).to_be_visible()
    assert [(version.number, version.transcriber) for version in versions(call)] == [(1, "deepgram")]
    assert (vendors.assemblyai.paid, len(vendors.deepgram.paid)) == ([], 1)
