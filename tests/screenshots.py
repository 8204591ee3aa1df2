"""`make screenshots`: every page as it looks, light and dark, wide and on a phone, over a made-up contact centre."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from config import settings
from records import sessions
from records.db import writing
from records.migrate import upgrade
from records.roles import Role
from tests import browsers, demo_sftp
from tests.demo import Demo, make
from tests.demo_sftp import Seen
from tests.house_rules import ROOT
from tests.installation import installed
from tests.website import website

FOLDER = ROOT / "build" / "screenshots"
SIZES = {"wide": (1280, 900), "phone": (390, 844)}
SETTLED_MS = 1200  # charts draw themselves after the page says that it is done
READY = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app?.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && !document.querySelector('[data-testid=stSkeleton]');
}"""
README = {"home": "home.png", "call": "call.png", "campaign": "campaign.png"}  # those that the README shows


def pages(demo: Demo, seen: Seen) -> Iterator[tuple[str, str]]:
    """The name and the address of each picture."""
    yield "home", "/"
    yield "upload", "/upload?campaign=sales"
    yield "calls", "/calls"
    yield "call", f"/call?id={demo.good_call}"
    yield "call-failed", f"/call?id={demo.failed_call}"
    yield "review", "/review"
    yield "review-one", f"/review?id={demo.flagged_call}"
    yield "bulk_jobs", "/bulk_jobs"
    yield "bulk_job", f"/bulk_job?id={demo.bulk_job}"
    yield "sftp_batches", "/sftp_batches"
    yield "sftp-batch", f"/sftp_batches?id={seen.incomplete}"
    yield "sftp-batch-waiting", f"/sftp_batches?id={seen.waiting}"
    yield "sftp-batch-many", f"/sftp_batches?id={seen.many}"
    yield "sftp-file", f"/sftp_batches?id={seen.incomplete}&file={seen.duplicate}"
    yield "sftp-files", "/sftp_batches?show=files"
    yield "sftp-unclaimed", "/sftp_batches?show=unclaimed"
    yield "campaigns", "/campaigns"
    yield "campaign", "/campaign?id=customer-service"
    yield "campaign-sftp", "/campaign?id=sales&tab=sftp"
    yield "agents", "/agents"
    yield "agent", f"/agent?id={demo.agents[0].id}"
    yield "people", "/people"
    yield "audit_log", "/audit_log"
    yield "system", "/system"
    yield "account", "/account"


def take(demo: Demo, seen: Seen, address: str, browser: Browser) -> None:
    """All of them, as an Owner; then what a stranger and an Agent see first."""
    for scheme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            how = {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "timezone_id": "UTC"}
            context = browser.new_context(base_url=address, device_scale_factor=1, **how)
            page = context.new_page()
            page.goto("/login")
            shoot(page, f"login-{scheme}-{size}")
            for role in (Role.AGENT, Role.OWNER):
                with writing() as session:
                    token = sessions.start(session, demo.people[role])
                context.add_cookies([{"name": "tv_session", "value": token, "url": address}])
                wanted = pages(demo, seen) if role is Role.OWNER else [("home-agent", "/")]
                for name, path in wanted:
                    page.goto(path)
                    page.wait_for_function(READY)
                    page.wait_for_timeout(SETTLED_MS)
                    shoot(page, f"{name}-{scheme}-{size}")
            context.close()


def shoot(page: Page, name: str) -> None:
    """One picture, as high as the window; the pictures of the README go there too."""
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    print(path.relative_to(ROOT))  # noqa: T201  a command's own words
    base = name.removesuffix("-light-wide")
    if base in README:
        (ROOT / "docs" / "pictures" / README[base]).write_bytes(path.read_bytes())


def main() -> None:
    """Make the contact centre in a folder of its own, show it, and take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (ROOT / "docs" / "pictures").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TOTALVIEW_HOME"] = folder
        settings.cache_clear()
        upgrade()
        demo = make()
        with writing() as session:
            seen = demo_sftp.make(session, demo.campaigns)
        with (
            installed(Path(folder)) as installation,
            website(Path(folder), SFTP_HOST="sftp.example.com") as site,
            sync_playwright() as playwright,
        ):
            installation.workers()
            browser = playwright.chromium.launch(executable_path=browsers.CHROMIUM, args=browsers.FLAGS)
            take(demo, seen, site.address, browser)
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
