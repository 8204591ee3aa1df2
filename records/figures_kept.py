"""What days that are over add up to, as it is kept: Home costs the same then, however many calls there are.

A day is kept by somebody's clock (a time zone), once for all who use it, by campaign: whoever asks adds up those
campaigns whose calls they see. It is true as long as none of its calls has changed and none was deleted since then.
Calls say when they changed, and deleted ones when they went, so that nobody who writes has to think of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy import select as rows_of
from sqlmodel import Field, Session, SQLModel, col, func, select

from records import access
from records.calls import Call
from records.campaigns import Campaign
from records.db import now, stored_as_value
from records.deletions import DeletedCall
from records.figures_days import Column as SqlColumn
from records.figures_days import midnight, place
from records.figures_sums import Tally
from records.identity import Identity
from records.roles import Permission
from records.statuses import CallStatus, Source

# Clocks of several machines differ, and a change is committed some time after the moment that it bears.
MARGIN = timedelta(hours=6)
LASTS = timedelta(days=30)  # after that it is added up again: to see what has changed since would take as long
LONGEST_ZONE = 64


class KeptDay(SQLModel, table=True):
    """A day that is over, by a clock."""

    __tablename__ = "kept_day"

    zone: str = Field(primary_key=True, max_length=LONGEST_ZONE)
    day: date = Field(primary_key=True)
    true_at: datetime  # when it was found to be so last


class OfDay(SQLModel):
    """Some of one campaign's calls of a kept day. What there is none of has no row."""

    # SQLite finds a day's rows side by side then, as it sorts them by their key.
    __table_args__: ClassVar[dict[str, Any]] = {"sqlite_with_rowid": False}
    SUMS: ClassVar[tuple[str, ...]]  # its columns that are added up further

    zone: str = Field(primary_key=True, max_length=LONGEST_ZONE)
    day: date = Field(primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)


class Tallied(OfDay):
    """A Tally of them."""

    SUMS = tuple(each.name for each in fields(Tally))

    calls: int
    completed: int
    failed: int
    judged: int
    flagged: int
    scored: int
    points: float


class DayTally(Tallied, table=True):
    """Those from one source with one status."""

    __tablename__ = "day_tally"

    source: Source = Field(primary_key=True, sa_type=stored_as_value(Source))
    status: CallStatus = Field(primary_key=True, sa_type=stored_as_value(CallStatus))


class DayAgent(Tallied, table=True):
    """Those of one agent."""

    __tablename__ = "day_agent"

    agent_id: int = Field(primary_key=True)


class DayCheck(OfDay, table=True):
    """How often one check failed, and was judged."""

    __tablename__ = "day_check"
    SUMS = ("failed", "judged")

    name: str = Field(primary_key=True, max_length=200)
    failed: int
    judged: int


OF_DAY: tuple[type[OfDay], ...] = (DayTally, DayAgent, DayCheck)


@dataclass(frozen=True)
class KeptFigures:
    """The days whose kept figures are true, by one clock."""

    zone: str = ""
    days: frozenset[date] = frozenset()

    def missing(self, dates: Sequence[date]) -> Sequence[date]:
        """Those of these dates that are not kept: their calls are to be added up."""
        return [day for day in dates if day not in self.days]

    def sums(
        self,
        session: Session,
        who: Identity,
        kind: type[OfDay],
        dates: Sequence[date],
        campaigns: frozenset[str],
        *by: str,
    ) -> Iterable[Sequence[Any]]:
        """For each group of those of these dates that are kept: what it is grouped by, then the sums of its kind.

        `campaigns` are slugs; none means all. Nothing for those who see the calls of one agent alone.
        """
        wanted = self.days.intersection(dates)
        if not wanted:
            return ()
        mine = access.campaigns(who, Permission.CALL_READ).with_only_columns(col(Campaign.id))
        if campaigns:
            mine = mine.where(col(Campaign.slug).in_(sorted(campaigns)))
        groups = [col(getattr(kind, name)) for name in by]
        added_up = rows_of(*groups, *(func.sum(getattr(kind, name)) for name in kind.SUMS)).where(
            col(kind.zone) == self.zone, col(kind.day).in_(sorted(wanted)), col(kind.campaign_id).in_(mine)
        )
        return map(tuple, session.execute(added_up.group_by(*groups)))


NOTHING_KEPT = KeptFigures()


def true_days(session: Session, dates: Sequence[date], zone: str) -> Mapping[date, datetime]:
    """Those of these successive dates that are kept and still true, and when each was found to be so last."""
    kept = rows_of(col(KeptDay.day), col(KeptDay.true_at)).where(
        col(KeptDay.zone) == zone,
        col(KeptDay.day).between(dates[0], dates[-1]),
        col(KeptDay.true_at).between(now() - LASTS, now()),  # what was kept by a clock that was ahead says nothing
    )
    found = dict(map(tuple, session.execute(kept)))
    if not found:
        return {}
    changed = _changes(session, dates, zone, min(found.values()) - MARGIN)
    return {day: at for day, at in found.items() if day not in changed or changed[day] < at - MARGIN}


def _changes(session: Session, dates: Sequence[date], zone: str, since: datetime) -> Mapping[date, datetime]:
    """On which of these days there were calls that have changed or went since then, and when the last did."""
    bounds = [midnight(day, zone) for day in (*dates, dates[-1] + timedelta(days=1))]
    found: dict[date, datetime] = {}
    for added, at, where in (
        # By campaign, as the index of changes goes; a condition on the days would lead SQLite to the index of those.
        (col(Call.created_at), col(Call.updated_at), col(Call.campaign_id).in_(select(Campaign.id))),
        (col(DeletedCall.added_at), col(DeletedCall.at), col(DeletedCall.added_at).is_not(None)),
    ):
        each = rows_of(place(added, bounds).label("place"), at.label("at")).where(where, at >= since).subquery()
        latest = rows_of(each.c.place, func.max(each.c.at)).group_by(each.c.place)
        for number, last in session.execute(latest):
            if 0 < number < len(bounds):
                day = dates[number - 1]
                found[day] = max(last, found.get(day, last))
    return found


def day_of(moment: SqlColumn, dates: Sequence[date], zone: str) -> ColumnElement[int]:
    """Which of these ascending dates a moment within them lies in, counted from 0."""
    return place(moment, [midnight(day, zone) for day in dates[1:]])


def within(moment: SqlColumn, dates: Sequence[date], zone: str) -> ColumnElement[bool]:
    """Whether a moment lies in one of these ascending dates."""
    begins = [midnight(day, zone) for day in dates]
    ends = [midnight(day + timedelta(days=1), zone) for day in dates]
    gaps = [number for number in range(1, len(dates)) if begins[number] != ends[number - 1]]
    firsts, lasts = [0, *gaps], [*(number - 1 for number in gaps), len(dates) - 1]
    spans = ((moment >= begins[a]) & (moment < ends[b]) for a, b in zip(firsts, lasts, strict=True) if dates)
    return or_(false(), *spans)
