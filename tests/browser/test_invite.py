"""An Owner invites somebody, copies the link, and sets a member; somebody takes the audit log away."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from records import db
from records.password_choices import SPENT
from records.people import User
from records.roles import Role
from tests.browser.conftest import fits, settled
from tests.records.made import person, stored_campaign

NASTY = "Nia <b>New</b> **x** :smile:"
OPENINGS, A_MOMENT_MS = 6, 10_000


def owner() -> User:
    with db.writing() as session:
        stored_campaign(session, "Support")
        return person(session, Role.OWNER)


def choose(page: Page, label: str, option: str) -> None:
    """Pick from a list, and close it: else the next click would only do that.

    A list closes by itself where what lies beneath it scrolls: whoever sees that opens it again.
    """
    settled(page)
    box, listed = page.get_by_role("combobox", name=label), page.get_by_role("option", name=option, exact=True)
    for left in reversed(range(OPENINGS)):
        box.click()
        try:
            listed.click(timeout=A_MOMENT_MS)
            break
        except Error:
            if not left:
                raise
    box.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    settled(page)  # a button of a dialog that is being drawn anew may move away from under the click


def test_an_owner_invites_a_manager_and_the_link_leads_to_the_welcome(browse, site):
    page = browse(owner())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    page.goto("/people")
    settled(page).get_by_role("button", name="Invite a person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("no address")
    dialog.get_by_label("Name", exact=True).fill(NASTY)
    choose(page, "Campaigns", "Support")
    dialog.get_by_role("button", name="Make the invitation").click()
    expect(dialog.get_by_text("'no address' is no e-mail address.")).to_be_visible()
    expect(dialog.get_by_label("Name", exact=True)).to_have_value(NASTY)
    dialog.get_by_label("E-mail").fill("nia@example.org")
    dialog.get_by_role("button", name="Make the invitation").click()
    link = dialog.get_by_label("One-time link")
    expect(link).to_be_visible()
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == link.input_value()
    assert "/welcome?token=" in copied
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text(NASTY, exact=True)).to_be_visible()
    expect(page.get_by_text("Invited, link until")).to_be_visible()

    theirs = browse()
    theirs.goto("/welcome?" + copied.split("?")[1])
    theirs.get_by_label("New password").fill("correct horse battery")
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_role("heading", name="Home", exact=True)).to_be_visible()
    theirs.goto("/campaigns")
    expect(settled(theirs).get_by_text("Support").first).to_be_visible()
    theirs.goto("/welcome?" + copied.split("?")[1])
    expect(theirs.get_by_text(SPENT)).to_be_visible()
    page.reload()
    expect(settled(page).get_by_text("Invited, link until")).to_have_count(0)


@pytest.mark.long
def test_a_person_opens_by_click_and_by_address_and_closes_by_escape(browse):
    page = browse(owner(), viewport={"width": 390, "height": 844})
    with db.writing() as session:
        mia = person(session, Role.MANAGER)
    page.goto("/people?q=manager")
    settled(page).get_by_text(mia.name).first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text(mia.email)).to_be_visible()
    assert fits(page)
    expect(page).to_have_url(re.compile(rf"/people\?q=manager&id={mia.id}$"))
    drawer.get_by_label("Name").fill("Mia Another")
    drawer.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(drawer.get_by_role("heading", name="Mia Another")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/people\?q=manager$"))
    page.goto(f"/people?id={mia.id}")
    expect(page.get_by_role("dialog").get_by_text(mia.email)).to_be_visible()


@pytest.mark.long
def test_a_member_is_added_and_removed_and_the_log_is_taken_away(browse, tmp_path: Path):
    page = browse(owner())
    with db.writing() as session:
        mia = person(session, Role.MANAGER)
    page.goto("/campaign?id=support")
    settled(page).get_by_role("tab", name="Members").click()
    choose(page, "Add Managers", f"{mia.name} ({mia.email})")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Added.")).to_be_visible()
    page.get_by_role("button", name=f"Remove {mia.name}").click()
    expect(page.get_by_text("Removed. You can add them again")).to_be_visible()
    expect(page.get_by_text("No Manager is a member yet.")).to_be_visible()

    page.goto("/audit_log?acts=campaigns")
    settled(page).get_by_text("Removed from a campaign").click()
    expect(page.get_by_text("campaign.remove_member")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    download.value.save_as(tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8-sig", newline="") as file:
        acts = [row["Act"] for row in csv.DictReader(file)]
    assert acts == ["campaign.remove_member", "campaign.add_member", "campaign.create"]
