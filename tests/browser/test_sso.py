"""Single sign-on by mouse and keyboard, over a real identity provider."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from records import db
from records.people import User
from records.roles import Role
from records.tables import METADATA
from tests.browser.conftest import settled
from tests.clients.identity import IdentityProvider, identity_provider
from tests.clients.node import node_modules
from tests.ports import free_port
from tests.records.finished import finished_call
from tests.records.made import stored_campaign
from tests.website import Website, website

__all__ = ["node_modules"]  # a fixture made elsewhere


@pytest.fixture(scope="module")
def both(
    node_modules: Path, _migrated: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Website, IdentityProvider]]:
    """The provider, and a web process that sends people there."""
    folder, port = tmp_path_factory.mktemp("with_sso"), free_port()
    shutil.copy(_migrated, folder / "totalview.db")
    address = f"http://127.0.0.1:{port}"
    place = {"TOTALVIEW_PORT": str(port), "TOTALVIEW_PUBLIC_URL": address}
    with (
        identity_provider(node_modules, tmp_path_factory.mktemp("idp"), f"{address}/sso/callback") as provider,
        website(folder, **place, **provider.settings) as running,
    ):
        yield folder, running, provider


@pytest.fixture
def home(both: tuple[Path, Website, IdentityProvider], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOTALVIEW_HOME", str(both[0]))
    with db.writing() as session:
        for table in reversed(METADATA.sorted_tables):
            session.connection().execute(table.delete())
        session.add(User(email="ann@example.org", name="Ann", role=Role.OWNER))
    return both[0]


@pytest.fixture
def site(both: tuple[Path, Website, IdentityProvider]) -> Website:
    return both[1]


@pytest.fixture
def works(both: tuple[Path, Website, IdentityProvider], home: Path) -> IdentityProvider:
    both[2].knows(u1={"email": "ann@example.org", "email_verified": True})
    return both[2]


def log_in(page: Page, subject: str) -> None:
    page.get_by_label("Account").fill(subject)
    page.get_by_role("button", name="Log in").click()


def test_a_deep_link_survives_the_way_to_the_provider_and_back(browse, works, site):
    with db.writing() as session:
        call = finished_call(session, stored_campaign(session, "Support"), filename="deep.wav")
    page = browse()
    page.goto(f"/call?id={call.id}")
    page.get_by_role("link", name="Continue with Example Works").click()
    log_in(page, "u1")
    expect(page.get_by_role("heading", name="deep.wav")).to_be_visible()
    assert page.url == f"{site.address}/call?id={call.id}"

    settled(page).goto("/account")
    expect(page.get_by_text("You can come in by Example Works")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(page.get_by_role("link", name="Continue with Example Works")).to_be_visible()


@pytest.mark.long
def test_another_address_at_the_provider_is_the_same_person(browse, works):
    for claims in ({"email": "ann@example.org", "email_verified": True}, {"email": "ann.new@example.org"}):
        works.knows(u1=claims)
        page = browse()
        page.goto("/login")
        page.get_by_role("link", name="Continue with Example Works").click()
        log_in(page, "u1")
        expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()
        expect(page.get_by_text("ann@example.org")).to_be_visible()


def test_who_is_unknown_is_told_so_and_may_come_as_somebody_else(browse, works):
    works.knows(
        u1={"email": "ann@example.org", "email_verified": True},
        u2={"email": "ann@example.org", "email_verified": False},
        u9={"email": "eve@example.org", "email_verified": True},
    )
    page = browse()
    page.goto("/calls")
    page.get_by_role("link", name="Continue with Example Works").click()
    log_in(page, "u9")
    expect(page.get_by_role("alert")).to_contain_text("Ask an Owner to invite you")
    page.get_by_role("link", name="Continue with Example Works").click()
    log_in(page, "u2")  # asked again, though the provider still remembers u9
    expect(page.get_by_role("alert")).to_contain_text("does not vouch for that account's email address")
    page.get_by_role("link", name="Continue with Example Works").click()
    log_in(page, "u1")
    expect(page.get_by_role("heading", name="Calls", exact=True)).to_be_visible()


def test_who_cancels_there_reads_so_here(browse, works):
    page = browse()
    page.goto("/login")
    page.get_by_role("link", name="Continue with Example Works").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("The sign-in was cancelled")
