"""Agents: the people on the phone, and the names that dialers give them."""

import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlmodel import Field, Session, SQLModel, col, select

from records.db import now

LONGEST_NAME = 320  # characters of a name that a source gives


def folded(name: str) -> str:
    """A name as names are compared: case, the width of gaps and how an accent was typed make no difference."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", " ".join(name.split())).casefold())


def plain(name: str) -> str:
    """A name without case and accents."""
    apart = unicodedata.normalize("NFKD", folded(name))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _folded_name(context: DefaultExecutionContext) -> str:
    parameters: dict[str, str] = context.get_current_parameters()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    return folded(parameters["name"])


_OF_THE_NAME: dict[str, Any] = {"nullable": False, "default": _folded_name, "server_default": text("''")}


class Agent(SQLModel, table=True):
    """A person whose calls are judged."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=200)
    # As names are compared and sorted: SQLite's lower() knows no letter beyond a to z. It follows the name.
    name_folded: str = Field(default=None, max_length=400, index=True, sa_column_kwargs=_OF_THE_NAME)
    team: str = Field(default="", max_length=200)
    active: bool = True
    created_at: datetime = Field(default_factory=now)


@event.listens_for(Agent.name, "set")
def _fold(agent: Agent, name: str, *_asked: object) -> None:
    agent.name_folded = folded(name)


class AgentAlias(SQLModel, table=True):
    """Another name of an agent: an e-mail address, a dialler's id. Stored as `folded` writes it."""

    __tablename__ = "agent_alias"

    alias: str = Field(primary_key=True, max_length=320)
    agent_id: int = Field(foreign_key="agent.id", index=True)


class AgentCampaign(SQLModel, table=True):
    """A campaign that an agent works for: whoever manages all of theirs manages the agent too."""

    __tablename__ = "agent_campaign"

    agent_id: int = Field(foreign_key="agent.id", primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True, index=True)


def named(session: Session, given: str) -> Agent | None:
    """The active agent who goes by this: an alias exactly, else a name that only one has. Case does not matter."""
    found = all_named(session, given)
    return found[0] if len(found) == 1 else None


def all_named(session: Session, given: str) -> list[Agent]:
    """The active agents who go by this: the one with such an alias, else all with such a name."""
    wanted = folded(given)
    if not wanted:
        return []
    by_alias = select(Agent).join(AgentAlias, col(AgentAlias.agent_id) == Agent.id).where(AgentAlias.alias == wanted)
    found = session.exec(by_alias.where(col(Agent.active).is_(True))).first()
    if found is not None:
        return [found]
    by_name = select(Agent).where(Agent.name_folded == wanted, col(Agent.active).is_(True))
    return list(session.exec(by_name.order_by(col(Agent.id))))


def still(session: Session, agent_id: int | None, given: str) -> int | None:
    """This agent; or, of one who was merged into another since it was asked for, whoever goes by the name given."""
    if agent_id is None or session.get(Agent, agent_id) is not None:
        return agent_id
    known = named(session, given)
    return known.id if known else None


def aliases_of(session: Session, agent_id: int) -> list[str]:
    """The other names of an agent."""
    query = select(AgentAlias.alias).where(AgentAlias.agent_id == agent_id)
    return list(session.exec(query.order_by(col(AgentAlias.alias))))


def aliases_of_all(session: Session, ids: Collection[int]) -> dict[int, list[str]]:
    """The other names of several agents."""
    query = select(AgentAlias.agent_id, AgentAlias.alias).where(col(AgentAlias.agent_id).in_(ids))
    found: dict[int, list[str]] = {}
    for number, alias in session.exec(query.order_by(col(AgentAlias.alias))):
        found.setdefault(number, []).append(alias)
    return found
