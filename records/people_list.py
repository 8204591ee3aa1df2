"""The people who have accounts: found, filtered and listed a page at a time for those who manage them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access, links
from records.agents import Agent
from records.campaigns import Campaign
from records.db import LARGEST_ID, stored_id
from records.identity import Identity, NotFound, require
from records.matching import holds
from records.people import Assignment, User
from records.roles import Permission, Role

SIZE = 50  # rows of a page


class Standing(StrEnum):
    """Whether somebody can sign in."""

    ACTIVE = "active"
    INVITED = "invited"  # has not chosen a password yet
    DEACTIVATED = "deactivated"


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; whatever is empty narrows nothing."""

    text: str = ""  # part of the name or the e-mail address
    roles: frozenset[Role] = frozenset()
    deactivated: bool = False  # these too

    def __bool__(self) -> bool:
        return bool(self.text or self.roles)


@dataclass(frozen=True)
class Person:
    """What those who manage people see of an account."""

    id: int
    email: str
    name: str
    role: Role
    standing: Standing
    signed_in_at: datetime | None
    agent_id: int | None
    agent: str | None  # name
    link_until: datetime | None = None  # a one-time link that still works
    campaigns: dict[str, str] = field(default_factory=dict)  # names by slug


@dataclass(frozen=True)
class Page:
    """Some people by name, and how many there are."""

    people: tuple[Person, ...]
    number: int  # of this page, from 1
    pages: int
    total: int


def visible(who: Identity) -> SelectOfScalar[User]:
    """The people whom this person sees: all of them, for those who manage people. NotAllowed for anybody else."""
    require(who, Permission.PEOPLE_MANAGE)
    return select(User)


def page(session: Session, who: Identity, filters: Filters, *, number: int = 1, size: int = SIZE) -> Page:
    """One page of the list. The number of queries does not grow with it."""
    narrowed = visible(who).where(*_conditions(filters))
    total = session.exec(select(func.count()).select_from(narrowed.subquery())).one()
    pages = max(1, -(-total // size))
    here = min(max(1, number), pages)
    query = narrowed.order_by(func.lower(User.name), col(User.id)).offset((here - 1) * size).limit(size)
    return Page(tuple(_described(session, query)), here, pages, total)


def find(session: Session, who: Identity, person_id: int) -> Person:
    """One person by number; else NotFound."""
    query = visible(who).where(User.id == person_id)
    found = _described(session, query) if 0 < person_id <= LARGEST_ID else []
    if not found:
        raise NotFound("There is no such person.")
    return found[0]


def by_email(session: Session, who: Identity, email: str) -> Person:
    """One person by address, whatever its case; else NotFound."""
    wanted = email.strip().lower()
    found = _described(session, visible(who).where(User.email == wanted)) if wanted.isprintable() else []
    if not found:
        raise NotFound(f"Nobody has an account with the address '{email}'.")
    return found[0]


def standing(user: User) -> Standing:
    """Whether this person can sign in. Whoever comes by an identity provider has no password, and has signed in."""
    if not user.active:
        return Standing.DEACTIVATED
    return Standing.INVITED if user.password_hash is None and user.signed_in_at is None else Standing.ACTIVE


def _conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.text:
        yield holds(filters.text, col(User.name), col(User.email))
    if filters.roles:
        yield col(User.role).in_(sorted(filters.roles))
    if not filters.deactivated:
        yield col(User.active).is_(True)


def _described(session: Session, query: SelectOfScalar[User]) -> list[Person]:
    """These people with what stands in other tables about them: three queries, however many they are."""
    joined = query.outerjoin(Agent, col(Agent.id) == col(User.agent_id)).add_columns(col(Agent.name))
    rows = session.execute(joined).all()
    ids = [stored_id(user.id) for user, _ in rows]
    campaigns = _campaigns(session, ids)
    waiting = links.pending(session, ids)
    return [
        Person(
            id=stored_id(user.id),
            email=user.email,
            name=user.name,
            role=user.role,
            standing=standing(user),
            signed_in_at=user.signed_in_at,
            agent_id=user.agent_id,
            agent=agent,
            link_until=waiting[stored_id(user.id)].expires_at if user.id in waiting else None,
            campaigns=campaigns.get(stored_id(user.id), {}),
        )
        for user, agent in rows
    ]


def _campaigns(session: Session, ids: list[int]) -> dict[int, dict[str, str]]:
    """By person: the names of the assigned campaigns, by slug."""
    assigned = (
        select(Assignment.user_id, Campaign.slug, Campaign.name)
        .join(Campaign, col(Campaign.id) == Assignment.campaign_id)
        .where(col(Assignment.user_id).in_(ids))
        .order_by(func.lower(Campaign.name), Campaign.slug)
    )
    found: dict[int, dict[str, str]] = {}
    for user_id, slug, name in session.exec(assigned):
        found.setdefault(user_id, {})[slug] = name
    return found


def agents(session: Session, who: Identity, text: str, most: int) -> tuple[list[tuple[int, str]], int]:
    """Agents to link somebody to: the first by name that hold this text; and their number, or `most` and one."""
    narrowed = access.agents(who).where(col(Agent.active).is_(True))
    query = narrowed.where(holds(text, col(Agent.name))) if text else narrowed
    found = session.exec(query.order_by(func.lower(Agent.name), col(Agent.id)).limit(most + 1)).all()
    return [(stored_id(agent.id), agent.name) for agent in found[:most]], len(found)
