"""What each role finds in the menu, and that an address beyond it leads to no page."""

import pytest
from playwright.sync_api import expect

from records import db
from records.roles import Role
from tests.browser.conftest import settled
from tests.records.made import person, stored_campaign

WORK = ["Home", "Upload", "Calls", "Review", "Bulk jobs", "SFTP"]
MENU = {
    Role.AGENT: ["Home", "Calls"],
    Role.MANAGER: [*WORK, "Campaigns", "Agents"],
    Role.COMPLIANCE_OFFICER: [*WORK, "Campaigns", "Audit log"],
    Role.SENIOR_MANAGER: [*WORK, "Campaigns", "Agents", "People", "Audit log", "System"],
    Role.OWNER: [*WORK, "Campaigns", "Agents", "People", "Audit log", "System"],
}
ADDRESSES = {
    "People": "/people",
    "Audit log": "/audit_log",
    "System": "/system",
    "Agents": "/agents",
    "Bulk jobs": "/bulk_jobs",
    "SFTP": "/sftp_batches",
    "Review": "/review",
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_its_menu_and_nothing_beyond(browse, role):
    with db.writing() as session:
        user = person(session, role, stored_campaign(session, "Support"))
    page = browse(user)
    page.goto("/")
    settled(page)
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links).to_have_count(len(MENU[role]))
    assert [text.split("\n")[-1] for text in links.all_inner_texts()] == MENU[role]
    refused = [address for title, address in ADDRESSES.items() if title not in MENU[role]][:1]
    for address in refused:
        page.goto(address)
        expect(page.get_by_text("Page not found")).to_be_visible()
        expect(page.get_by_role("heading", name=address.strip("/").replace("_", " ").capitalize())).to_have_count(0)
