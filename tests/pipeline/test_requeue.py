"""What a person's 'requeue' in the queue's own dashboard does."""

from threading import Barrier, Thread

import pytest

from pipeline import conductor, requeue, reruns
from pipeline.asking import first_look
from pipeline.conductor import Again, step
from pipeline.sound.contract import Flaw, NotARecording
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.runs import Run
from records.statuses import CallStatus, RunReason
from tests.pipeline.staging import Play, call_of, count, drive, enter, fails, run_of, timeline, versions

UNREADABLE = NotARecording(Flaw.CUT_SHORT, "This recording is cut short.")


@pytest.fixture
def failed(store: Campaign, play: Play) -> Again:
    """The look at which a call failed."""
    play.acts.append(UNREADABLE)
    first = enter(store)
    fails(first)
    return first


def requeued(look: Again) -> Again | None:
    return requeue.after_failure(look.run_id, look.ticket)


def test_a_failed_job_opens_a_new_run_once(failed: Again):
    again = requeued(failed)
    assert (again.run_id != failed.run_id, again.stage) == (True, "transcription")
    assert (call_of(failed.run_id).status, call_of(failed.run_id).run_number) == (CallStatus.PENDING, 2)
    assert timeline(call_of(failed.run_id))[-1] == ("failed", "pending", "Tried again")
    assert requeued(failed) is None
    assert step(failed.run_id, failed.ticket) is None
    drive(again)
    assert (call_of(failed.run_id).status, count(Run)) == (CallStatus.COMPLETED, 2)
    assert requeued(failed) is None


def test_the_same_job_delivered_twice_at_once_opens_one_run(failed: Again):
    start, answers, errors = Barrier(6), [], []

    def deliver() -> None:
        start.wait()
        try:
            answers.append(requeued(failed))
        except Exception as error:
            errors.append(error)
            raise

    threads = [Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len([answer for answer in answers if answer]) == 1
    assert count(Run) == 2


def test_a_rerun_that_was_quicker_is_left_alone(failed: Again):
    _, run = reruns.rerun(COMMAND_LINE, call_of(failed.run_id).id, RunReason.RERUN_TRANSCRIPTION)
    assert requeued(failed) is None
    drive(first_look(run))
    assert requeued(failed) is None
    assert len(versions(call_of(failed.run_id))) == 1


def test_an_older_failure_opens_nothing_once_a_newer_run_has_failed_too(failed: Again, play: Play):
    again = requeued(failed)
    play.acts.append(UNREADABLE)
    fails(again)
    assert requeued(failed) is None
    assert requeued(again).run_id not in {failed.run_id, again.run_id}
    assert count(Run) == 3


def test_a_run_that_failed_after_its_transcript_pays_no_second_one(store: Campaign, play: Play, monkeypatch):
    first = enter(store)
    look = step(first.run_id, first.ticket)
    with monkeypatch.context() as patch:
        patch.setattr(conductor, "is_final", lambda _error: True)
        patch.setattr("pipeline.analysis._load", lambda _work: 1 / 0)
        fails(look)
    again = requeued(look)
    assert (again.stage, run_of(again.run_id).transcript_id) == ("analysis", run_of(first.run_id).transcript_id)
    drive(again)
    assert (call_of(first.run_id).status, len(play.looks)) == (CallStatus.COMPLETED, 1)


@pytest.mark.parametrize("ticket", [0, 2, 99])
def test_another_ticket_than_the_one_that_failed_opens_nothing(failed: Again, ticket: int):
    assert requeue.after_failure(failed.run_id, ticket) is None
    assert requeue.after_failure(999, failed.ticket) is None
    assert count(Run) == 1


def test_jobs_that_did_not_fail_open_nothing(store: Campaign, play: Play):
    first = enter(store)
    assert requeued(first) is None
    second = step(first.run_id, first.ticket)
    assert (requeued(first), requeued(second)) == (None, None)
    drive(second)
    assert (requeued(first), requeued(second)) == (None, None)


def test_a_run_that_a_rerun_replaced_opens_nothing(store: Campaign, play: Play):
    first = enter(store)
    reruns.rerun(COMMAND_LINE, call_of(first.run_id).id, RunReason.RERUN_TRANSCRIPTION)
    assert requeued(first) is None
