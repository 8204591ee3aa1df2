"""Reading records as somebody: every query here is narrowed to what that person may see."""

from sqlmodel import Session, col, false, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from records.agents import Agent, AgentCampaign
from records.calls import Call
from records.campaigns import Campaign
from records.db import LARGEST_ID
from records.identity import COMMAND_LINE, Identity, NotAllowed, NotFound, require
from records.people import Assignment, User
from records.roles import Permission, Scope, scope_of

__all__ = [
    "COMMAND_LINE",
    "Identity",
    "NotAllowed",
    "NotFound",
    "agent",
    "agents",
    "call",
    "calls",
    "campaign",
    "campaigns",
    "identity",
    "require",
]


def identity(session: Session, user: User) -> Identity:
    """The person behind an account, with what they are assigned to now."""
    assigned = session.exec(select(Assignment.campaign_id).where(Assignment.user_id == user.id))
    return Identity(user.id, user.role, user.email, user.agent_id, frozenset(assigned))


def calls(who: Identity, permission: Permission = Permission.CALL_READ) -> SelectOfScalar[Call]:
    """The calls on which this person holds the permission."""
    query = select(Call)
    match scope_of(who.role, permission):
        case Scope.ALL:
            return query
        case Scope.ASSIGNED:
            return query.where(col(Call.campaign_id).in_(who.campaign_ids))
        case Scope.OWN if who.agent_id is not None:
            return query.where(Call.agent_id == who.agent_id)
    return query.where(false())


def call(session: Session, who: Identity, call_id: str, permission: Permission = Permission.CALL_READ) -> Call:
    """One call on which this person holds the permission; else NotFound."""
    wanted = calls(who, permission).where(Call.id == call_id)
    found = session.exec(wanted).first() if call_id.isprintable() else None  # PostgreSQL breaks on some of the rest
    if found is None:
        raise NotFound("There is no such call.")
    return found


def campaigns(who: Identity, permission: Permission) -> SelectOfScalar[Campaign]:
    """The campaigns on which this person holds the permission."""
    query = select(Campaign)
    match scope_of(who.role, permission):
        case Scope.ALL:
            return query
        case Scope.ASSIGNED:
            return query.where(col(Campaign.id).in_(who.campaign_ids))
    return query.where(false())


def campaign(session: Session, who: Identity, slug: str, permission: Permission) -> Campaign:
    """One campaign by its slug; else NotFound."""
    wanted = campaigns(who, permission).where(Campaign.slug == slug)
    found = session.exec(wanted).first() if slug.isprintable() else None
    if found is None:
        raise NotFound(f"There is no campaign '{slug}'.")
    return found


def agents(who: Identity, permission: Permission = Permission.AGENT_MANAGE) -> SelectOfScalar[Agent]:
    """The agents on whom this person holds the permission: who work for an assigned campaign, or have calls in it.

    Whose record a Manager may change besides, records/agent_rights.py says.
    """
    query = select(Agent)
    match scope_of(who.role, permission):
        case Scope.ALL:
            return query
        case Scope.ASSIGNED:
            works = select(AgentCampaign.agent_id).where(col(AgentCampaign.campaign_id).in_(who.campaign_ids))
            heard = select(Call.id).where(Call.agent_id == Agent.id, col(Call.campaign_id).in_(who.campaign_ids))
            return query.where(or_(col(Agent.id).in_(works), heard.exists()))
    return query.where(false())


def agent(session: Session, who: Identity, agent_id: int, permission: Permission = Permission.AGENT_MANAGE) -> Agent:
    """One agent on whom this person holds the permission; else NotFound."""
    wanted = agents(who, permission).where(Agent.id == agent_id)
    found = session.exec(wanted).first() if 0 < agent_id <= LARGEST_ID else None
    if found is None:
        raise NotFound("There is no such agent.")
    return found
