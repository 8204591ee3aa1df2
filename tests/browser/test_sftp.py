"""The pages of SFTP as Chromium draws them: followed, opened file by file, narrowed, and left as they were found."""

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, select

from records import db
from records.campaigns import Campaign
from records.people import User
from records.roles import Role
from records.sftp import SftpBatch, SftpFile
from records.sftp_moves import move_batch, move_files
from records.statuses import SftpBatchStatus, SftpFileStatus
from tests.browser.conftest import fits, settled
from tests.pages.sftp import NASTY
from tests.records.made import person, stored_call, stored_campaign
from tests.records.sftp_made import stored_batch, stored_file, stored_folder

B, F = SftpBatchStatus, SftpFileStatus
LONG = f"support/{'11_4_2025 ' * 24}.wav"


@pytest.fixture
def owner(home) -> User:
    with db.writing() as session:
        return person(session, Role.OWNER)


@pytest.fixture
def batch(home) -> SftpBatch:
    """One file is imported, one waits, one failed; names as hostile as they come."""
    with db.writing() as session:
        support = stored_campaign(session, "Support")
        stored_folder(session, support)
        batch = stored_batch(session, support, B.PROCESSING)
        call = stored_call(session, support, filename="done.wav")
        stored_file(session, support, F.COMPLETED, "support/done.wav", batch, call_id=call.id)
        stored_file(session, support, F.MATCHED, LONG, batch)
        reason = "The server broke off in the middle of the file."
        stored_file(session, support, F.FAILED, f"support/{NASTY}", batch, code="cut_off", reason=reason)
        return batch


def end(session: Session, batch: SftpBatch) -> None:
    """What waits is imported, and the batch is over."""
    number = batch.id or 0
    waiting = session.exec(select(SftpFile.id).where(SftpFile.batch_id == number, SftpFile.status == F.MATCHED))
    move_files(session, [each or 0 for each in waiting], F.MATCHED, F.COMPLETED)
    move_batch(session, number, B.PROCESSING, B.INCOMPLETE, words="1 failed.", ended_at=db.now(), closed_at=db.now())


def test_a_batch_is_followed_and_a_file_stays_open_meanwhile(browse, owner, batch):
    page = browse(owner)
    page.goto("/sftp_batches")
    page.get_by_role("link", name="Support", exact=True).click()
    expect(page.get_by_text("2 of 3 files done")).to_be_visible()
    page.get_by_role("link", name=NASTY.split("**")[0]).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The server broke off in the middle of the file.")).to_be_visible()
    assert "file=" in page.url
    with db.writing() as session:
        end(session, batch)
    expect(page.get_by_text("3 of 3 files done")).to_be_visible()  # by itself
    expect(dialog.get_by_role("button", name="Retry")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.wait_for_url(lambda url: "file=" not in url)
    expect(page.locator(".tv-heading").get_by_text("Incomplete")).to_be_visible()


def test_numbers_narrow_calls_open_and_the_menu_leads_back(browse, owner, batch):
    page = browse(owner)
    page.goto(f"/sftp_batches?id={batch.id}")
    page.get_by_role("link", name="Failed 1").click()
    expect(page.locator(".tv-table tbody tr")).to_have_count(1)
    assert "status=failed" in page.url
    page.goto(f"/sftp_batches?id={batch.id}&status=completed")
    page.get_by_role("link", name="Open", exact=True).click()
    expect(page.get_by_role("heading", name="done.wav")).to_be_visible()
    page.goto(f"/sftp_batches?id={batch.id}")
    expect(page.get_by_role("heading", name="Batch")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="SFTP").click()
    expect(page.get_by_role("heading", name="SFTP", exact=True)).to_be_visible()
    assert "id=" not in page.url


@pytest.mark.parametrize("address", ["?status=failed", "?show=files&q=nowhere"])
def test_filters_that_leave_nothing_are_cleared_from_where_that_is_said(browse, owner, batch, address):
    page = browse(owner)
    page.goto(f"/sftp_batches{address}")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_role("button", name="Clear filters")).to_have_count(0)
    expect(page.locator(".tv-table tbody tr").first).to_be_visible()


def test_from_a_batch_to_the_one_of_its_late_files(browse, owner, batch):
    with db.writing() as session:
        support = session.get_one(Campaign, batch.campaign_id)
        late = stored_batch(session, support, B.COMPLETED, after_id=batch.id)
    page = browse(owner)
    page.goto(f"/sftp_batches?id={batch.id}&status=failed")
    page.get_by_role("link", name=f"What came late is batch {late.id}").click()
    expect(page.get_by_role("heading", name=f"Batch {late.id}")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_every_part_fits_a_phone(browse, owner, batch, theme):
    page = browse(owner, viewport={"width": 390, "height": 800}, color_scheme=theme)
    with db.writing() as session:
        stored_file(session, None, F.SKIPPED, LONG.replace("support", "nobodys/" * 10), code="unclaimed")
    for address in (
        "/sftp_batches",
        "/sftp_batches?show=files",
        "/sftp_batches?show=unclaimed",
        f"/sftp_batches?id={batch.id}",
        "/campaign?id=support&tab=sftp",
    ):
        page.goto(address)
        settled(page)
        assert fits(page), address
