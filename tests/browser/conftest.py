"""A real Chromium before the real web process; nothing can reach anything but this machine."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from records import db, sessions
from records.people import User
from tests.conftest import missing
from tests.served import Served, served, served_home
from tests.website import Website

__all__ = ["served", "served_home"]  # fixtures made elsewhere

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_MS = 60_000
READY = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app?.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && !document.querySelector('[data-testid=stSkeleton]');
}"""
expect.set_options(timeout=PATIENCE_MS)

Opened = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing(f"there is no {CHROMIUM} (apt-get install chromium)")
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--host-resolver-rules=MAP totalview.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        yield browser
        browser.close()


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

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._requested)
        context.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)

    def _requested(self, request: Request) -> None:
        if not re.match(r"(https?|wss?)://(127\.0\.0\.1|totalview\.test)[:/]|data:|blob:", request.url):
            self.asked.append(request.url)

    @property
    def refused_by_policy(self) -> list[str]:
        return [line for line in self.complaints if "Content Security Policy" in line]


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Every browser test ends by looking here."""
    watcher = Outside()
    yield watcher
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

    yield begin
    for context in contexts:
        context.close()


def settled(page: Page) -> Page:
    """Wait until the page has been drawn and nothing runs."""
    page.wait_for_function(READY)
    return page


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def fits(page: Page) -> bool:
    """True when nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
