"""Two campaigns, some agents, and who asks: what the tests about agents stand on."""

from typing import Any

import pytest
from sqlmodel import Session, col, select

from records import access, agent_edits, db
from records.access import COMMAND_LINE, Identity
from records.agent_edits import Profile
from records.agents import Agent, AgentAlias, AgentCampaign
from records.audit import AuditEntry
from records.calls import Call
from records.campaigns import Campaign
from records.people import User
from records.roles import Role
from tests.records import made


class World:
    """Mia manages support; Sam, a Senior Manager, and Olivia, an Owner, manage all."""

    def __init__(self) -> None:
        with db.writing() as session:
            self.support: Campaign = made.stored_campaign(session, "Support")
            self.sales: Campaign = made.stored_campaign(session, "Sales")
            self.people: dict[str, User] = {
                "mia": made.person(session, Role.MANAGER, self.support),
                "sam": made.person(session, Role.SENIOR_MANAGER),
                "olivia": made.person(session, Role.OWNER),
                "carla": made.person(session, Role.COMPLIANCE_OFFICER),
                "adam": made.person(session, Role.AGENT),
                "nobody": made.person(session, Role.MANAGER),
            }
            for person in self.people.values():
                session.refresh(person)
        self.who: dict[str, Identity] = {}
        with db.reading() as session:
            for name, person in self.people.items():
                self.who[name] = access.identity(session, person)

    def agent(self, name: str, *campaigns: str, aliases: tuple[str, ...] = (), team: str = "") -> int:
        """A new agent's id."""
        with db.writing() as session:
            return agent_edits.create(session, COMMAND_LINE, Profile(name, team, aliases, campaigns)).id or 0

    def calls(self, number: int, campaign: Campaign, **facts: Any) -> list[str]:
        """New calls' ids."""
        with db.writing() as session:
            return [made.stored_call(session, campaign, **facts).id for _ in range(number)]


@pytest.fixture
def world(home) -> World:
    return World()


def names() -> dict[str, int]:
    """Aliases, with whose they are."""
    with db.reading() as session:
        return dict(session.exec(select(AgentAlias.alias, AgentAlias.agent_id)).all())


def works(agent_id: int) -> set[int]:
    with db.reading() as session:
        return set(session.exec(select(AgentCampaign.campaign_id).where(AgentCampaign.agent_id == agent_id)))


def linked(agent_id: int | None) -> int:
    """How many calls."""
    with db.reading() as session:
        return len(session.exec(select(Call.id).where(Call.agent_id == agent_id)).all())


def stored(agent_id: int) -> Agent | None:
    with db.reading() as session:
        return session.get(Agent, agent_id)


def acts(session: Session | None = None) -> list[tuple[str, str, dict[str, Any]]]:
    """The audit log about agents, oldest first."""
    if session is None:
        with db.reading() as opened:
            return acts(opened)
    query = select(AuditEntry).where(col(AuditEntry.act).startswith("agent.")).order_by(col(AuditEntry.id))
    return [(row.act, row.subject, row.details) for row in session.exec(query)]
