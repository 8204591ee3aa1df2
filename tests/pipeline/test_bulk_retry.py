"""What failed of a bulk job is tried again by its cause, each call at the stage at which it failed."""

import pytest
from sqlmodel import select

from pipeline import bulk_retry, conductor, reruns, runs
from pipeline.outcome import Again
from pipeline.reruns import Busy
from records import access, bulk, db
from records.audit import AuditEntry
from records.bulk import BulkJob
from records.calls import Call, CallEvent
from records.campaigns import Campaign, create
from records.identity import COMMAND_LINE, NotFound
from records.results import StoredTranscript
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, RunReason
from tests.records.made import person, stored_call

NO_SPEECH = {"status": CallStatus.FAILED, "error_code": "no_speech", "error": "Nobody speaks."}


@pytest.fixture
def job(database, campaign: Campaign) -> BulkJob:
    with db.writing() as session:
        return bulk.create(session, COMMAND_LINE, campaign.slug, expected=3, name="March")


def failed(job: BulkJob, *, duplicate: bool = False, transcribed: bool = False, **facts) -> str:
    """A call of the job whose run has failed; its id."""
    with db.writing() as session:
        call = stored_call(session, session.get_one(Campaign, job.campaign_id), **(NO_SPEECH | facts))
        run = runs.begin(session, call, RunReason.FIRST_RUN, by="a test", transcriber="sphinx")
        run.ended_at, run.error_code = db.now(), call.error_code
        if transcribed:
            transcript = StoredTranscript(call_id=call.id, run_number=1, content={}, figures={})
            session.add(transcript)
            session.flush()
            run.transcript_id = transcript.id
        bulk.note_call(session, job.id or 0, call.filename, call.id, duplicate=duplicate)
        return call.id


def retried(job: BulkJob, code: str = "no_speech") -> tuple[int, list[Again]]:
    asked: list[Again] = []
    return bulk_retry.retry(COMMAND_LINE, job.id or 0, code, asked.append), asked


def call(call_id: str) -> Call:
    with db.reading() as session:
        return session.get_one(Call, call_id)


def test_calls_of_the_cause_wait_again_and_each_is_asked_for(job):
    ids = [failed(job), failed(job)]
    other = failed(job, error_code="provider")
    taken, asked = retried(job)
    assert taken == len(asked) == 2
    for each in map(call, ids):
        assert (each.status, each.run_number, each.error_code, each.error) == (CallStatus.PENDING, 2, None, None)
    assert call(other).status is CallStatus.FAILED
    with db.reading() as session:
        begun = session.exec(select(Run).where(Run.number == 2)).all()
        events = session.exec(select(CallEvent).where(CallEvent.was == "failed")).all()
    assert {run.call_id for run in begun} == set(ids)
    assert {(run.reason, run.stage, run.transcriber, run.asked_by) for run in begun} == {
        (RunReason.FIRST_RUN, "transcription", "sphinx", "command line")
    }
    assert {(again.run_id, again.ticket, again.stage) for again in asked} == {
        (run.id, 1, "transcription") for run in begun
    }
    assert [(event.became, event.words, event.by) for event in events] == [
        ("pending", bulk_retry.WORDS, "command line")
    ] * 2


def test_what_was_transcribed_is_not_paid_for_again(job):
    failed(job, transcribed=True)
    _taken, asked = retried(job)
    with db.reading() as session:
        first, second = session.exec(select(Run).order_by(Run.number)).all()
    assert (second.reason, second.stage) == (RunReason.RUN_ANALYSIS, "analysis")
    assert second.transcript_id == first.transcript_id is not None
    assert asked[0].stage == "analysis"


def test_a_worker_can_take_what_was_tried_again(job):
    call_id = failed(job)
    _taken, asked = retried(job)
    assert runs.claim(asked[0].run_id, asked[0].ticket, conductor.BY_NAME) is not None
    assert call(call_id).status is CallStatus.TRANSCRIBING


@pytest.mark.parametrize("status", [status for status in CallStatus if status is not CallStatus.FAILED])
def test_what_has_not_failed_is_left_alone(job, status):
    call_id = failed(job, status=status)
    with pytest.raises(Busy, match="None of these is left that can be tried again"):
        retried(job)
    assert (call(call_id).status, call(call_id).run_number) == (status, 1)


def test_calls_that_were_there_before_the_job_are_left_alone(job):
    call_id = failed(job, duplicate=True)
    with pytest.raises(Busy):
        retried(job)
    assert call(call_id).status is CallStatus.FAILED


def test_somebody_who_was_quicker_keeps_the_call(job, monkeypatch):
    """Between our look and our write a person pressed Rerun Transcription."""
    call_id = failed(job)
    look = bulk_retry._failed

    def meanwhile(job: BulkJob, code: str, behind: int) -> list[tuple[int, str]]:
        found = look(job, code, behind)
        if found:
            reruns.rerun(COMMAND_LINE, call_id, RunReason.RERUN_TRANSCRIPTION)
        return found

    monkeypatch.setattr(bulk_retry, "_failed", meanwhile)
    with pytest.raises(Busy):
        retried(job)
    assert call(call_id).run_number == 2


def test_every_call_is_reached_over_several_batches_and_the_log_has_one_line(job, monkeypatch):
    monkeypatch.setattr(bulk_retry, "BATCH", 2)
    ids = [failed(job) for _ in range(5)]
    assert retried(job)[0] == 5
    assert {call(each).status for each in ids} == {CallStatus.PENDING}
    with db.reading() as session:
        (line,) = session.exec(select(AuditEntry).where(AuditEntry.act == "bulk_job.retry")).all()
    assert (line.subject, line.campaign_id, line.details) == (
        f"{job.id} March",
        job.campaign_id,
        {"cause": "no_speech"},
    )


def test_nobody_tries_another_campaigns_calls_again(job):
    call_id = failed(job)
    with db.writing() as session:
        stranger = access.identity(session, person(session, Role.MANAGER, create(session, COMMAND_LINE, "Elsewhere")))
        agent = access.identity(session, person(session, Role.AGENT))
    for who in (stranger, agent):
        with pytest.raises(NotFound):
            bulk_retry.retry(who, job.id or 0, "no_speech", lambda _again: None)
    assert call(call_id).status is CallStatus.FAILED
