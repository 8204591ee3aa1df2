"""What the calls of some days add up to. Every query is narrowed to whoever asks, and answers in groups, not in calls.

Days that are kept (records/figures_kept.py) are read as they were added up; the calls of the others are added up now.

A day is that on which a call was added, since not every call says when it took place. A call without an agent stays out
of every figure about agents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from heapq import nsmallest
from itertools import chain

from sqlalchemy import ColumnElement
from sqlalchemy import select as rows_of
from sqlmodel import Session, col
from sqlmodel.sql.expression import SelectOfScalar

from records.agents import Agent
from records.call_filters import Filters, narrowed
from records.calls import Call
from records.campaigns import Campaign
from records.figures_days import Column as SqlColumn
from records.figures_days import Days
from records.figures_kept import NOTHING_KEPT, DayAgent, DayTally, KeptFigures, day_of, within
from records.figures_sums import NOTHING, Tally, count, tallied, tallies
from records.identity import Identity
from records.statuses import CallStatus, Source

AGENTS_SHOWN = 20  # of perhaps thousands; the order says which
_ADDED = col(Call.created_at)


@dataclass(frozen=True)
class Daily:
    """What came on each day, and in the days before."""

    days: Mapping[date, Tally]  # every day, in order
    statuses: Mapping[CallStatus, Mapping[date, int]]
    sources: Mapping[Source, Mapping[date, int]]
    campaigns: Mapping[int, Tally]  # by id; those with calls in these days
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


def both(days: Days) -> tuple[date, ...]:
    """These dates, and as many before."""
    return (*days.before.dates, *days.dates)


def daily(
    session: Session,
    who: Identity,
    days: Days,
    campaigns: frozenset[str] = frozenset(),
    kept: KeptFigures = NOTHING_KEPT,
) -> Daily:
    """Day by day, by status, by source and by campaign, with the days before as one."""
    dates = both(days)
    fresh = kept.missing(dates)
    by: dict[str, SqlColumn] = {
        "place": day_of(_ADDED, fresh, days.zone),
        "campaign_id": col(Call.campaign_id),
        "source": col(Call.source),
        "status": col(Call.status),
    }
    counted = _Counted(days)
    added_up = tallied(_calls(who, campaigns, within(_ADDED, fresh, days.zone)), **by)
    for place, campaign_id, source, status, *numbers in session.execute(added_up):
        counted.add_day(fresh[place], source, status, *numbers)
        if fresh[place] >= days.first:
            counted.add_campaign(campaign_id, numbers)
    for day, source, status, *numbers in kept.sums(session, who, DayTally, dates, campaigns, "day", "source", "status"):
        counted.add_day(day, source, status, *numbers)
    for campaign_id, *numbers in kept.sums(session, who, DayTally, days.dates, campaigns, "campaign_id"):
        counted.add_campaign(campaign_id, numbers)
    return counted.told()


def by_campaign(session: Session, found: Daily) -> tuple[Named, ...]:
    """Each campaign with calls in these days, those with the most first."""
    names = rows_of(col(Campaign.id), col(Campaign.slug), col(Campaign.name)).where(
        col(Campaign.id).in_(found.campaigns)
    )
    campaigns = [Named(slug, name, found.campaigns[number]) for number, slug, name in session.execute(names)]
    return tuple(sorted(campaigns, key=lambda each: (-each.tally.calls, each.name)))


def by_agent(
    session: Session,
    who: Identity,
    days: Days,
    campaigns: frozenset[str] = frozenset(),
    kept: KeptFigures = NOTHING_KEPT,
    *,
    order: Order = Order.LOWEST,
) -> tuple[Named, ...]:
    """The agents with calls in these days, the first AGENTS_SHOWN in this order."""
    linked = _calls(who, campaigns, within(_ADDED, kept.missing(days.dates), days.zone)).where(
        col(Call.agent_id).is_not(None)
    )
    fresh = session.execute(tallied(linked, agent_id=col(Call.agent_id)))
    old = kept.sums(session, who, DayAgent, days.dates, campaigns, "agent_id")
    counted: dict[int, Sequence[float]] = {}
    for number, *numbers in chain(fresh, old):
        count(counted, number, numbers)
    sums = tallies(counted)
    first = nsmallest(AGENTS_SHOWN, sums, key=lambda number: (*_order(order, sums[number]), number))
    found = session.execute(rows_of(col(Agent.id), col(Agent.name)).where(col(Agent.id).in_(first)))
    names = dict(map(tuple, found))
    return tuple(Named(str(number), names[number], sums[number]) for number in first if number in names)


def _calls(who: Identity, campaigns: frozenset[str], when: ColumnElement[bool]) -> SelectOfScalar[Call]:
    return narrowed(who, Filters(campaigns=campaigns)).where(when)


class _Counted:
    """The calls of some days and of as many before, on their way to be told."""

    def __init__(self, days: Days) -> None:
        self._first, self._dates = days.first, days.dates
        self._days: dict[date | None, Sequence[float]] = {}  # None is all of those before
        self._campaigns: dict[int, Sequence[float]] = {}
        self._statuses = {kind: dict.fromkeys(days.dates, 0) for kind in CallStatus}
        self._sources = {kind: dict.fromkeys(days.dates, 0) for kind in Source}

    def add_day(self, day: date, source: Source, status: CallStatus, *numbers: float) -> None:
        """A Tally's fields of the calls that have them."""
        if day < self._first:
            count(self._days, None, numbers)
            return
        count(self._days, day, numbers)
        calls = int(numbers[0])
        self._statuses[status][day] += calls
        self._sources[source][day] += calls

    def add_campaign(self, campaign_id: int, numbers: Sequence[float]) -> None:
        """A Tally's fields of a campaign's calls in these days, not those before."""
        count(self._campaigns, campaign_id, numbers)

    def told(self) -> Daily:
        counted = tallies(self._days)
        before = counted.pop(None, NOTHING)
        days = {day: counted.get(day, NOTHING) for day in self._dates}
        return Daily(days, self._statuses, self._sources, tallies(self._campaigns), before)


def _order(order: Order, tally: Tally) -> tuple[float, ...]:
    """Agents of whom nothing can be said come last."""
    match order:
        case Order.LOWEST:
            return tally.score is None, tally.score or 0.0, -tally.calls
        case Order.FLAGGED:
            return tally.flag_rate is None, -(tally.flag_rate or 0.0), -tally.calls
        case Order.MOST:
            return (-tally.calls,)
