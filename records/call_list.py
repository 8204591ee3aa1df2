"""Lists of calls: filtered, newest first, a page at a time by key; no table is counted or skipped through."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, true, tuple_, union_all
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func, select
from sqlmodel.sql.sqltypes import UTCDateTime

from records import access, waiting
from records.agents import Agent
from records.call_filters import UNFINISHED, Filters, narrowed
from records.calls import Call
from records.campaigns import Campaign
from records.checks import Check
from records.db import LARGEST_ID
from records.identity import Identity, require
from records.roles import Permission, Scope
from records.statuses import FINISHED, CallStatus, Source
from records.waiting import Waiting

COUNTED = 10_000  # a larger number is shown as '10,000+': counting a million rows takes longer than reading a page
CHOICES = 500  # names that a filter offers; whichever the address asks for is there besides
BRANCHES = 100  # campaigns that are read one by one; SQLite allows 500 parts in one query


@dataclass(frozen=True)
class Place:
    """A row's place in the order: pages begin behind one."""

    created_at: datetime
    id: str


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    id: str
    filename: str
    status: CallStatus
    source: Source
    campaign: str
    agent: str | None
    score: float | None
    flagged: bool
    duration_ms: int | None
    called_at: datetime | None
    created_at: datetime
    waiting_for: str = ""  # a sentence: what holds it up

    @property
    def place(self) -> Place:
        return Place(self.created_at, self.id)


@dataclass(frozen=True)
class Entry:
    """One call of a list with all its facts."""

    call: Call
    campaign: str  # slug
    agent: str | None
    waiting_for: str = ""  # a sentence

    @property
    def place(self) -> Place:
        return Place(self.call.created_at, self.call.id)


@dataclass(frozen=True)
class Page:
    """Some rows, newest first, and whether there are more on either side."""

    rows: tuple[Row, ...]
    newer: bool
    older: bool


@dataclass(frozen=True)
class _Slice:
    """Which part of the ordered list is wanted, in the database's terms."""

    order: tuple[ColumnElement[Any], ...]
    beyond: ColumnElement[bool]
    limit: int

    @classmethod
    def of(cls, older_than: Place | None, newer_than: Place | None, limit: int) -> "_Slice":
        if newer_than:
            return cls((col(Call.created_at).asc(), col(Call.id).asc()), _place() > _at(newer_than), limit)
        beyond = _place() < _at(older_than) if older_than else true()
        return cls((col(Call.created_at).desc(), col(Call.id).desc()), beyond, limit)


_COLUMNS = (
    col(Call.id),
    col(Call.filename),
    col(Call.status),
    col(Call.source),
    col(Campaign.name),
    col(Agent.name),
    col(Call.score),
    col(Call.flagged),
    col(Call.duration_ms),
    col(Call.called_at),
    col(Call.created_at),
)


def page(
    session: Session,
    who: Identity,
    filters: Filters,
    *,
    older_than: Place | None = None,
    newer_than: Place | None = None,
    size: int = 25,
) -> Page:
    """The rows behind a place (or before it), or the newest ones. One row more than shown tells whether there are more.

    Asked for what is newer than the newest, it answers the newest page, so that nobody is stranded on an empty one.
    """
    part = _Slice.of(older_than, newer_than, size + 1)
    found = session.execute(_joined(_COLUMNS, _keys(session, who, filters, part), part)).all()
    rows, more = _waiting(session, [Row(*columns) for columns in found[:size]]), len(found) > size
    if not newer_than:
        return Page(tuple(rows), newer=older_than is not None, older=more)
    if not rows:
        return page(session, who, filters, size=size)
    return Page(tuple(reversed(rows)), newer=more, older=True)


def entries(
    session: Session, who: Identity, filters: Filters, *, older_than: Place | None = None, size: int = 50
) -> tuple[tuple[Entry, ...], bool]:
    """The calls behind a place, or the newest ones, whole; and whether there are older ones."""
    part = _Slice.of(older_than, None, size + 1)
    whole = (Call, col(Campaign.slug), col(Agent.name))
    found = session.execute(_joined(whole, _keys(session, who, filters, part), part)).all()
    unfinished = [call.id for call, *_ in found[:size] if call.status not in FINISHED]
    waits = waiting.of(session, unfinished) if unfinished else {}
    rows = [Entry(call, campaign, agent, waits.get(call.id, Waiting()).words) for call, campaign, agent in found[:size]]
    return tuple(rows), len(found) > size


