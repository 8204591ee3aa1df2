"""Adds up the days that are over and keeps what they add up to, when somebody looks at them."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, select

from records.calls import Call
from records.db import UNSEEN, insert_into, now, reading, writing
from records.figures_days import midnight
from records.figures_kept import LONGEST_ZONE, NOTHING_KEPT, DayFigures, KeptDay, KeptFigures, day_of, true_days, within
from records.figures_sums import checked, tallied

NOTED_AGAIN = timedelta(hours=1)  # that a day is still true is written down at most so often
UNUSED = timedelta(days=60)  # what nobody has looked at for so long goes
ZONES = 8  # clocks by which days are kept; by others they are added up each time, so that nobody fills the disk


def keep(dates: Sequence[date], zone: str) -> KeptFigures:
    """Which of these ascending dates are kept and true: all that are over, once this has answered."""
    asked = now()
    with reading() as session:
        if not _is_kept_by(session, zone):
            return NOTHING_KEPT
        known = true_days(session, dates, zone)
        over = [day for day in dates if midnight(day + timedelta(days=1), zone) <= asked]
        missing = [day for day in over if day not in known]
        figures = list(_added_up(session, missing, zone))
    again = [day for day, at in known.items() if asked - at > NOTED_AGAIN]
    if missing or again:
        with writing() as session:
            # In order: who keeps the same days at the same time waits for this one, and never each for the other.
            rows = [{"zone": zone, "day": day, "true_at": asked} for day in sorted([*missing, *again])]
            fresh = insert_into(session, KeptDay).values(rows)
            true_at = {"true_at": fresh.excluded.true_at}
            session.execute(fresh.on_conflict_do_update(index_elements=["zone", "day"], set_=true_at))
            _delete(session, zone, missing)
            session.add_all(figures)
    return KeptFigures(zone, frozenset([*known, *missing]))


def forget_unused() -> int:
    """Delete the days that nobody has looked at for long; how many."""
    unused = col(KeptDay.true_at) < now() - UNUSED
    with writing() as session:
        old = session.exec(select(col(KeptDay.zone), col(KeptDay.day)).where(unused)).all()
        for zone in {zone for zone, _day in old}:
            _delete(session, zone, [day for of, day in old if of == zone])
        session.execute(delete(KeptDay).where(unused), execution_options=UNSEEN)
    return len(old)


def _delete(session: Session, zone: str, dates: Sequence[date]) -> None:
    theirs = delete(DayFigures).where(col(DayFigures.zone) == zone, col(DayFigures.day).in_(dates))
    session.execute(theirs, execution_options=UNSEEN)


def _added_up(session: Session, dates: Sequence[date], zone: str) -> Iterator[DayFigures]:
    """The figures of each campaign on each of these days, from the calls themselves."""
    if not dates:
        return
    added = col(Call.created_at)
    calls = select(Call).where(within(added, dates, zone))
    by: dict[str, Any] = {"place": day_of(added, dates, zone), "campaign_id": col(Call.campaign_id)}
    kinds = {
        "tallies": tallied(calls, **by, source=col(Call.source), status=col(Call.status)),
        "agents": tallied(calls.where(col(Call.agent_id).is_not(None)), **by, agent_id=col(Call.agent_id)),
        "checks": checked(calls, **by),
    }
    found: dict[tuple[int, int], dict[str, list[Any]]] = {}
    for kind, query in kinds.items():
        for number, campaign_id, *facts in session.execute(query):
            figures = found.setdefault((number, campaign_id), {name: [] for name in kinds})
            figures[kind].append(facts)
    for (number, campaign_id), figures in found.items():
        yield DayFigures(zone=zone, day=dates[number], campaign_id=campaign_id, **figures)


def _is_kept_by(session: Session, zone: str) -> bool:
    """Whether days are kept by this clock, or there is room for one more."""
    others = session.exec(select(func.count(func.distinct(KeptDay.zone))).where(KeptDay.zone != zone)).one()
    return len(zone) <= LONGEST_ZONE and others < ZONES
