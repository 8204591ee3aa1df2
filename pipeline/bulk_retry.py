"""Trying again what failed of a bulk job, all calls of one cause at once."""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, exists
from sqlalchemy import select as rows_of
from sqlmodel import Session, and_, col, or_

from pipeline.asking import first_look
from pipeline.outcome import Again
from pipeline.reruns import FROM_THE_START, Busy
from pipeline.runs import FIRST_STAGE
from records import audit, bulk, retention, transcripts
from records.bulk import BulkItem, BulkJob
from records.calls import Call
from records.campaigns import Campaign
from records.db import reading, stored_id, writing
from records.identity import Identity
from records.moves import move_all
from records.roles import Permission
from records.runs import Run
from records.statuses import CallStatus, RunReason

BATCH = 250  # calls in one transaction: on SQLite nobody else writes meanwhile
WORDS = "Tried again, with its bulk job"
NONE_LEFT = (
    "None of these is left that can be tried again: somebody else has just done so, or their recordings or transcripts "
    "were removed by retention."
)


def retry(who: Identity, number: int, code: str, ask: Callable[[Again], object]) -> int:
    """Take up again the job's calls that failed with this code, each at the stage at which it failed; how many.

    A worker is asked by `ask` for each, outside of the transactions. Broken off, it is finished by doing it again.
    Raises NotFound, or Busy where none of them is left.
    """
    job, behind, taken = _mine(who, number), 0, 0
    while failed := _failed(job, code, behind):
        with writing() as session:
            runs = _reopen(session, job, [call_id for _item, call_id in failed], who.label)
            if runs and not taken:
                audit.log(session, who, "bulk_job.retry", _subject(job), campaign_id=job.campaign_id, cause=code)
        for run in runs:
            ask(first_look(run))
        taken += len(runs)
        behind = failed[-1][0]
    if not taken:
        raise Busy(NONE_LEFT)
    return taken


def _mine(who: Identity, number: int) -> BulkJob:
    with reading() as session:
        return bulk.job(session, who, number, Permission.CALL_REPROCESS)


def _subject(job: BulkJob) -> str:
    return f"{job.id} {job.name}".strip()


def _failed(job: BulkJob, code: str, behind: int) -> list[tuple[int, str]]:
    """The next calls that failed so, each behind the id of its item. What was there before the job is left alone."""
    calls = (
        rows_of(col(BulkItem.id), col(Call.id))
        .join(Call, col(Call.id) == BulkItem.call_id)
        .where(col(BulkItem.bulk_job_id) == stored_id(job.id), col(BulkItem.id) > behind)
        .where(col(BulkItem.duplicate).is_(False), col(Call.campaign_id) == job.campaign_id)
        .where(col(Call.status) == CallStatus.FAILED, col(Call.error_code) == code)
        .order_by(col(BulkItem.id))
    )
    with reading() as session:
        found = session.execute(calls.where(_has_what_it_needs(session, job)).limit(BATCH))
        return [(item, call_id) for item, call_id in found]


def _has_what_it_needs(session: Session, job: BulkJob) -> ColumnElement[bool]:
    """Whether a call has what retention may have removed, as a rerun of one call asks it."""
    its_run = (col(Run.call_id) == Call.id) & (col(Run.number) == Call.run_number)
    can_be_judged = exists().where(its_run, transcripts.if_open(col(Run.transcript_id)).is_not(None))
    lasts = retention.last_anew(session.get_one(Campaign, job.campaign_id))
    return or_(can_be_judged, and_(col(Call.recording_gone_at).is_(None), lasts))


def _reopen(session: Session, job: BulkJob, call_ids: Sequence[str], by: str) -> list[Run]:
    """New runs for those that are Failed still; who else takes one up at this moment is first or second, never both."""
    pending, failed = CallStatus.PENDING, CallStatus.FAILED
    nothing_wrong = {"error_code": None, "error": None}
    only = _has_what_it_needs(session, job)  # once more: retention may have come in between
    moved = move_all(
        session,
        call_ids,
        failed,
        pending,
        words=WORDS,
        by=by,
        only=only,
        run_number=Call.run_number + 1,
        **nothing_wrong,
    )
    before = (
        rows_of(
            *(col(Run.call_id), col(Run.number), col(Run.reason), col(Run.transcriber)),
            transcripts.if_open(col(Run.transcript_id)),
        )
        .join(Call, (col(Call.id) == Run.call_id) & (col(Call.run_number) == Run.number + 1))
        .where(col(Run.call_id).in_(moved))
        .order_by(col(Run.id))
    )
    runs = [
        Run(
            call_id=call_id,
            number=number + 1,
            reason=RunReason.RUN_ANALYSIS if transcript_id else FROM_THE_START.get(reason, reason),
            asked_by=by,
            stage="analysis" if transcript_id else FIRST_STAGE,
            transcriber=transcriber,
            transcript_id=transcript_id,
        )
        for call_id, number, reason, transcriber, transcript_id in session.execute(before)
    ]
    session.add_all(runs)
    session.flush()
    return runs
