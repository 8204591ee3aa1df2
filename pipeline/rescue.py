"""Finds unfinished runs that nobody is looking after, from the database alone, and gives them a new ticket."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, func, or_, select, update

from config import settings
from pipeline import runs
from pipeline.outcome import Again
from records import outages
from records.calls import Call, CallEvent
from records.db import now, reading, stored_id, writing
from records.runs import Run

GRACE_S = 5.0  # between a commit and its job there are milliseconds; a run this late has lost its job
AT_ONCE = 500  # rows a transaction, so that others can write in between


def abandoned() -> list[Run]:
    """Runs whose worker has not been heard of for longer than its lease."""
    late = select(Run).where(col(Run.ended_at).is_(None), col(Run.claim).is_not(None), col(Run.lease_until) < now())
    with reading() as session:
        return list(session.exec(late.limit(AT_ONCE)))


def overdue() -> list[Run]:
    """Runs that nobody holds and that should have been looked at by now."""
    due = now() - timedelta(seconds=GRACE_S)
    free = select(Run).where(col(Run.ended_at).is_(None), col(Run.claim).is_(None), col(Run.due_at) < due)
    waiting = free.where(Run.waits_at == "")  # who stands in line has no job, and needs none before its turn
    with reading() as session:
        return list(session.exec(waiting.order_by(col(Run.due_at)).limit(100 * AT_ONCE)))


def reissue(run: Run) -> Again | None:
    """A new ticket for this run, so that whatever job it had is worth nothing; None when it moved meanwhile."""
    if run.claim is not None and run.attempts >= settings().max_attempts:
        deaths = run.attempts - _failed_tries(run)
        if deaths >= settings().max_attempts:
            _give_up(run, deaths)
            return None
    with writing() as session:
        raised = session.exec(
            update(Run)
            .where(col(Run.ticket) == run.ticket, *_still_lost(run))
            .values(ticket=run.ticket + 1, claim=None, lease_until=None, due_at=now())
        )
    return Again(stored_id(run.id), run.ticket + 1, run.stage) if raised.rowcount == 1 else None


def rescue(asked_for: Collection[tuple[int, int]]) -> list[Again]:
    """New looks for every run that needs one. `asked_for` holds (run id, ticket) of jobs that are still queued."""
    lost = abandoned() + [run for run in overdue() if (run.id, run.ticket) not in asked_for]
    return [again for again in map(reissue, lost) if again is not None]


def after_clock_went_back() -> list[Again]:
    """New looks for every run that was put off until a time that has moved away; leases that have are cut short.

    A look too early hurts nobody: it finds nothing new, or tries again sooner than it would have.
    """
    longest = now() + timedelta(seconds=settings().lease_seconds)
    still_open = col(Run.ended_at).is_(None)
    with writing() as session:
        held = update(Run).where(still_open, col(Run.claim).is_not(None), col(Run.lease_until) > longest)
        session.exec(held.values(lease_until=longest))
    with writing() as session:
        outages.look_again(session)
    put_off = select(Run).where(still_open, col(Run.claim).is_(None), Run.waits_at == "", col(Run.due_at) > now())
    with reading() as session:
        waiting = list(session.exec(put_off.limit(100 * AT_ONCE)))
    return [again for again in map(reissue, waiting) if again is not None]


def _still_lost(run: Run) -> list[ColumnElement[bool]]:
    """As it was when we looked: nobody ended it, took it, or renewed the lease that had run out."""
    return [
        col(Run.id) == run.id,
        col(Run.claim).is_not_distinct_from(run.claim),
        or_(col(Run.lease_until).is_(None), col(Run.lease_until) < now()),
        col(Run.ended_at).is_(None),
    ]


def _failed_tries(run: Run) -> int:
    """How many tries of the present stage ended in words, and not with their worker: those are in the timeline."""
    with reading() as session:
        status = session.get_one(Call, run.call_id).status
        of_this_run = (CallEvent.call_id == run.call_id, CallEvent.run_number == run.number, CallEvent.by == "")
        said = select(func.count()).select_from(CallEvent).where(*of_this_run)
        return session.exec(said.where(CallEvent.was == status, CallEvent.became == status)).one()


def _give_up(run: Run, deaths: int) -> None:
    words = (
        f"A worker broke down {deaths} times while it worked on this recording. "
        "The recording is kept; look at the log and the memory of the worker's machine, then try a rerun."
    )
    with writing() as session:
        ended = session.exec(
            update(Run)
            .where(*_still_lost(run))
            .values(ended_at=now(), claim=None, lease_until=None, error_code="worker", error=words)
        )
        if ended.rowcount == 1 and run.id is not None:
            runs.give_up(session, session.get_one(Call, run.call_id), run.id, "worker", words)
