"""Deleting a call: everything of it goes; that it was there, and a receipt of what went, stay."""

import logging
from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, col, delete, func, select, update

from pipeline import reruns
from pipeline.storage import StorageAway, recording_key, rendition_key, storage
from records import audit, deletions, deliveries, idempotency, sftp_forgotten, uploads
from records.answers import ProviderAnswer
from records.bulk import BulkItem, BulkJob
from records.calls import Call, CallEvent
from records.db import UNSEEN, writing
from records.deletions import DeletedCall
from records.identity import Identity, require
from records.results import CheckResult, StoredTranscript, Version
from records.retention import OnHold, Removal
from records.reviews import Dispute, Review, ReviewedCheck
from records.roles import Permission
from records.runs import Run
from records.sftp import SftpFile
from records.slots import ProviderSlot

log = logging.getLogger(__name__)


def delete_call(who: Identity, call_id: str, *, why: str = "") -> DeletedCall:
    """Delete a call for good; its tombstone. Raises NotAllowed, NotFound, OnHold, Busy while it is processed."""
    require(who, Permission.CALL_DELETE)
    with writing() as session:
        call = reruns.held(session, who, call_id, Permission.CALL_DELETE)
        if call.held_at is not None:
            raise OnHold
        stone = DeletedCall(
            id=call.id,
            campaign_id=call.campaign_id,
            sha256=call.sha256,
            size=call.size,
            added_at=call.created_at,
            by=who.label,
            why=deletions.reason(why),
            receipt={"recordings": 1, "bytes": call.size, **_rows(session, call)},
        )
        session.add(stone)
        # The file's name may name a person: it goes too.
        counts = {name: number for name, number in stone.receipt.items() if number}
        audit.log(session, who, "call.delete", f"call {call.id}", campaign_id=call.campaign_id, why=stone.why, **counts)
        session.flush()
    clear_shelf(call.id)
    return stone


def _rows(session: Session, call: Call) -> dict[str, int]:
    """Delete what is known of the call, children before parents; how many rows of each kind a person would count."""
    runs = select(Run.id).where(Run.call_id == call.id)
    reviews = select(Review.id).where(Review.call_id == call.id)

    def gone(table: type[SQLModel], where: ColumnElement[bool]) -> int:
        return session.execute(delete(table).where(where)).rowcount  # type: ignore[attr-defined, no-any-return]

    session.exec(update(ProviderSlot).where(col(ProviderSlot.run_id).in_(runs)).values(run_id=None, lease_until=None))
    counted = {
        "disputes": gone(Dispute, col(Dispute.review_id).in_(reviews)),
        "reviewed_checks": gone(ReviewedCheck, col(ReviewedCheck.review_id).in_(reviews)),
        "reviews": gone(Review, col(Review.call_id) == call.id),
        "check_results": gone(CheckResult, col(CheckResult.run_id).in_(runs)),
        "versions": gone(Version, col(Version.call_id) == call.id),
    }
    gone(ProviderAnswer, col(ProviderAnswer.run_id).in_(runs))
    gone(Run, col(Run.call_id) == call.id)
    counted["transcripts"] = gone(StoredTranscript, col(StoredTranscript.call_id) == call.id)
    gone(Removal, col(Removal.call_id) == call.id)
    counted["timeline"] = gone(CallEvent, col(CallEvent.call_id) == call.id)
    _leave_bulk_jobs(session, call)
    _leave_sftp(session, call)
    deliveries.forget(session, call.id)
    idempotency.forget(session, call)
    uploads.forget_call(session, call.id)
    gone(Call, col(Call.id) == call.id)
    session.expunge(call)
    return counted


def _leave_bulk_jobs(session: Session, call: Call) -> None:
    """A job that brought the recording becomes one smaller, and neither waits for it nor fails by it."""
    theirs = col(BulkItem.call_id) == call.id
    numbers: Sequence[tuple[int, int]] = session.exec(
        select(BulkItem.bulk_job_id, func.count()).where(theirs).group_by(col(BulkItem.bulk_job_id))
    ).all()
    for job_id, number in numbers:  # mostly one: a recording comes in one job
        session.exec(
            update(BulkJob)
            .where(col(BulkJob.id) == job_id, col(BulkJob.expected) >= number)
            .values(expected=BulkJob.expected - number)
        )
    session.exec(delete(BulkItem).where(theirs))


def _leave_sftp(session: Session, call: Call) -> None:
    """That a file was there stays, so that it is not imported again; its names and what was told of it go."""
    theirs = col(SftpFile.call_id) == call.id
    beside = update(SftpFile).where(theirs, col(SftpFile.code) == "same_path")  # another recording, in its place by now
    session.execute(beside.values(call_id=None), execution_options=UNSEEN)
    sftp_forgotten.forget(session, select(SftpFile.id).where(theirs))
    kept = {"path": "", "name_key": "", "stem_key": "", "told": {}, "agent_note": "", "code": "deleted"}
    words = "Its call was deleted, and its name with it. It is not imported again."
    files = update(SftpFile).where(theirs).values(**kept, reason=words, call_id=None)
    session.execute(files, execution_options=UNSEEN)


def clear_shelf(call_id: str) -> None:
    """Delete a call's objects, after the database has said so. What stays now, the sweep of orphans takes."""
    for key in (recording_key(call_id), rendition_key(call_id)):
        try:
            storage().delete(key)
        except (OSError, StorageAway):
            log.warning("%s could not be deleted; the sweep of orphans will.", key, exc_info=True)
