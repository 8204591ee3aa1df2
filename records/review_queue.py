"""The review queue: calls whose newest version waits for a person, in an order of the reviewer's choice, by key."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, literal, tuple_
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access
from records.agents import Agent
from records.calls import Call
from records.campaigns import Campaign
from records.db import stored_as_value
from records.identity import Identity
from records.results import Version
from records.reviews import Dispute, Review, ReviewState
from records.roles import Permission

COUNTED = 1000  # a longer queue is shown as '1,000+'
MOST_AGENTS = 500  # to choose from
_UNSCORED = -1.0  # stands before every score: nothing could be judged, so that a person must


class Order(StrEnum):
    """Which call comes first."""

    OLDEST = "oldest"
    WORST = "worst"


@dataclass(frozen=True)
class Queue:
    """Which part of the queue, and in what order; whatever is empty or None narrows nothing."""

    order: Order = Order.OLDEST
    disputed_first: bool = True
    campaigns: frozenset[str] = frozenset()  # slugs
    agent_id: int | None = None
    reason: str = ""  # a flag reason's code
    disputed: bool = False  # only those that an agent disputes

    @property
    def narrowed(self) -> bool:
        return bool(self.campaigns or self.agent_id or self.reason or self.disputed)


@dataclass(frozen=True)
class Waiting:
    """One call of the queue."""

    id: str
    filename: str
    campaign: str
    agent: str | None
    score: float | None  # the AI's
    reasons: tuple[dict[str, str], ...]  # code and words of each
    disputed: bool
    created_at: datetime
    called_at: datetime | None


@dataclass(frozen=True)
class Page:
    """Some of the queue, and whether there are more on either side."""

    rows: tuple[Waiting, ...]
    before: bool
    after: bool


def page(session: Session, who: Identity, queue: Queue, *, after: str = "", before: str = "", size: int = 25) -> Page:
    """The calls behind the one with this id, or before it, or the first ones; an id that is not theirs to see is none.

    One row more than shown tells whether there are more.
    """
    keys = _keys(queue)
    place = _place(session, who, queue, after or before) if after or before else None
    backwards = place is not None and not after
    query = _shown(_waiting(who, queue))
    if place is not None:
        query = query.where(_row(keys) < place if backwards else _row(keys) > place)
    order = [key.desc() if backwards else key.asc() for key in keys]
    found = session.execute(query.order_by(*order).limit(size + 1)).all()
    rows, more = [_as_waiting(columns) for columns in found[:size]], len(found) > size
    if backwards and not rows:
        return page(session, who, queue, size=size)  # the head of the queue went; nobody is stranded before it
    if backwards:
        return Page(tuple(reversed(rows)), before=more, after=True)
    return Page(tuple(rows), before=place is not None, after=more)


def following(session: Session, who: Identity, queue: Queue, call_id: str) -> str | None:
    """The call that comes next behind this one, waiting or not; at the end, the first of the others."""
    keys, waiting = _keys(queue), _waiting(who, queue).where(Call.id != call_id)
    ordered = waiting.with_only_columns(col(Call.id)).order_by(*keys).limit(1)
    place = _place(session, who, queue, call_id)
    behind = session.execute(ordered.where(_row(keys) > place)).scalar() if place is not None else None
    return behind or session.execute(ordered).scalar()


def count(session: Session, who: Identity, queue: Queue) -> int:
    """How many wait; anything above COUNTED means only 'more than that'."""
    some = _waiting(who, queue).with_only_columns(col(Call.id)).limit(COUNTED + 1).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def campaigns(session: Session, who: Identity) -> dict[str, str]:
    """The names of the campaigns whose calls this person may review, by slug."""
    query = access.campaigns(who, Permission.CALL_REPROCESS).order_by(col(Campaign.name))
    return {campaign.slug: campaign.name for campaign in session.exec(query)}


def agents(session: Session, who: Identity) -> dict[int, str]:
    """The names of the agents whose calls wait for this person, by id."""
    theirs = _waiting(who, Queue()).with_only_columns(col(Call.agent_id))
    named = select(Agent).where(col(Agent.id).in_(theirs)).order_by(col(Agent.name), col(Agent.id)).limit(MOST_AGENTS)
    return {agent.id: agent.name for agent in session.exec(named) if agent.id is not None}


# Written out, as the index of what waits has it: SQLite uses that index for no bound value.
_WAITS = literal(ReviewState.OPEN, stored_as_value(ReviewState), literal_execute=True)


def _waiting(who: Identity, queue: Queue) -> SelectOfScalar[Call]:
    """The calls of the queue: the review of an older version does not hold one in it."""
    query = access.calls(who, Permission.CALL_REPROCESS).where(col(Call.review) == _WAITS)
    if queue.campaigns:
        named = select(Campaign.id).where(col(Campaign.slug).in_(sorted(queue.campaigns)))
        query = query.where(col(Call.campaign_id).in_(named))
    if queue.agent_id is not None:
        query = query.where(Call.agent_id == queue.agent_id)
    if queue.disputed:
        query = query.where(_disputed())
    if queue.reason:
        # As the column's JSON is written. A quotation mark within somebody's words has a backslash before it.
        written = cast(col(Version.flag_reasons), String).contains(f'"code": "{queue.reason}"', autoescape=True)
        query = query.where(select(Version.id).where(*_newest(), written).exists())
    return query


def _shown(query: SelectOfScalar[Call]) -> Select[*tuple[Any, ...]]:
    """The same calls, with what the list shows of each."""
    these = query.with_only_columns(col(Call.id)).subquery()
    return (
        rows_of(
            *(col(Call.id), col(Call.filename), col(Campaign.name), col(Agent.name), col(Call.score)),
            *(col(Version.flag_reasons), _disputed(), col(Call.created_at), col(Call.called_at)),
        )
        .select_from(Call)
        .join(these, these.c.id == col(Call.id))
        .join(Campaign, col(Campaign.id) == Call.campaign_id)
        .join(Version, and_(*_newest()))
        .outerjoin(Agent, col(Agent.id) == Call.agent_id)
    )


def _as_waiting(columns: Any) -> Waiting:  # noqa: ANN401  a row
    call_id, filename, campaign, agent, score, reasons, disputed, created_at, called_at = columns
    return Waiting(call_id, filename, campaign, agent, score, tuple(reasons), bool(disputed), created_at, called_at)


def _newest() -> tuple[ColumnElement[bool], ...]:
    return col(Version.call_id) == col(Call.id), col(Version.number) == col(Call.version_number)


def _disputed() -> ColumnElement[bool]:
    """Whether an agent waits for an answer, whichever version they disputed."""
    raised = select(Dispute.id).join(Review, col(Review.id) == Dispute.review_id)
    return raised.where(col(Review.call_id) == col(Call.id), col(Dispute.settled_at).is_(None)).exists()


def _keys(queue: Queue) -> list[ColumnElement[Any]]:
    """What the queue is ordered by."""
    keys: list[Any] = [col(Call.created_at), col(Call.id)]
    if queue.order is Order.WORST:
        keys.insert(0, func.coalesce(col(Call.score), _UNSCORED))
    if queue.disputed_first:
        keys.insert(0, case((_disputed(), 0), else_=1))
    return keys


def _row(keys: list[ColumnElement[Any]]) -> Any:  # noqa: ANN401  SQLAlchemy has no public name for a row value
    return tuple_(*keys)


def _place(session: Session, who: Identity, queue: Queue, call_id: str) -> Any:  # noqa: ANN401  as _row
    """A call's place in this order; None for one that this person may not review."""
    keys = _keys(queue)
    asked = access.calls(who, Permission.CALL_REPROCESS).where(Call.id == call_id).with_only_columns(*keys)
    found = session.execute(asked).first() if call_id.isprintable() else None
    return (
        None if found is None else tuple_(*(literal(value, key.type) for value, key in zip(found, keys, strict=True)))
    )
