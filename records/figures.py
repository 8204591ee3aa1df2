"""What the calls of some days add up to. Every query is narrowed to whoever asks, and answers in groups, not in calls.

A day is that on which a call was added, since not every call says when it took place. A call without an agent stays out
of every figure about agents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, Subquery, case
from sqlalchemy import select as rows_of
from sqlmodel import Session, and_, col, func
from sqlmodel.sql.expression import SelectOfScalar

from records.agents import Agent
from records.call_filters import Filters, narrowed, not_cancelled
from records.calls import Call
from records.campaigns import Campaign
from records.figures_days import Column, Days, place
from records.identity import Identity
from records.statuses import CallStatus, Source

AGENTS_SHOWN = 20  # of perhaps thousands; the order says which


@dataclass(frozen=True)
class Tally:
    """Some calls, counted. A call that was called off counts as a call, and not as a failure."""

    calls: int = 0
    completed: int = 0
    failed: int = 0
    judged: int = 0  # have a result
    flagged: int = 0
    scored: int = 0
    points: float = 0.0  # of those scored, added up

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Tally)))

    @property
    def score(self) -> float | None:
        """The average; None where nothing has a score, and never 0."""
        return self.points / self.scored if self.scored else None

    @property
    def flag_rate(self) -> float | None:
        """Of those with a result."""
        return self.flagged / self.judged if self.judged else None

    @property
    def failed_share(self) -> float | None:
        """Of those that have come to an end."""
        ended = self.completed + self.failed
        return self.failed / ended if ended else None


NOTHING = Tally()


@dataclass(frozen=True)
class Daily:
    """What came on each day, and in the days before."""

    days: Mapping[date, Tally]  # every day, in order
    statuses: Mapping[CallStatus, Mapping[date, int]]
    sources: Mapping[Source, Mapping[date, int]]
    before: Tally = NOTHING  # as many days, just before
    total: Tally = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", sum(self.days.values(), NOTHING))


@dataclass(frozen=True)
class Named:
    """The calls of one campaign or agent. `key` is what the list's address calls it."""

    key: str
    name: str
    tally: Tally


class Order(StrEnum):
    """Which agents come first."""

    LOWEST = "lowest"  # average score
    FLAGGED = "flagged"  # flag rate
    MOST = "most"  # calls


def daily(session: Session, who: Identity, days: Days, campaigns: frozenset[str] = frozenset()) -> Daily:
    """Day by day, by status and by source, with the days before as one: one query."""
    wanted = Filters(campaigns=campaigns, added_from=days.before.begin, added_until=days.end)
    bounds = [days.begin, *(Days(day, day, days.zone).begin for day in days.dates[1:])]
    by = (place(col(Call.created_at), bounds).label("place"), col(Call.source), col(Call.status))
    grouped = _summed(_facts(narrowed(who, wanted), *by), "place", "source", "status")
    totals = dict.fromkeys(days.dates, NOTHING)
    statuses: dict[CallStatus, dict[date, int]] = {kind: dict.fromkeys(days.dates, 0) for kind in CallStatus}
    sources: dict[Source, dict[date, int]] = {kind: dict.fromkeys(days.dates, 0) for kind in Source}
    before = NOTHING
    for number, source, status, *sums in session.execute(grouped):
        tally = Tally(*sums)
        if number == 0:
            before += tally
            continue
        day = days.dates[number - 1]
        totals[day] += tally
        statuses[status][day] += tally.calls
        sources[source][day] += tally.calls
    return Daily(totals, statuses, sources, before)


def by_campaign(
    session: Session, who: Identity, days: Days, campaigns: frozenset[str] = frozenset()
) -> tuple[Named, ...]:
    """Each campaign with calls in these days, those with the most first."""
    calls = narrowed(who, _within(days, campaigns))
    sums = _summed(_facts(calls, col(Call.campaign_id)), "campaign_id").subquery()
    query = rows_of(col(Campaign.slug), col(Campaign.name), sums).join(sums, sums.c.campaign_id == Campaign.id)
    found = session.execute(query.order_by(sums.c.calls.desc(), col(Campaign.name)))
    return tuple(Named(slug, name, Tally(*rest)) for slug, name, _id, *rest in found)


def by_agent(
    session: Session,
    who: Identity,
    days: Days,
    campaigns: frozenset[str] = frozenset(),
    *,
    order: Order = Order.LOWEST,
) -> tuple[Named, ...]:
    """The agents with calls in these days, the first AGENTS_SHOWN in this order."""
    linked = narrowed(who, _within(days, campaigns)).where(col(Call.agent_id).is_not(None))
    sums = _summed(_facts(linked, col(Call.agent_id)), "agent_id").subquery()
    query = rows_of(col(Agent.id), col(Agent.name), sums).join(sums, sums.c.agent_id == Agent.id)
    found = session.execute(query.order_by(*_order(order, sums.c), col(Agent.id)).limit(AGENTS_SHOWN))
    return tuple(Named(str(number), name, Tally(*rest)) for number, name, _id, *rest in found)


def _within(days: Days, campaigns: frozenset[str]) -> Filters:
    return Filters(campaigns=campaigns, added_from=days.begin, added_until=days.end)


def _facts(calls: SelectOfScalar[Call], *by: Column) -> Subquery:
    """What is summed of each call, and what it is grouped by.

    A query of its own: PostgreSQL does not see that a grouping with parameters is the same in two places.
    """
    failed = and_(col(Call.status) == CallStatus.FAILED, not_cancelled())
    return calls.with_only_columns(
        *by,
        _one(col(Call.status) == CallStatus.COMPLETED).label("completed"),
        _one(failed).label("failed"),
        _one(col(Call.version_number) > 0).label("judged"),
        _one(col(Call.flagged)).label("flagged"),
        col(Call.effective_score).label("score"),
    ).subquery()


def _one(condition: Column) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _summed(each: Subquery, *by: str) -> Select[Any]:
    """The sums of each group, in the order of a Tally's fields."""
    groups = [each.c[name] for name in by]
    sums = [func.sum(each.c[name]).label(name) for name in ("completed", "failed", "judged", "flagged")]
    scores = (func.count(each.c.score).label("scored"), func.coalesce(func.sum(each.c.score), 0.0).label("points"))
    return rows_of(*groups, func.count().label("calls"), *sums, *scores).group_by(*groups)


def _order(order: Order, sums: Any) -> tuple[ColumnElement[Any], ...]:  # noqa: ANN401  columns by name
    """Agents of whom nothing can be said come last, on every database."""
    score = sums.points / func.nullif(sums.scored, 0)
    rate = sums.flagged * 1.0 / func.nullif(sums.judged, 0)
    most = sums.calls.desc()
    match order:
        case Order.LOWEST:
            return score.is_(None), score, most
        case Order.FLAGGED:
            return rate.is_(None), rate.desc(), most
        case Order.MOST:
            return (most,)
