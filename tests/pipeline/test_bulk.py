"""A bulk job that is called off: what waits ends, what has begun goes on, and nobody is told by a webhook."""

import pytest
from sqlmodel import Session, select

from pipeline import bulk as calling_off
from pipeline import conductor, reruns, runs
from records import access, bulk, bulk_counts, db
from records.bulk import BulkJob
from records.calls import Call, CallEvent
from records.campaigns import Campaign, create
from records.deliveries import Delivery
from records.identity import COMMAND_LINE, NotFound
from records.roles import Role
from records.runs import Run
from records.statuses import BulkStatus, CallStatus, RunReason
from records.webhooks import Event, Webhook
from tests.records.made import person, stored_call


@pytest.fixture
def job(database, campaign: Campaign) -> BulkJob:
    with db.writing() as session:
        return bulk.create(session, COMMAND_LINE, campaign.slug, expected=3)


def waiting(job: BulkJob, *, duplicate: bool = False, **facts) -> tuple[str, int]:
    """A call of the job with its first run; their ids."""
    with db.writing() as session:
        call = stored_call(session, session.get_one(Campaign, job.campaign_id), **facts)
        run = runs.begin(session, call, RunReason.FIRST_RUN, by="a test")
        bulk.note_call(session, job.id or 0, call.filename, call.id, duplicate=duplicate)
        return call.id, run.id or 0


def call(call_id: str) -> Call:
    with db.reading() as session:
        return session.get_one(Call, call_id)


def run(run_id: int) -> Run:
    with db.reading() as session:
        return session.get_one(Run, run_id)


def test_waiting_calls_fail_with_the_words_of_who_called_them_off(job):
    call_id, run_id = waiting(job)
    cancelled = calling_off.cancel(COMMAND_LINE, job.id or 0)
    assert (cancelled.cancelled_by, cancelled.cancelled_at is not None) == ("command line", True)
    ended = call(call_id)
    assert (ended.status, ended.error_code) == (CallStatus.FAILED, "cancelled")
    assert (ended.error or "").startswith("Cancelled by command line")
    assert (run(run_id).error_code, run(run_id).ended_at is not None) == ("cancelled", True)
    with db.reading() as session:
        last = session.exec(select(CallEvent).where(CallEvent.call_id == call_id)).all()[-1]
        counts = bulk_counts.tally(session, job).counts
    assert (last.was, last.became, last.by) == ("pending", "failed", "command line")
    assert (counts.cancelled, counts.failed) == (1, 0)
    assert bulk_counts.standing(counts, cancelled=True, overdue=False) is BulkStatus.CANCELLED


def test_a_run_that_was_called_off_is_not_claimed_and_one_that_was_claimed_goes_on(job):
    begun, begun_run = waiting(job)
    waits, waiting_run = waiting(job)
    assert runs.claim(begun_run, 1, conductor.BY_NAME) is not None
    calling_off.cancel(COMMAND_LINE, job.id or 0)
    assert runs.claim(waiting_run, 1, conductor.BY_NAME) is None
    assert (call(begun).status, run(begun_run).ended_at) == (CallStatus.TRANSCRIBING, None)
    assert call(waits).status is CallStatus.FAILED


@pytest.mark.parametrize("status", [CallStatus.TRANSCRIBING, CallStatus.ANALYZING, CallStatus.COMPLETED])
def test_only_what_waits_is_called_off(job, status):
    call_id, _run = waiting(job, status=status)
    calling_off.cancel(COMMAND_LINE, job.id or 0)
    assert call(call_id).status is status


def test_a_worker_that_was_quicker_keeps_its_call(job, monkeypatch):
    """Between our look and our write the run was claimed."""
    call_id, run_id = waiting(job)
    look = calling_off._waiting

    def claimed_meanwhile(job_id: int, behind: int) -> list[tuple[int, str]]:
        found = look(job_id, behind)
        if found:
            assert runs.claim(run_id, 1, conductor.BY_NAME) is not None
        return found

    monkeypatch.setattr(calling_off, "_waiting", claimed_meanwhile)
    calling_off.cancel(COMMAND_LINE, job.id or 0)
    assert (call(call_id).status, run(run_id).ended_at) == (CallStatus.TRANSCRIBING, None)


def test_calls_that_were_there_before_the_job_are_left_alone(job):
    call_id, run_id = waiting(job, duplicate=True)
    calling_off.cancel(COMMAND_LINE, job.id or 0)
    assert (call(call_id).status, run(run_id).ended_at) == (CallStatus.PENDING, None)


def test_every_call_is_reached_over_several_batches(job, monkeypatch):
    monkeypatch.setattr(calling_off, "BATCH", 2)
    ids = [waiting(job)[0] for _ in range(5)]
    calling_off.cancel(COMMAND_LINE, job.id or 0)
    assert {call(each).status for each in ids} == {CallStatus.FAILED}


def test_again_is_harmless_and_finishes_what_broke_off(job, monkeypatch):
    monkeypatch.setattr(calling_off, "BATCH", 1)
    ids = [waiting(job)[0] for _ in range(3)]
    off, done = calling_off._call_off, []

    def once(session: Session, call_ids: list[str], by: str) -> None:
        if done:
            raise RuntimeError
        done.append(call_ids)
        off(session, call_ids, by)

    monkeypatch.setattr(calling_off, "_call_off", once)
    with pytest.raises(RuntimeError):
        calling_off.cancel(COMMAND_LINE, job.id or 0)
    assert [call(each).status for each in ids] == [CallStatus.FAILED, CallStatus.PENDING, CallStatus.PENDING]
    monkeypatch.setattr(calling_off, "_call_off", off)
    with db.writing() as session:
        senior = access.identity(session, person(session, Role.SENIOR_MANAGER))
    again = calling_off.cancel(senior, job.id or 0)
    assert {call(each).status for each in ids} == {CallStatus.FAILED}
    assert again.cancelled_by == "command line"


def test_a_call_that_was_called_off_can_be_tried_again(job):
    call_id, _run = waiting(job)
    calling_off.cancel(COMMAND_LINE, job.id or 0)
    reruns.rerun(COMMAND_LINE, call_id, RunReason.RERUN_TRANSCRIPTION)
    again = call(call_id)
    assert (again.status, again.error_code, again.run_number) == (CallStatus.PENDING, None, 2)


def test_no_webhook_is_told(job):
    with db.writing() as session:
        session.add(
            Webhook(
                campaign_id=job.campaign_id,
                url="https://example.com/hook",
                events=[Event.FAILED],
                secret="whsec_x",
                active=True,
            )
        )
    waiting(job)
    calling_off.cancel(COMMAND_LINE, job.id or 0)
    with db.reading() as session:
        assert session.exec(select(Delivery)).all() == []


def test_nobody_cancels_another_campaigns_job(job):
    with db.writing() as session:
        elsewhere = create(session, COMMAND_LINE, "Elsewhere")
        stranger = access.identity(session, person(session, Role.MANAGER, elsewhere))
    call_id, _run = waiting(job)
    with pytest.raises(NotFound):
        calling_off.cancel(stranger, job.id or 0)
    assert call(call_id).status is CallStatus.PENDING
