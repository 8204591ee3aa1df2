"""Uploads that take their time: to the end of the pipeline, and over a server that is killed."""

import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from records import db, sessions
from records.access import COMMAND_LINE
from records.campaigns import create
from records.migrate import upgrade
from records.people import User
from records.roles import Role
from tests.audio import encode, noise, speech
from tests.browser import uploading
from tests.browser.conftest import PATIENCE_MS, settled
from tests.browser.uploading import calls, choose, choose_folder, states, under_way, upload
from tests.commands.test_up import Up
from tests.ports import free_port
from tests.records.made import person
from tests.website import Website, website

GOOD, MEGABYTES = 57, 100

pytestmark = pytest.mark.long


def signed_in(chromium: Browser, owner: User, address: str) -> Page:
    context = chromium.new_context(base_url=address, timezone_id="UTC")
    context.set_default_timeout(PATIENCE_MS)
    with db.writing() as session:
        context.add_cookies([{"name": "tv_session", "value": sessions.start(session, owner), "url": address}])
    return context.new_page()


@pytest.mark.timeout(900)  # it waits for the recogniser, which shares its cores with other tests
def test_a_folder_of_sixty_with_three_bad_ones_is_judged_to_the_end(chromium, nothing_set_up, tmp_path):
    running = Up(nothing_set_up, "--no-sample")
    try:
        with db.writing() as session:
            create(session, COMMAND_LINE, "Support")
            owner = person(session, Role.OWNER)
        folder = tmp_path / "March"
        uploading.bad_files(folder)
        said, rate, _ = speech()
        for number in range(GOOD):
            hiss = noise(2, rate=rate, loud=20, seed=number)
            (folder / f"call-{number:02}.wav").write_bytes(encode(said[:, : rate * 2] + hiss, rate, "wav"))
        page = signed_in(chromium, owner, f"http://127.0.0.1:{running.port}")
        uploading.upload_page(page)
        choose_folder(page, folder)
        upload(page)
        assert states(page, minutes=5) == ["done"] * GOOD + ["refused"] * 3
        page.get_by_role("link", name="Follow the bulk job").click()
        expect(page.get_by_text(f"{GOOD + 2} of {GOOD + 2} done")).to_be_visible(timeout=600_000)
        expect(page.get_by_role("link", name=f"Completed {GOOD}")).to_be_visible()
        expect(page.locator(".tv-heading").get_by_text("Failed")).to_be_visible()  # two were not taken in
        page.context.close()
    finally:
        running.end()


@pytest.fixture
def start(nothing_set_up: Path) -> Iterator[Callable[[], Website]]:
    """`start()`: the server, on the same port each time."""
    upgrade()
    port = str(free_port())
    with ExitStack() as stack:
        yield lambda: stack.enter_context(website(nothing_set_up, TOTALVIEW_PORT=port))


def test_a_large_upload_goes_on_after_the_server_was_killed(chromium, start, tmp_path):
    site = start()
    with db.writing() as session:
        create(session, COMMAND_LINE, "Support")
        owner = person(session, Role.OWNER)
    page = signed_in(chromium, owner, site.address)
    uploading.upload_page(page)
    file, began = uploading.large(tmp_path, MEGABYTES), uploading.offsets(page)
    uploading.slow_down(page, 12)
    choose(page, file)
    upload(page)
    under_way(page, 80)  # the first 64 MB are one request
    os.kill(site.process.pid, signal.SIGKILL)
    site.process.wait()
    expect(page.get_by_text("No answer; trying again")).to_be_visible()
    start()
    assert states(page, minutes=5) == ["done"]
    settled(page)
    assert began[0] == 0 < began[-1]
    assert [call.sha256 for call in calls()] == [hashlib.sha256(file.read_bytes()).hexdigest()]
    page.context.close()
