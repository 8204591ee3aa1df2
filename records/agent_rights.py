"""Whose an agent's record is, and whose a name: calls that name an agent show them to a Manager, and give no say."""

from collections.abc import Set as AbstractSet

from sqlmodel import Session, col, select

from records.agents import Agent, AgentCampaign, plain
from records.db import stored_id
from records.identity import Identity, require
from records.roles import Permission, Scope

ASK = "Ask an Owner or a Senior Manager."


def hindrance(session: Session, who: Identity, agent: Agent, *, shared: bool = False) -> str:
    """Why this person may not change an agent's record, in a sentence; empty where they may. Raises NotAllowed.

    `shared` asks for what each may whose campaign the agent works for, whoever else's the agent is.
    """
    if require(who, Permission.AGENT_MANAGE) is not Scope.ASSIGNED:
        return ""
    works = set(session.exec(select(AgentCampaign.campaign_id).where(AgentCampaign.agent_id == agent.id)))
    return hindered(agent.name, works, who.campaign_ids, shared=shared)


def hindered(name: str, works: AbstractSet[int], mine: AbstractSet[int], *, shared: bool = False) -> str:
    """The same for a Manager, by the campaigns that the agent works for and those that are the Manager's.

    Calls do not count: whoever may upload to a campaign makes them, and would so take an agent from its Managers.
    """
    if not works & mine:
        return f"{name} works for none of your campaigns, so that their record is not yours to change. {ASK}"
    if works - mine and not shared:
        return f"{name} works in campaigns that are not yours too. {ASK}"
    return ""


def clash(session: Session, who: Identity, agent: Agent, alias: str) -> str:
    """Why an agent cannot have this other name, since it is how another is called; empty where they can.

    Sources find agents by other names before names, so that it would take the other's calls.
    """
    limited = require(who, Permission.AGENT_MANAGE) is Scope.ASSIGNED
    for other in _called(session, alias):
        if other.id == agent.id:
            continue
        theirs = not limited or not hindrance(session, who, other)
        words = clashes(alias, agent.name_folded, other.name if theirs else None, active=other.active)
        if words:
            return words
    return ""


def clashes(alias: str, own: str, name: str | None, *, active: bool) -> str:
    """The same by one who is called so; `name` is None for one whom this person does not manage, `own` is folded.

    Of two of one name, one may have it as an alias too: that is how one says who is meant.
    """
    if name is None:
        return f"'{alias}' is another agent's name. {ASK}"
    if active and own != alias:
        return f"'{alias}' is the name of {name}, whose calls it would take. Rename them first, or merge the two."
    return ""


def _called(session: Session, name: str) -> list[Agent]:
    """Who has this name, active or not; SFTP finds them without accents, which no database takes away."""
    every = session.exec(select(Agent.id, Agent.name)).all()
    ids = [stored_id(number) for number, called in every if plain(called) == plain(name)]
    return list(session.exec(select(Agent).where(col(Agent.id).in_(ids)).order_by(col(Agent.id))))
