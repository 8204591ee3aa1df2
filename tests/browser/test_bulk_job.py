"""A bulk job's page as Chromium draws it: followed, called off, and led from to its calls."""

import pytest
from playwright.sync_api import expect

from pipeline import runs
from records import bulk, db
from records.access import COMMAND_LINE
from records.bulk import BulkJob
from records.people import User
from records.roles import Role
from records.statuses import CallStatus, RunReason
from tests.browser.conftest import fits, settled
from tests.records.made import person, stored_call, stored_campaign


@pytest.fixture
def owner(home) -> User:
    with db.writing() as session:
        return person(session, Role.OWNER)


@pytest.fixture
def job(home) -> BulkJob:
    """Three of four recordings have come: one is done, two wait."""
    with db.writing() as session:
        support = stored_campaign(session, "Support")
        job = bulk.create(session, COMMAND_LINE, support.slug, expected=4, name="March")
        for status in (CallStatus.COMPLETED, CallStatus.PENDING, CallStatus.PENDING):
            call = stored_call(session, support, status=status)
            runs.begin(session, call, RunReason.FIRST_RUN, by="a test")
            bulk.note_call(session, job.id or 0, call.filename, call.id, duplicate=False)
        return job


def test_the_tracker_leads_to_the_job_which_follows_what_comes_and_can_be_called_off(browse, owner, job):
    page = browse(owner)
    page.goto("/")
    page.get_by_role("link", name="March").click()
    expect(page.get_by_text("1 of 4 done")).to_be_visible()
    with db.writing() as session:
        bulk.note_refusal(session, job.id or 0, "notes.txt", "not_audio", "This file is not a recording.")
    expect(page.get_by_text("2 of 4 done")).to_be_visible()  # by itself
    page.get_by_role("button", name="Cancel what has not begun").click()
    expect(page.get_by_text("2 recordings waiting to be processed")).to_be_visible()
    page.get_by_role("button", name="Cancel them").click()
    expect(page.locator(".tv-heading").get_by_text("Cancelled by")).to_be_visible()
    expect(page.get_by_text("What had not begun is cancelled.")).to_be_visible()
    page.get_by_role("button", name="Retry these 2").click()
    expect(page.get_by_text("2 recordings are on the way again.")).to_be_visible()
    page.get_by_role("link", name="Pending 2").click()
    expect(page.get_by_text("2 calls", exact=True)).to_be_visible()
    assert f"bulk_job={job.id}" in page.url
    page.go_back()
    expect(page.get_by_role("heading", name="March")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_list_and_a_job_fit_a_phone(browse, owner, job, theme):
    page = browse(owner, viewport={"width": 390, "height": 800}, color_scheme=theme)
    page.goto("/bulk_jobs")
    settled(page)
    assert fits(page)
    page.get_by_role("link", name="March").click()
    expect(page.get_by_text("1 of 4 done")).to_be_visible()
    assert fits(page)
