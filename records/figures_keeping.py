"""Adds up the days that are over and keeps what they add up to, when somebody looks at them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, insert
from sqlmodel import Session, col, delete, func, select, update

from records.calls import Call
from records.db import UNSEEN, insert_into, now, reading, writing
from records.figures_days import midnight
from records.figures_kept import (
    LASTS,
    LONGEST_ZONE,
    NOTHING_KEPT,
    OF_DAY,
    DayAgent,
    DayCheck,
    DayTally,
    KeptDay,
    KeptFigures,
    OfDay,
    day_of,
    true_days,
    within,
)
from records.figures_sums import checked, tallied

NOTED_AGAIN = timedelta(hours=1)  # that a day is still true is written down at most so often
GONE = 2 * LASTS  # well after nobody reads it any more
Figures = Mapping[type[OfDay], Sequence[Mapping[str, Any]]]  # rows to be
ZONES = 8  # clocks by which days are kept; by others they are added up each time, so that nobody fills the disk


def keep(dates: Sequence[date], zone: str) -> KeptFigures:
    """Which of these successive dates are kept and true: all that are over, once this has answered."""
    asked = now()
    with reading() as session:
        if not _is_kept_by(session, zone):
            return NOTHING_KEPT
        known = true_days(session, dates, zone)
        over = [day for day in dates if midnight(day + timedelta(days=1), zone) <= asked]
        missing = [day for day in over if day not in known]
        figures = _added_up(session, missing, zone)
    again = [day for day, at in known.items() if asked - at > NOTED_AGAIN]
    if missing or again:
        with writing() as session:
            _put(session, zone, missing, asked, figures)
            still = update(KeptDay).where(col(KeptDay.zone) == zone, col(KeptDay.day).in_(again))
            session.execute(still.values(true_at=asked), execution_options=UNSEEN)
    return KeptFigures(zone, frozenset([*known, *missing]))


def forget_unused() -> int:
    """Delete the days that nobody has looked at for long; how many."""
    unused = delete(KeptDay).where(col(KeptDay.true_at) < now() - GONE)
    with writing() as session:
        old = session.execute(unused.returning(col(KeptDay.zone), col(KeptDay.day)), execution_options=UNSEEN).all()
        for zone in {zone for zone, _day in old}:
            _delete(session, zone, [day for of, day in old if of == zone])
    return len(old)


def _put(session: Session, zone: str, dates: Sequence[date], asked: datetime, figures: Figures) -> None:
    """The days first, in order: who keeps the same ones at the same time waits there, and never each for the other."""
    if not dates:
        return
    fresh = insert_into(session, KeptDay).values([{"zone": zone, "day": day, "true_at": asked} for day in dates])
    later = {"true_at": fresh.excluded.true_at}
    session.execute(fresh.on_conflict_do_update(index_elements=["zone", "day"], set_=later))
    _delete(session, zone, dates)
    for kind, rows in figures.items():
        if rows:
            session.execute(insert(kind), rows)


def _delete(session: Session, zone: str, dates: Sequence[date]) -> None:
    for kind in OF_DAY:
        theirs = delete(kind).where(col(kind.zone) == zone, col(kind.day).in_(dates))
        session.execute(theirs, execution_options=UNSEEN)


def _added_up(session: Session, dates: Sequence[date], zone: str) -> Figures:
    """The figures of each campaign on each of these days, from the calls themselves."""
    if not dates:
        return {}
    added = col(Call.created_at)
    calls = select(Call).where(within(added, dates, zone))
    by: dict[str, Any] = {"place": day_of(added, dates, zone), "campaign_id": col(Call.campaign_id)}
    linked = calls.where(col(Call.agent_id).is_not(None))
    queries: tuple[tuple[type[OfDay], Select[Any], tuple[str, ...]], ...] = (
        (DayTally, tallied(calls, **by, source=col(Call.source), status=col(Call.status)), ("source", "status")),
        (DayAgent, tallied(linked, **by, agent_id=col(Call.agent_id)), ("agent_id",)),
        (DayCheck, checked(calls, **by), ("name",)),
    )
    found: dict[type[OfDay], list[dict[str, Any]]] = {}
    for kind, query, own in queries:
        columns = ("campaign_id", *own, *kind.SUMS)
        found[kind] = [
            {"zone": zone, "day": dates[number], **dict(zip(columns, facts, strict=True))}
            for number, *facts in session.execute(query)
        ]
    return found


def _is_kept_by(session: Session, zone: str) -> bool:
    """Whether days are kept by this clock, or there is room for one more."""
    others = session.exec(select(func.count(func.distinct(KeptDay.zone))).where(KeptDay.zone != zone)).one()
    return len(zone) <= LONGEST_ZONE and others < ZONES
