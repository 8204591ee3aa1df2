"""An agent who is linked to a call by a person, on the call's page."""

import pytest
from sqlmodel import select

from pipeline.amend import UNLINKED, link
from records import db
from records.access import COMMAND_LINE, Identity, NotFound
from records.agents import Agent, AgentCampaign
from records.audit import AuditEntry
from records.calls import Call
from records.campaigns import Campaign
from records.roles import Role
from tests.pipeline.staging import timeline
from tests.records.made import agent, stored_call, stored_campaign


@pytest.fixture
def ada(desk: Campaign) -> Agent:
    with db.writing() as session:
        return agent(session, "Ada Moss")


def linked(call_id: str) -> int | None:
    with db.reading() as session:
        return session.get_one(Call, call_id).agent_id


def test_an_agent_is_linked_and_unlinked_and_what_the_source_said_stays(desk: Campaign, ada: Agent):
    with db.writing() as session:
        call = stored_call(session, desk, agent_given="a.moss")
    link(COMMAND_LINE, call.id, ada.id)
    assert linked(call.id) == ada.id
    link(COMMAND_LINE, call.id, None)
    with db.reading() as session:
        row = session.get_one(Call, call.id)
        acts = session.exec(select(AuditEntry).where(AuditEntry.act == "call.link_agent")).all()
    assert (row.agent_id, row.agent_given, row.updated_at > call.updated_at) == (None, "a.moss", True)
    assert [line[2] for line in timeline(call)[-2:]] == ["The agent is Ada Moss.", UNLINKED]
    assert [entry.details for entry in acts] == [
        {"before": None, "after": ada.name},
        {"before": ada.name, "after": None},
    ]


def test_linking_whom_it_has_already_is_no_event(desk: Campaign, ada: Agent):
    with db.writing() as session:
        call = stored_call(session, desk, agent_id=ada.id)
    before = timeline(call)
    link(COMMAND_LINE, call.id, ada.id)
    assert timeline(call) == before


def test_a_manager_links_own_agents_to_own_calls_and_no_others(desk: Campaign, ada: Agent):
    mia = Identity(None, Role.MANAGER, "mia@example.org", campaign_ids=frozenset({desk.id or 0}))
    with db.writing() as session:
        mine = stored_call(session, desk)
        elsewhere = stored_call(session, stored_campaign(session, "Sales"))
    for call, who in ((mine, ada.id), (elsewhere, None), (mine, 999_999)):
        with pytest.raises(NotFound):
            link(mia, call.id, who)
    with db.writing() as session:
        session.add(AgentCampaign(agent_id=ada.id or 0, campaign_id=desk.id or 0))
    link(mia, mine.id, ada.id)
    assert linked(mine.id) == ada.id


def test_a_compliance_officer_may_link_and_an_agent_may_not(desk: Campaign, ada: Agent):
    with db.writing() as session:
        call = stored_call(session, desk, agent_id=ada.id)
    with pytest.raises(NotFound):
        link(Identity(None, Role.AGENT, "adam@example.org", agent_id=ada.id), call.id, None)
    link(Identity(None, Role.COMPLIANCE_OFFICER, "carla@example.org"), call.id, None)
    assert linked(call.id) is None
