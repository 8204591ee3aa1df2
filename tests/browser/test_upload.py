"""Uploading by the dashboard, as Chromium does it: folders, bad files, lines that break, second thoughts."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from records import db
from records.people import User
from records.roles import Role
from records.statuses import Source
from tests.browser import uploading
from tests.browser.conftest import fits, settled, until
from tests.browser.uploading import NASTY, calls, choose, choose_folder, jobs, recordings, states, under_way, upload
from tests.records.made import person, stored_campaign


@pytest.fixture
def owner(home) -> User:
    with db.writing() as session:
        stored_campaign(session, "Support")
        stored_campaign(session, "Sales")
        return person(session, Role.OWNER)


@pytest.fixture
def page(browse, owner) -> Page:
    return uploading.upload_page(browse(owner))


def test_a_folder_is_taken_in_but_for_what_is_no_recording(page, tmp_path):
    folder = tmp_path / "March"
    recordings(folder, 4)
    recordings(folder / "late", 2, first=10)
    uploading.bad_files(folder)
    choose_folder(page, folder)
    expect(page.get_by_text("8 ready")).to_be_visible()  # the empty one is refused at once, the system's is left out
    upload(page)
    assert states(page) == ["done"] * 6 + ["refused"] * 3
    expect(page.get_by_text("This file is empty (0 bytes).")).to_be_visible()
    expect(page.locator(".tv-file-name").filter(has_text="onerror")).to_have_text(f"March/{NASTY}")
    expect(page.get_by_text("6 recordings are in.")).to_be_visible()
    (job,) = jobs()
    assert (job.name, job.expected) == ("March", 8)
    assert {call.source for call in calls()} == {Source.BULK_JOB}
    page.get_by_role("link", name="Follow the bulk job").click()
    expect(page.get_by_text("2 of 8 done")).to_be_visible()
    expect(page.get_by_role("link", name="Pending 6")).to_be_visible()
    expect(page.locator(".tv-cause").filter(has_text="onerror")).to_contain_text(NASTY)
    assert page.title() != "hacked"
    assert fits(page)


def test_the_same_folder_again_is_already_here(page, tmp_path):
    files = recordings(tmp_path, 2)
    for expected in ("done", "here"):
        choose(page, *files)
        choose(page, *files)  # chosen twice is chosen once
        upload(page)
        assert states(page) == [expected] * 2
        page.get_by_role("button", name="Clear the list").click()
    assert len(calls()) == 2


def test_a_single_file_makes_no_bulk_job_and_its_call_opens_in_this_page(page, tmp_path):
    choose(page, *recordings(tmp_path, 1))
    upload(page)
    assert states(page) == ["done"]
    page.get_by_role("link", name="Open the call of call-000.wav").click()
    expect(page.get_by_role("heading", name="call-000.wav")).to_be_visible()
    assert page.evaluate("tvUploads.items.length") == 1  # the window stayed
    assert (jobs(), calls()[0].source) == ([], Source.UI)


def test_a_line_that_breaks_goes_on_where_it_stopped(browse, owner, site, tmp_path):
    line, page = uploading.Line(site.address), browse(owner)
    uploading.upload_page(page, address=line.address)
    file, began = uploading.large(tmp_path, 12), uploading.offsets(page)
    uploading.slow_down(page)
    choose(page, file)
    upload(page)
    under_way(page, 30)
    line.cut()
    expect(page.get_by_text("No answer; trying again")).to_be_visible()
    line.mend()
    assert states(page) == ["done"]
    line.end()
    assert began[0] == 0 < began[-1]
    assert [call.sha256 for call in calls()] == [hashlib.sha256(file.read_bytes()).hexdigest()]


def test_after_a_reload_the_same_file_goes_on_where_it_stopped(page, tmp_path):
    file, began = uploading.large(tmp_path, 12), uploading.offsets(page)
    page.on("dialog", lambda dialog: dialog.accept())
    uploading.slow_down(page)
    choose(page, file)
    upload(page)
    under_way(page, 40)
    page.reload()
    settled(page)
    expect(page.get_by_text("One upload was interrupted.")).to_be_visible()
    choose(page, file)
    upload(page)
    assert states(page) == ["done"]
    assert began[0] == 0 < began[-1]
    assert [call.sha256 for call in calls()] == [hashlib.sha256(file.read_bytes()).hexdigest()]
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('tv-upload:')).length") == 0


@pytest.mark.long
def test_after_a_reload_the_rest_of_a_batch_goes_on_in_its_own_job(page, tmp_path):
    files = [*recordings(tmp_path, 2), uploading.large(tmp_path, 12)]
    page.on("dialog", lambda dialog: dialog.accept())
    uploading.slow_down(page)
    choose(page, *files)
    upload(page)
    until(page, "tvUploads.items.filter(({ state }) => state === 'done').length === 2")
    page.reload()
    settled(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if "/uploads" in request.url else None)
    choose(page, *files)
    upload(page)
    assert states(page) == ["done", "here", "here"]
    assert "POST" not in sent  # what had come is not sent again
    (job,) = jobs()
    assert (job.expected, len(calls())) == (3, 3)


def test_a_second_click_makes_no_second_job_and_the_campaign_at_that_moment_counts(page, tmp_path):
    choose(page, *recordings(tmp_path, 2))
    page.get_by_label("Campaign").click()
    page.get_by_role("option", name="Sales").click()
    settled(page)
    page.evaluate("for (const _ of [1, 2]) document.querySelector('.tv-go').click()")
    assert states(page) == ["done"] * 2
    (job,) = jobs()
    assert {call.campaign_id for call in calls()} == {job.campaign_id}
    assert "campaign=sales" in page.url


def test_one_is_cancelled_and_then_all_and_the_job_ends(page, tmp_path):
    files = [uploading.large(tmp_path / name, 12) for name in "ab"]
    files[1].write_bytes(files[1].read_bytes()[:-2000] + b"\1" * 2000)
    files[1] = files[1].rename(tmp_path / "other.wav")
    uploading.slow_down(page)
    choose(page, *files)
    upload(page)
    under_way(page)
    page.get_by_role("button", name="Cancel other.wav").click()
    expect(page.locator("[data-state=cancelled]")).to_have_count(1)
    uploading.comes_true(page, lambda: [job.expected for job in jobs()] == [1])
    page.get_by_role("button", name="Cancel all").click()
    assert states(page) == ["cancelled"] * 2
    uploading.comes_true(page, lambda: jobs()[0].cancelled_at is not None)
    assert calls() == []


def test_signed_out_in_the_middle_it_waits_and_goes_on(page, tmp_path):
    choose(page, *recordings(tmp_path, 3))
    signed_in = page.context.cookies()
    page.route("**/api/v1/bulk_jobs*", lambda route: (route.continue_(), page.context.clear_cookies())[0])
    upload(page)
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.context.add_cookies(signed_in)
    page.get_by_role("button", name="Go on", exact=True).or_(page.locator(".tv-go:enabled")).first.click()
    assert states(page) == ["done"] * 3


def test_two_thousand_files_are_two_hundred_rows(page):
    page.evaluate(
        """() => {
          const all = new DataTransfer();
          for (let n = 0; n < 2000; n += 1) all.items.add(new File([`${n}`], `call-${n}.wav`));
          const input = document.querySelector('input[aria-label=Recordings]');
          input.files = all.files;
          input.onchange();
        }"""
    )
    expect(page.get_by_text("2,000 ready")).to_be_visible()
    expect(page.locator(".tv-file")).to_have_count(200)
    expect(page.get_by_text("and 1,800 more")).to_be_visible()
    page.get_by_role("button", name="Remove call-3.wav", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1,999 ready")).to_be_visible()
    assert page.evaluate("document.activeElement.className") == "tv-file-act"  # whoever works by keyboard goes on there


def test_on_a_phone_nothing_sticks_out(browse, owner, tmp_path: Path):
    page = uploading.upload_page(browse(owner, viewport={"width": 390, "height": 800}))
    choose(page, *recordings(tmp_path, 1), *recordings(tmp_path / "x", 1, first=77))
    expect(page.get_by_text("2 ready")).to_be_visible()
    assert fits(page)
