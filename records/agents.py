"""Agents: the people on the phone, and the names that dialers give them."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, func, select

from records.db import now

LONGEST_NAME = 320  # characters of a name that a source gives


class Agent(SQLModel, table=True):
    """A person whose calls are judged."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=200)
    team: str = Field(default="", max_length=200)
    active: bool = True
    created_at: datetime = Field(default_factory=now)


class AgentAlias(SQLModel, table=True):
    """Another name of an agent: an e-mail address, a dialler's id. Stored in lower case."""

    __tablename__ = "agent_alias"

    alias: str = Field(primary_key=True, max_length=320)
    agent_id: int = Field(foreign_key="agent.id", index=True)


class AgentCampaign(SQLModel, table=True):
    """A campaign that an agent works for: whoever manages it manages the agent too."""

    __tablename__ = "agent_campaign"

    agent_id: int = Field(foreign_key="agent.id", primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True, index=True)


def named(session: Session, given: str) -> Agent | None:
    """The active agent who goes by this: an alias exactly, else a name that only one has. Case does not matter."""
    wanted = given.strip().lower()
    if not wanted:
        return None
    by_alias = select(Agent).join(AgentAlias, col(AgentAlias.agent_id) == Agent.id).where(AgentAlias.alias == wanted)
    found = session.exec(by_alias.where(col(Agent.active).is_(True))).first()
    if found is not None:
        return found
    by_name = select(Agent).where(func.lower(Agent.name) == wanted, col(Agent.active).is_(True)).limit(2)
    same = session.exec(by_name).all()
    return same[0] if len(same) == 1 else None