def count(session: Session, who: Identity, filters: Filters) -> int:
    """How many there are; anything above COUNTED means only 'more than that'."""
    some = narrowed(who, filters).with_only_columns(col(Call.id)).limit(COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def any_unfinished(session: Session, who: Identity) -> bool:
    """True while a call that this person may see is still on its way."""
    query = access.calls(who).where(col(Call.status).in_(UNFINISHED)).with_only_columns(col(Call.id)).limit(1)
    return session.execute(query).first() is not None


def any_call(session: Session, who: Identity) -> bool:
    """True when this person may see a call at all."""
    return session.execute(access.calls(who).with_only_columns(col(Call.id)).limit(1)).first() is not None


def campaigns(session: Session, who: Identity) -> dict[str, str]:
    """The names of the campaigns whose calls this person may see, by slug."""
    query = access.campaigns(who, Permission.CALL_READ).order_by(col(Campaign.name))
    return {campaign.slug: campaign.name for campaign in session.exec(query)}


def agents(session: Session, who: Identity, *, asked: int | None = None) -> dict[int, str]:
    """Whose calls this person may see, by name, at most CHOICES; and the one asked for, if it is one of them.

    For those who see the calls of one agent alone there is nothing to choose.
    """
    if require(who, Permission.CALL_READ) is Scope.OWN:
        return {}
    heard = access.calls(who).where(col(Call.agent_id) == Agent.id).with_only_columns(col(Call.id)).exists()
    query = select(Agent.id, Agent.name).where(heard)
    found = list(session.execute(query.order_by(col(Agent.name), col(Agent.id)).limit(CHOICES)))
    if asked is not None and asked <= LARGEST_ID and asked not in {number for number, _name in found}:
        found += session.execute(query.where(Agent.id == asked))
    return dict(found)


def check_names(session: Session, who: Identity) -> list[str]:
    """The checks of the campaigns whose calls this person may see, at most CHOICES."""
    theirs = access.campaigns(who, Permission.CALL_READ).with_only_columns(col(Campaign.id))
    names = select(Check.name).where(col(Check.campaign_id).in_(theirs)).distinct()
    return list(session.exec(names.order_by(col(Check.name)).limit(CHOICES)))


def _keys(session: Session, who: Identity, filters: Filters, part: _Slice) -> Select[Any]:
    """The ids of a page's rows.

    Several campaigns are read one by one, each in its own index's order: one sort over all would read them whole.
    """
    query = narrowed(who, filters).with_only_columns(col(Call.id), col(Call.created_at)).where(part.beyond)
    ordered = query.order_by(*part.order).limit(part.limit)
    ids = _campaign_ids(session, who, filters)
    if ids is None:
        return rows_of(ordered.subquery().c.id)
    branches = [rows_of(ordered.where(col(Call.campaign_id) == each).subquery().c.id) for each in ids]
    return rows_of(union_all(*branches).subquery().c.id)


def _campaign_ids(session: Session, who: Identity, filters: Filters) -> list[int] | None:
    """The campaigns that a list is confined to; None when it is not, or when there are none or too many to tell."""
    if require(who, Permission.CALL_READ) is Scope.OWN:
        return None
    if not filters.campaigns and not who.campaign_ids:
        return None
    query = access.campaigns(who, Permission.CALL_READ).with_only_columns(col(Campaign.id))
    if filters.campaigns:
        query = query.where(col(Campaign.slug).in_(sorted(filters.campaigns)))
    ids = list(session.execute(query).scalars())
    return ids if 0 < len(ids) <= BRANCHES else None


def _joined(columns: tuple[Any, ...], keys: Select[Any], part: _Slice) -> Select[*tuple[Any, ...]]:
    return (
        rows_of(*columns)
        .select_from(Call)
        .join(Campaign, col(Campaign.id) == Call.campaign_id)
        .outerjoin(Agent, col(Agent.id) == Call.agent_id)
        .where(col(Call.id).in_(keys))
        .order_by(*part.order)
        .limit(part.limit)
    )


def _waiting(session: Session, rows: list[Row]) -> list[Row]:
    """The same rows; those that wait say what for."""
    unfinished = [row.id for row in rows if row.status not in FINISHED]
    if not unfinished:
        return rows
    found = waiting.of(session, unfinished)
    held_up = {call: why.words for call, why in found.items() if why.held_up}
    return [replace(row, waiting_for=held_up.get(row.id, "")) for row in rows]


def _place() -> Any:  # noqa: ANN401  SQLAlchemy has no public name for a row value
    return tuple_(col(Call.created_at), col(Call.id))


def _at(place: Place) -> Any:  # noqa: ANN401  as _place
    return tuple_(literal(place.created_at, UTCDateTime()), literal(place.id))
