"""Calling a bulk job off: what waits becomes Failed and can be tried again; what has begun goes on."""

from sqlmodel import Session, col, select, update

from pipeline import runs
from records import bulk
from records.bulk import BulkItem, BulkJob
from records.bulk_counts import CANCELLED
from records.calls import Call
from records.db import now, reading, stored_id, writing
from records.identity import Identity
from records.roles import Permission
from records.runs import Run
from records.statuses import CallStatus

BATCH = 50  # calls in one transaction: on SQLite nobody else writes meanwhile


def cancel(who: Identity, number: int) -> BulkJob:
    """No recordings come in any more, and its Pending calls end. Again is harmless, and finishes what was broken off.

    Raises NotFound. Calls that were there before the job are left alone.
    """
    with writing() as session:
        job = bulk.job(session, who, number, Permission.CALL_UPLOAD)
        if job.cancelled_at is None:
            job.cancelled_at, job.cancelled_by = now(), who.label
            session.add(job)
    behind = ""
    while waiting := _waiting(stored_id(job.id), behind):
        with writing() as session:
            for call_id in waiting:
                _call_off(session, call_id, who.label)
        behind = waiting[-1]
    return job


def _waiting(job_id: int, behind: str) -> list[str]:
    """The next Pending calls that came in by this job, in the order of their ids."""
    theirs = select(BulkItem.call_id).where(BulkItem.bulk_job_id == job_id, col(BulkItem.duplicate).is_(False))
    pending = select(Call.id).where(col(Call.id).in_(theirs), Call.status == CallStatus.PENDING, Call.id > behind)
    with reading() as session:
        return list(session.exec(pending.order_by(col(Call.id)).limit(BATCH)))


def _call_off(session: Session, call_id: str, by: str) -> None:
    """End the call's run unless a worker has just claimed it or a rerun has taken its place."""
    call = session.exec(select(Call).where(Call.id == call_id)).one()
    run = select(Run.id).where(Run.call_id == call.id, Run.number == call.run_number)
    run_id = session.exec(run).first()
    # The run's row is locked before the call's, as a claim does it: whoever comes second finds the run ended.
    ended = session.exec(
        update(Run)
        .where(col(Run.id) == run_id, col(Run.claim).is_(None), col(Run.ended_at).is_(None))
        .values(ended_at=now(), error_code=CANCELLED, error=_words(by), waiting_for="", waits_at="")
    )
    if run_id is not None and ended.rowcount == 1:
        runs.give_up(session, call, run_id, CANCELLED, _words(by), by=by)


def _words(by: str) -> str:
    return f"Cancelled by {by}, with its bulk job. Rerun Transcription takes it up again."
