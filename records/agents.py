"""Agents: the people on the phone, and the names that dialers give them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from records.db import now


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
