"""Agents by mouse and keyboard: made, linked to calls that nobody knew, two merged into one."""

import re

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from records import db
from records.agents import Agent, AgentAlias
from records.calls import Call
from records.people import User
from records.roles import Role
from tests.browser.conftest import fits, settled
from tests.records.finished import finished_call
from tests.records.made import agent, person, stored_call, stored_campaign


@pytest.fixture
def sam(home) -> User:
    with db.writing() as session:
        return person(session, Role.SENIOR_MANAGER)


@pytest.mark.long
def test_an_agent_is_made_linked_to_unlinked_calls_and_opened(browse, sam):
    with db.writing() as session:
        support = stored_campaign(session, "Support")
        for number in range(3):
            stored_call(session, support, agent_given="z.strauss", filename=f"call {number}.wav")
    page = browse(sam)
    page.goto("/agents")
    expect(page.get_by_role("heading", name="No agents yet")).to_be_visible()
    page.get_by_role("button", name="Add agent").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Add agent")).to_be_visible()  # before, Enter sends nothing
    dialog.get_by_label("Name", exact=True).fill("Zoë **Strauß**")
    dialog.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("Zoë **Strauß** was added.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)

    settled(page).get_by_role("tab", name="Unlinked calls (3)").click()
    expect(page).to_have_url(re.compile(r"/agents\?tab=unlinked$"))
    page.get_by_role("button", name="Link to Zoë **Strauß**").click()
    page.get_by_role("button", name="Link 3 calls").click()
    expect(page.get_by_text("3 calls linked to Zoë **Strauß**.")).to_be_visible()
    expect(page.get_by_role("heading", name="Every call that names an agent is linked")).to_be_visible()
    with db.reading() as session:
        assert session.exec(select(AgentAlias.alias)).all() == ["z.strauss"]

    settled(page).get_by_role("tab", name="Agents", exact=True).click()
    page.get_by_role("link", name="Zoë **Strauß**").click()
    expect(page.get_by_role("heading", name="Zoë **Strauß**")).to_be_visible()
    expect(page.get_by_text("z.strauss", exact=True)).to_be_visible()
    expect(page.get_by_text("call 2.wav")).to_be_visible()
    page.get_by_role("button", name="Agents", exact=True).click()
    expect(page.get_by_role("link", name="Zoë **Strauß**")).to_be_visible()


@pytest.mark.long
def test_two_are_merged_on_a_phone(browse, sam):
    with db.writing() as session:
        support = stored_campaign(session, "Support")
        ada, second = agent(session, "Ada Moss"), agent(session, "A. Moss")
        for _ in range(4):
            finished_call(session, support, agent_id=second.id)
    page = browse(sam, viewport={"width": 390, "height": 844})
    page.goto(f"/agent?id={ada.id}")
    settled(page)
    assert fits(page)
    page.get_by_role("button", name="Merge").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Find an agent").fill("a. m")
    expect(dialog.get_by_text("• 4 calls")).to_be_visible()  # the only one who is found is chosen
    assert fits(page)
    dialog.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("A. Moss was merged into Ada Moss: 4 calls moved.")).to_be_visible()
    expect(page.get_by_text("a. moss", exact=True)).to_be_visible()
    with db.reading() as session:
        assert session.exec(select(Agent.id)).all() == [ada.id]
        assert set(session.exec(select(Call.agent_id))) == {ada.id}


@pytest.mark.long
def test_a_csv_file_is_looked_at_and_imported(browse, sam):
    with db.writing() as session:
        stored_campaign(session, "Support")
    page = browse(sam)
    page.goto("/agents")
    settled(page).get_by_role("button", name="Import CSV").click()
    sheet = "Name;Team;E-Mail\nBjörn Åkesson;Öst;b@example.org\n;Öst;x\n".encode("cp1252")
    page.locator("input[type=file]").set_input_files({"name": "agents.csv", "mimeType": "text/csv", "buffer": sheet})
    page.get_by_role("button", name="Import 1 agent, leave out 1 line").click()
    expect(page.get_by_role("link", name="Björn Åkesson")).to_be_visible()
    expect(page.get_by_text("1 agent added, 0 updated.")).to_be_visible()
