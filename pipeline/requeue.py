"""A failed job that a person requeues in the queue's own dashboard re-enters the pipeline as a new run."""

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from pipeline import reruns
from pipeline.asking import first_look
from pipeline.outcome import Again
from records import transcripts
from records.calls import Call
from records.db import reading, writing
from records.runs import Run
from records.statuses import CallStatus, RunReason


def after_failure(run_id: int, ticket: int) -> Again | None:
    """A new run when this ticket is the one that failed and the call has not been taken up since; else None."""
    try:
        return _after_failure(run_id, ticket) if _has_failed(run_id, ticket) else None
    except reruns.Busy:  # the same job delivered twice, or a person who was quicker
        return None


def _has_failed(run_id: int, ticket: int) -> bool:
    """Looked at by every job, so without a transaction that writes: nearly none has."""
    with reading() as session:
        return session.exec(_failed(run_id, ticket)).first() is not None


def _failed(run_id: int, ticket: int) -> SelectOfScalar[Run]:
    return select(Run).where(col(Run.id) == run_id, col(Run.ticket) == ticket, col(Run.error_code).is_not(None))


def _after_failure(run_id: int, ticket: int) -> Again | None:
    with writing() as session:
        run = session.exec(_failed(run_id, ticket)).first()
        if run is None:
            return None
        call = session.get_one(Call, run.call_id)
        if call.status is not CallStatus.FAILED or call.run_number != run.number:
            return None
        reason = _reason(session, run)
        return first_look(reruns.reopen(session, call, reason, by="queue", transcriber=run.transcriber))


def _reason(session: Session, run: Run) -> RunReason:
    """From analysis, where there is a transcript that may be read."""
    if run.transcript_id is None or transcripts.is_withheld(session, run.transcript_id):
        return reruns.FROM_THE_START.get(run.reason, run.reason)
    return RunReason.RUN_ANALYSIS
