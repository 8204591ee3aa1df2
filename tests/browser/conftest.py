"""A real Chromium before the real web process; nothing can reach anything but this machine."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, expect

from records import db, sessions
from records.people import User
from tests.served import Served, served, served_home
from tests.turns import browsing
from tests.website import Website

__all__ = ["served", "served_home"]  # fixtures made elsewhere

log = logging.getLogger(__name__)
PATIENCE_MS = 60_000
READY = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app?.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && !document.querySelector('[data-testid=stSkeleton]');
}"""
# What a page is at that never settles: whether anything is still on its way, and whether frames are drawn at all.
STANDING = """async () => ({
  app: {...document.querySelector('[data-testid=stApp]')?.dataset}, document: document.readyState,
  skeletons: document.querySelectorAll('[data-testid=stSkeleton]').length,
  last: performance.getEntriesByType('resource').slice(-4).map(each => [each.name, each.responseEnd]),
  drawn: await Promise.race([new Promise(told => requestAnimationFrame(() => told(true))),
                             new Promise(told => setTimeout(() => told(false), 5000))]),
  text: document.body.innerText.slice(0, 1500),
})"""
OFTEN_MS = 100  # by a clock, not by frames: Chromium may draw none of a page that does not change
expect.set_options(timeout=PATIENCE_MS)

Opened = Callable[..., Page]


@pytest.fixture
def home(served_home: Path) -> Path:
    return served_home


@pytest.fixture
def site(served: Served) -> Website:
    return served.site


class Outside:
    """What a browser asked of anywhere but the site, and what its pages complained of."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.failed: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._requested)
        context.on("requestfailed", lambda request: self.failed.append(f"{request.url}: {request.failure}"))
        context.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)

    def _requested(self, request: Request) -> None:
        if not re.match(r"(https?|wss?)://(127\.0\.0\.1|totalview\.test)[:/]|data:|blob:", request.url):
            self.asked.append(request.url)

    @property
    def refused_by_policy(self) -> list[str]:
        return [line for line in self.complaints if "Content Security Policy" in line]

    @property
    def out_of_place(self) -> list[str]:
        """A part of a page came into another: Streamlit's window stays empty after that."""
        return [line for line in self.complaints if "delta path" in line]


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Every browser test ends by looking here."""
    watcher = Outside()
    yield watcher
    # Shown if the test fails.
    log.warning("Requests that failed: %s. Complaints: %s", watcher.failed, watcher.complaints)
    assert watcher.out_of_place == []
    assert watcher.asked == []
    assert watcher.refused_by_policy == []


@pytest.fixture
def browse(chromium: Browser, home: Path, site: Website, outside: Outside) -> Iterator[Opened]:
    """`browse()`: a fresh browser window; `browse(user)`: one that is signed in."""
    contexts = []

    def begin(user: User | None = None, **how: object) -> Page:
        context = chromium.new_context(**{"base_url": site.address, "timezone_id": "UTC", **how})
        context.set_default_timeout(PATIENCE_MS)
        outside.watch(context)
        contexts.append(context)
        if user is not None:
            with db.writing() as session:
                token = sessions.start(session, user)
            context.add_cookies([{"name": "tv_session", "value": token, "url": site.address}])
        return context.new_page()

    with browsing():
        yield begin
        for context in contexts:
            context.close()


def settled(page: Page) -> Page:
    """Wait until the page has been drawn and nothing runs."""
    try:
        until(page, READY)
    except Error as error:
        raise AssertionError(f"The page never settled: {page.evaluate(STANDING)}") from error
    return page


def until(page: Page, holds: str, arg: object = None) -> None:
    """Wait until this JavaScript holds: an expression, or a function of `arg`."""
    page.wait_for_function(holds, arg=arg, polling=OFTEN_MS)


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def fits(page: Page) -> bool:
    """True when nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
