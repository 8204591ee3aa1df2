"""Nothing is made of what retention has removed, whoever asks, and whatever it comes between."""

from datetime import timedelta

import pytest

from pipeline import bulk_retry, conductor, reruns, retention, runs
from pipeline.asking import first_look
from pipeline.outcome import Again
from pipeline.reruns import Busy
from records import bulk, db, transcripts
from records.access import COMMAND_LINE
from records.bulk import BulkJob
from records.calls import Call
from records.campaigns import Campaign
from records.retention import Kept
from records.runs import Run
from records.statuses import CallStatus, RunReason
from records.transcripts import Gone
from tests.pipeline.staging import Play, call_of, drive, enter, versions
from tests.records.made import stored_call

OLD = timedelta(days=40)


def change(call_id: str, **facts: object) -> None:
    with db.writing() as session:
        session.get_one(Call, call_id).sqlmodel_update(facts)


def now(call_id: str) -> Call:
    with db.reading() as session:
        return session.get_one(Call, call_id)


@pytest.fixture
def job(campaign: Campaign) -> BulkJob:
    """Of a campaign that keeps transcripts for 30 days."""
    with db.writing() as session:
        session.get_one(Campaign, campaign.id).keep_transcripts_days = 30
        return bulk.create(session, COMMAND_LINE, campaign.slug, expected=3)


def failed(job: BulkJob, *, transcribed: bool, **facts: object) -> str:
    """A call of 40 days ago whose run has failed, in analysis where it was transcribed; its id."""
    with db.writing() as session:
        campaign = session.get_one(Campaign, job.campaign_id)
        told = {"status": CallStatus.FAILED, "error_code": "provider", "created_at": db.now() - OLD, **facts}
        call = stored_call(session, campaign, **told)
        run = runs.begin(session, call, RunReason.FIRST_RUN, by="a test")
        run.ended_at, run.error_code = db.now(), "provider"
        if transcribed:
            said = {"utterances": [], "spotted": []}
            run.transcript_id, run.stage = transcripts.keep(session, call.id, 1, said, {}, redacted=False), "analysis"
        bulk.note_call(session, job.id or 0, call.filename, call.id, duplicate=False)
        return call.id


def retried(job: BulkJob) -> list[Again]:
    asked: list[Again] = []
    bulk_retry.retry(COMMAND_LINE, job.id or 0, "provider", asked.append)
    return asked


@pytest.mark.parametrize("transcribed", [True, False])
def test_a_bulk_job_s_retry_makes_nothing_of_what_is_over_its_time(job: BulkJob, *, transcribed: bool):
    call_id = failed(job, transcribed=transcribed)
    retention.sweep()
    with pytest.raises(Busy):
        retried(job)
    for reason in (RunReason.RERUN_TRANSCRIPTION, RunReason.RUN_ANALYSIS)[: 2 if transcribed else 1]:
        with pytest.raises(Gone):
            reruns.rerun(COMMAND_LINE, call_id, reason)
    assert (now(call_id).status, now(call_id).run_number) == (CallStatus.FAILED, 1)


@pytest.mark.parametrize("held", [True, False])
def test_it_transcribes_what_may_be_kept_anew_and_never_judges_what_was_removed(job: BulkJob, *, held: bool):
    call_id = failed(job, transcribed=True)
    retention.sweep()
    change(call_id, **({"held_at": db.now()} if held else {"created_at": db.now()}))
    [again] = retried(job)
    assert again.stage == "transcription"
    with db.reading() as session:
        assert session.get_one(Run, again.run_id).transcript_id is None


def test_what_is_over_its_time_and_not_removed_yet_is_judged_as_by_hand(job: BulkJob):
    failed(job, transcribed=True)
    assert [again.stage for again in retried(job)] == ["analysis"]


def test_the_bulk_retry_looks_again_at_what_retention_took_meanwhile(job: BulkJob, monkeypatch: pytest.MonkeyPatch):
    call_id, look = failed(job, transcribed=True), bulk_retry._failed

    def meanwhile(*asked) -> list[tuple[int, str]]:
        found = look(*asked)
        retention.sweep()
        return found

    monkeypatch.setattr(bulk_retry, "_failed", meanwhile)
    with pytest.raises(Busy):
        retried(job)
    assert now(call_id).status is CallStatus.FAILED


def test_a_rerun_between_whose_look_and_write_the_words_went_is_refused(
    store: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch
):
    look = enter(store)
    drive(look)
    call, newest = call_of(look.run_id), transcripts.newest

    def meanwhile(session, call: Call) -> int | None:
        found = newest(session, call)
        session.connection().exec_driver_sql("UPDATE call SET transcripts_gone_at = created_at")
        return found

    monkeypatch.setattr(transcripts, "newest", meanwhile)
    with pytest.raises(Gone, match="transcript of this call was removed"):
        reruns.rerun(COMMAND_LINE, call.id, RunReason.RUN_ANALYSIS)
    assert (now(call.id).status, now(call.id).run_number) == (CallStatus.COMPLETED, 1)


@pytest.mark.parametrize("stages_done", [0, 1])
def test_a_run_that_meets_a_removed_transcript_fails_in_words(store: Campaign, play: Play, stages_done: int):
    look = enter(store)
    drive(look)
    call = call_of(look.run_id)
    again = first_look(reruns.rerun(COMMAND_LINE, call.id, RunReason.RUN_ANALYSIS)[1])
    for _ in range(stages_done):
        again = conductor.step(again.run_id, again.ticket)
        assert again is not None
    change(call.id, transcripts_gone_at=db.now())
    with pytest.raises(conductor.CallFailed, match="transcript of this call was removed"):
        conductor.step(again.run_id, again.ticket)
    assert (now(call.id).status, now(call.id).error_code) == (CallStatus.FAILED, "removed")
    assert len(versions(call)) == 1
    assert not retention.remove(call.id, Kept.TRANSCRIPTS)
