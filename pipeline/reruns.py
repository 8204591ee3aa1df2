"""Reruns: a call enters the pipeline again, and what it has stays."""

from sqlalchemy.exc import InvalidRequestError
from sqlmodel import Session, col, select, update

from pipeline import runs
from records import access, retention, transcripts
from records.access import Identity, NotFound
from records.calls import Call
from records.campaigns import Campaign
from records.db import now, writing
from records.moves import move
from records.roles import Permission
from records.runs import Run
from records.statuses import BUSY, CallStatus, RunReason
from records.transcripts import REMOVED, Gone, Withheld


class Busy(Exception):  # noqa: N818  what it is
    """The call is being worked on; a rerun must wait for that."""


class NothingToAnalyze(Exception):  # noqa: N818  what it is
    """Run Analysis needs a transcript, and the call has none."""


def rerun(who: Identity, call_id: str, reason: RunReason, *, transcriber: str = "") -> tuple[Call, Run]:
    """Open a new run from transcription or from analysis; the caller asks a worker to look at it.

    Raises NotFound, Busy while the call is Transcribing or Analyzing, NothingToAnalyze, Gone, Withheld.
    """
    with writing() as session:
        call = access.call(session, who, call_id, Permission.CALL_REPROCESS)
        refuse_while_busy(call)
        return call, reopen(session, call, reason, by=who.label, transcriber=transcriber)


def reopen(
    session: Session,
    call: Call,
    reason: RunReason,
    *,
    by: str,
    transcriber: str = "",
    transcript_id: int | None = None,
) -> Run:
    """The new run of a call that nobody works on, from analysis where it has a transcript. The caller commits.

    Raises Gone, Busy, and with RUN_ANALYSIS as `newest_transcript`; then nothing of it may be committed.
    """
    if reason is RunReason.RUN_ANALYSIS:
        transcript_id = newest_transcript(session, call)
    _end_waiting_run(session, call)
    if call.status is not CallStatus.PENDING and not move(
        session, call, CallStatus.PENDING, words=_WORDS[reason], by=by
    ):
        raise Busy("Somebody else has just started this call again.")
    # The number guards against two reruns at once, the status against a worker that has just begun.
    raised = session.exec(
        update(Call)
        .where(
            col(Call.id) == call.id,
            col(Call.run_number) == call.run_number,
            col(Call.status) == CallStatus.PENDING,
        )
        .values(run_number=Call.run_number + 1)
    )
    if raised.rowcount != 1:
        raise Busy("Somebody else has just started this call again.")
    session.refresh(call)
    # Asked now that the call is ours: until then retention may have come in between.
    _expect_what_it_needs(session, call, transcript_id)
    runs.clear_error(session, call)
    stage = runs.FIRST_STAGE if transcript_id is None else "analysis"
    return runs.begin(session, call, reason, by=by, stage=stage, transcriber=transcriber, transcript_id=transcript_id)


def held(session: Session, who: Identity, call_id: str, permission: Permission) -> Call:
    """The call, which nobody works on, starts again or deletes until the transaction ends. Raises NotFound, Busy.

    Locked in a worker's order, run before call, so that neither waits for the other for ever.
    """
    call = access.call(session, who, call_id, permission)
    runs_of = select(Run.id).where(Run.call_id == call.id)
    locked = session.exec(runs_of.with_for_update()).all()
    lock(session, call)
    refuse_while_busy(call)
    if len(session.exec(runs_of).all()) != len(locked):
        raise Busy("Somebody else has just started this call again.")
    return call


def lock(session: Session, call: Call) -> None:
    """Nobody else changes it until the transaction ends. Raises NotFound when it was deleted since it was read."""
    try:
        session.refresh(call, with_for_update=True)
    except InvalidRequestError as gone:
        raise NotFound("There is no such call.") from gone


def refuse_while_busy(call: Call) -> None:
    """Raises Busy."""
    if call.status in BUSY:
        raise Busy("This call is being processed. Wait until it is Completed or Failed, then try again.")


_WORDS = {
    RunReason.FIRST_RUN: "Tried again",
    RunReason.RERUN_TRANSCRIPTION: "Rerun Transcription",
    RunReason.RUN_ANALYSIS: "Run Analysis",
    RunReason.SWAPPED_SPEAKERS: "The speakers were swapped",
}


# What a run becomes that was to judge a transcript and has none to read.
FROM_THE_START = {
    RunReason.RUN_ANALYSIS: RunReason.RERUN_TRANSCRIPTION,
    RunReason.SWAPPED_SPEAKERS: RunReason.RERUN_TRANSCRIPTION,
}


def newest_transcript(session: Session, call: Call) -> int:
    """The transcript to analyse again. Raises Gone, NothingToAnalyze, Withheld."""
    if call.transcripts_gone_at is not None:
        raise Gone(REMOVED)
    found = transcripts.newest(session, call)
    if found is None:
        raise NothingToAnalyze("This call has no transcript yet. Use Rerun Transcription.")
    if transcripts.is_withheld(session, found):
        raise Withheld
    return found


def _expect_what_it_needs(session: Session, call: Call, transcript_id: int | None) -> None:
    """Raises Gone."""
    if transcript_id is not None:
        if call.transcripts_gone_at is not None:
            raise Gone(REMOVED)
        return
    if call.recording_gone_at is not None:
        raise Gone("The recording of this call was removed, as its campaign's retention says. It cannot be run again.")
    campaign = session.get_one(Campaign, call.campaign_id)
    if not retention.lasts_anew(campaign, call):
        lasts = campaign.keep_transcripts_days
        raise Gone(f"This campaign keeps transcripts for {lasts} days, and this call is older: none is made anew.")


def _end_waiting_run(session: Session, call: Call) -> None:
    """A Pending call's own run makes room; a worker that was about to claim it finds it ended."""
    session.exec(
        update(Run)
        .where(col(Run.call_id) == call.id, col(Run.number) == call.run_number, col(Run.ended_at).is_(None))
        .values(ended_at=now(), claim=None, error_code="superseded", error="A rerun took this run's place.")
    )
