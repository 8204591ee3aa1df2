"""Calling a bulk job off: what waits becomes Failed and can be tried again; what has begun goes on."""

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, update

from records import audit, bulk
from records.bulk import BulkItem, BulkJob
from records.bulk_counts import CANCELLED
from records.calls import Call
from records.db import UNSEEN, now, reading, stored_id, writing
from records.identity import Identity
from records.moves import move_all
from records.roles import Permission
from records.runs import Run
from records.statuses import CallStatus

BATCH = 250  # calls in one transaction: on SQLite nobody else writes meanwhile


def cancel(who: Identity, number: int) -> BulkJob:
    """No recordings come in any more, and its Pending calls end. Again is harmless, and finishes what was broken off.

    Raises NotFound. Calls that were there before the job are left alone.
    """
    with writing() as session:
        job = bulk.job(session, who, number, Permission.CALL_UPLOAD)
        if job.cancelled_at is None:
            job.cancelled_at, job.cancelled_by = now(), who.label
            session.add(job)
            audit.log(session, who, "bulk_job.cancel", f"{job.id} {job.name}".strip(), campaign_id=job.campaign_id)
    behind = 0
    while waiting := _waiting(stored_id(job.id), behind):
        with writing() as session:
            _call_off(session, [call_id for _item, call_id in waiting], who.label)
        behind = waiting[-1][0]
    return job


def _waiting(job_id: int, behind: int) -> list[tuple[int, str]]:
    """The next Pending calls that came in by this job, each behind the id of its item."""
    pending = (
        rows_of(col(BulkItem.id), col(Call.id))
        .join(Call, col(Call.id) == BulkItem.call_id)
        .where(col(BulkItem.bulk_job_id) == job_id, col(BulkItem.id) > behind, col(BulkItem.duplicate).is_(False))
        .where(col(Call.status) == CallStatus.PENDING)
    )
    with reading() as session:
        return [(item, call_id) for item, call_id in session.execute(pending.order_by(col(BulkItem.id)).limit(BATCH))]


def _call_off(session: Session, call_ids: list[str], by: str) -> None:
    """End these calls' runs, but for those that a worker has claimed meanwhile, or whose place a rerun has taken.

    A run's row is locked before its call's, as a claim does it: whoever comes second finds the run ended.
    """
    found = session.execute(
        rows_of(col(Run.id), col(Run.call_id))
        .join(Call, (col(Call.id) == Run.call_id) & (col(Call.run_number) == Run.number))
        .where(col(Run.call_id).in_(call_ids), col(Run.claim).is_(None), col(Run.ended_at).is_(None))
        .order_by(col(Run.id))
        .with_for_update(of=Run)
    ).all()
    runs, calls = [row[0] for row in found], [row[1] for row in found]
    words = f"Cancelled by {by}, with its bulk job. Rerun Transcription takes it up again."
    over = {"ended_at": now(), "error_code": CANCELLED, "error": words, "waiting_for": "", "waits_at": ""}
    # Nothing of these rows is read again in this session, so that it need not follow what becomes of them.
    ended = update(Run).where(col(Run.id).in_(runs)).values(**over)
    session.execute(ended, execution_options=UNSEEN)
    pending, failed = CallStatus.PENDING, CallStatus.FAILED
    move_all(session, calls, pending, failed, words=words, by=by, error_code=CANCELLED, error=words)
