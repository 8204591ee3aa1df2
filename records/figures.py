"""What the calls of some days add up to. Every query is narrowed to whoever asks, and answers in groups, not in calls.

Days that are kept (records/figures_kept.py) are read as they were added up; the calls of the others are added up now.

A day is that on which a call was added, since not every call says when it took place. A call without an agent stays out
of every figure about agents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from heapq import nsmallest

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
from records.figures_kept import NOTHING_KEPT, KeptFigures, day_of
from records.figures_sums import NOTHING, Tally, merged, tallied
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
    """Day by day, by status and by source, with the days before as one."""
    dates, zone = both(days), days.zone
    by: dict[str, SqlColumn] = {
        "place": day_of(_ADDED, dates, zone),
        "source": col(Call.source),
        "status": col(Call.status),
    }
    fresh = session.execute(tallied(_calls(who, campaigns, kept.rest(_ADDED, dates, zone)), **by))
    groups = [((dates[place], source, status), numbers) for place, source, status, *numbers in fresh]
    old = kept.facts(session, who, "tallies", dates, campaigns)
    groups += [((day, source, status), numbers) for day, _campaign, (source, status, *numbers) in old]
    return _by_day(days, merged(groups))


def by_campaign(
    session: Session,
    who: Identity,
    days: Days,
    campaigns: frozenset[str] = frozenset(),
    kept: KeptFigures = NOTHING_KEPT,
) -> tuple[Named, ...]:
    """Each campaign with calls in these days, those with the most first."""
    calls = _calls(who, campaigns, kept.rest(_ADDED, days.dates, days.zone))
    groups = [(number, sums) for number, *sums in session.execute(tallied(calls, campaign_id=col(Call.campaign_id)))]
    old = kept.facts(session, who, "tallies", days.dates, campaigns)
    sums = merged([*groups, *((number, numbers) for _day, number, (_source, _status, *numbers) in old)])
    names = rows_of(col(Campaign.id), col(Campaign.slug), col(Campaign.name)).where(col(Campaign.id).in_(sums))
    found = [Named(slug, name, sums[number]) for number, slug, name in session.execute(names)]
    return tuple(sorted(found, key=lambda each: (-each.tally.calls, each.name)))


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
    linked = _calls(who, campaigns, kept.rest(_ADDED, days.dates, days.zone)).where(col(Call.agent_id).is_not(None))
    groups = [(number, numbers) for number, *numbers in session.execute(tallied(linked, agent_id=col(Call.agent_id)))]
    old = kept.facts(session, who, "agents", days.dates, campaigns)
    sums = merged([*groups, *((number, numbers) for _day, _campaign, (number, *numbers) in old)])
    first = nsmallest(AGENTS_SHOWN, sums, key=lambda number: (*_order(order, sums[number]), number))
    found = session.execute(rows_of(col(Agent.id), col(Agent.name)).where(col(Agent.id).in_(first)))
    names = dict(map(tuple, found))
    return tuple(Named(str(number), names[number], sums[number]) for number in first if number in names)


def _calls(who: Identity, campaigns: frozenset[str], when: ColumnElement[bool]) -> SelectOfScalar[Call]:
    return narrowed(who, Filters(campaigns=campaigns)).where(when)


def _by_day(days: Days, sums: Mapping[tuple[date, Source, CallStatus], Tally]) -> Daily:
    totals = dict.fromkeys(days.dates, NOTHING)
    statuses: dict[CallStatus, dict[date, int]] = {kind: dict.fromkeys(days.dates, 0) for kind in CallStatus}
    sources: dict[Source, dict[date, int]] = {kind: dict.fromkeys(days.dates, 0) for kind in Source}
    before = NOTHING
    for (day, source, status), tally in sums.items():
        if day < days.first:
            before += tally
            continue
        totals[day] += tally
        statuses[status][day] += tally.calls
        sources[source][day] += tally.calls
    return Daily(totals, statuses, sources, before)


def _order(order: Order, tally: Tally) -> tuple[float, ...]:
    """Agents of whom nothing can be said come last."""
    match order:
        case Order.LOWEST:
            return tally.score is None, tally.score or 0.0, -tally.calls
        case Order.FLAGGED:
            return tally.flag_rate is None, -(tally.flag_rate or 0.0), -tally.calls
        case Order.MOST:
            return (-tally.calls,)
