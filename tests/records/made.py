"""Calls, campaigns and people for tests, straight into the database."""

from collections.abc import Callable
from itertools import count
from typing import Any

from sqlmodel import Session

from records.access import COMMAND_LINE
from records.agents import Agent
from records.calls import Call
from records.campaigns import Campaign, create
from records.db import stored_id, writing
from records.moves import arrive
from records.people import Assignment, User
from records.roles import Role
from records.statuses import Source

_serial = count(1)


def new_call(campaign: Campaign, **facts: Any) -> Call:
    """A call that no database has seen; its bytes are like no other's."""
    number = next(_serial)
    given = {"filename": f"call-{number}.wav", "size": 1000 + number, "sha256": f"{number:064x}", **facts}
    given.setdefault("effective_score", given.get("score"))
    return Call(campaign_id=stored_id(campaign.id), source=given.pop("source", Source.API), **given)


def stored_call(session: Session, campaign: Campaign, **facts: Any) -> Call:
    call = new_call(campaign, **facts)
    arrive(session, call, by="a test")
    return call


def stored_campaign(session: Session, name: str) -> Campaign:
    return create(session, COMMAND_LINE, name)


def agent(session: Session, name: str) -> Agent:
    row = Agent(name=name)
    session.add(row)
    session.flush()
    return row


def person(session: Session, role: Role, *campaigns: Campaign, agent_id: int | None = None) -> User:
    number = next(_serial)
    row = User(email=f"{role}-{number}@example.org", name=f"{role} {number}", role=role, agent_id=agent_id)
    session.add(row)
    session.flush()
    for campaign in campaigns:
        session.add(Assignment(user_id=stored_id(row.id), campaign_id=stored_id(campaign.id)))
    session.flush()
    return row


def broken_off(act: Callable[[Session], object], error: type[BaseException] = RuntimeError) -> None:
    """Do it in a transaction that then breaks."""
    with writing() as session:
        act(session)
        raise error
