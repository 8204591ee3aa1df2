"""Workers and scheduler as processes: a friendly stop, failures in RQ's own books, requeueing, two schedulers."""

import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from rq import Queue
from sqlmodel import col, select

from config import settings
from jobs import health, worker
from jobs.connection import connect
from jobs.enqueue import QUEUES, job_id
from pipeline.storage import recording_key, storage
from records.calls import Call, CallEvent
from records.db import reading
from records.results import Version
from records.runs import Run
from records.statuses import CallStatus
from tests.installation import Installation, descendants, until
from tests.jobs.conftest import STAGED, take_in


def call_now(call: Call) -> Call:
    with reading() as session:
        return session.get_one(Call, call.id)


def runs_of(call: Call) -> list[Run]:
    with reading() as session:
        return list(session.exec(select(Run).where(Run.call_id == call.id).order_by(col(Run.number))))


def reaches(call: Call, status: CallStatus) -> None:
    until(lambda: call_now(call).status is status, f"the call is {status}")


def test_a_worker_told_to_stop_hands_back_what_it_cannot_finish(installation: Installation, tmp_path: Path):
    call, flag = take_in(), tmp_path / "reached"
    stopped = installation.start(sys.executable, STAGED, "transcription", "transcription", "begun", str(flag))
    until(flag.exists, "a thread is at work")
    stopped.send_signal(signal.SIGTERM)
    assert stopped.wait(60) == 0
    [run] = runs_of(call)
    assert (run.stage, run.claim, run.attempts, run.ended_at) == ("transcription", None, 0, None)
    assert health.served_queues() == []
    installation.workers()
    reaches(call, CallStatus.COMPLETED)


@pytest.mark.long
def test_a_worker_told_to_stop_takes_its_children_with_it(installation: Installation):
    call = take_in()
    stopped = installation.totalview("worker", "--queues", "transcription")
    until(lambda: runs_of(call)[0].claim is not None, "a worker holds the run")
    children = descendants(stopped.pid)
    stopped.send_signal(signal.SIGTERM)
    assert stopped.wait(60) == 0
    assert runs_of(call)[0].claim is None
    until(lambda: not any(pid in descendants(1) for pid in children), "its children are gone")


def test_a_failed_call_stands_in_rq_s_registry_and_a_requeue_there_runs_it_again(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TOTALVIEW_MAX_ATTEMPTS", "1")
    settings.cache_clear()
    call = take_in()
    with storage().open(recording_key(call.id)) as file:
        content = file.read()
    storage().delete(recording_key(call.id))
    installation.workers()
    reaches(call, CallStatus.FAILED)
    assert "stored recording is missing" in (call_now(call).error or "")
    queue = Queue("transcription", connection=connect())
    [run] = runs_of(call)
    failed = job_id(run.id or 0, run.ticket)
    until(lambda: failed in queue.failed_job_registry.get_job_ids(), "RQ's books show the failure")
    job = queue.fetch_job(failed)
    assert "stored recording is missing" in str(job.latest_result().exc_string)

    with storage().write(recording_key(call.id)) as sink:
        sink.write(content)
    queue.failed_job_registry.requeue(failed)
    reaches(call, CallStatus.COMPLETED)
    assert [run.number for run in runs_of(call)] == [1, 2]
    assert (call_now(call).error, call_now(call).version_number) == (None, 1)
    with reading() as session:
        by = session.exec(select(CallEvent.by).where(CallEvent.call_id == call.id, CallEvent.became == "pending")).all()
    assert by == ["command line", "queue"]


def test_a_passing_error_is_tried_again_by_the_clock(installation: Installation):
    call = take_in()
    with storage().open(recording_key(call.id)) as file:
        content = file.read()
    storage().delete(recording_key(call.id))
    installation.workers()
    until(lambda: runs_of(call)[0].waiting_for != "", "the first try has failed")
    with storage().write(recording_key(call.id)) as sink:
        sink.write(content)
    reaches(call, CallStatus.COMPLETED)
    [run] = runs_of(call)
    assert run.error is None


@pytest.mark.long
def test_two_schedulers_at_once_do_no_harm(installation: Installation):
    installation.totalview("scheduler")
    installation.workers()
    calls = [take_in(number) for number in range(3)]
    for call in calls:
        reaches(call, CallStatus.COMPLETED)
    with reading() as session:
        assert len(session.exec(select(Version)).all()) == 3


def test_a_scheduler_and_workers_wait_for_redis_to_come_back(installation: Installation):
    installation.workers()
    until(lambda: set(health.served_queues()) == set(QUEUES), "every queue is served")
    redis = installation.running[0]
    redis.terminate()
    redis.wait(60)
    call = take_in()
    time.sleep(2)
    installation.redis()
    reaches(call, CallStatus.COMPLETED)


@pytest.fixture
def crew(installation: Installation) -> worker.Crew:
    """One thread's entry in RQ's books, and no thread."""
    crew = worker.Crew({"transcription": 1})
    one = worker._worker("one", "transcription", connect())
    one.register_birth()
    crew._workers["one"] = one
    return crew


def test_a_worker_killed_over_a_long_job_is_not_counted_as_living_for_hours(crew: worker.Crew):
    one = crew._workers["one"]
    one.heartbeat(6 * 3600)
    assert 0 < connect().ttl(one.key) < 120


def test_a_thread_that_writes_into_emptied_books_meanwhile_ends_no_worker(crew: worker.Crew):
    [one] = crew._workers.values()
    over = threading.Event()

    def goes_on() -> None:
        while not over.is_set():
            one.set_state("busy")

    thread = threading.Thread(target=goes_on)
    thread.start()
    try:
        for _ in range(200):
            connect().flushall()
            crew._beat()
            assert connect().sismember(one.redis_workers_keys, one.key)
    finally:
        over.set()
        thread.join()


def test_workers_sign_in_again_after_redis_was_emptied(crew: worker.Crew):
    connect().flushall()
    crew._workers["one"].heartbeat()  # RQ's own, which writes to what is no entry any more
    assert health.served_queues() == []
    crew._beat()
    crew._beat()
    assert health.served_queues() == ["transcription"]


def test_only_known_queues_are_worked_on():
    assert worker.chosen(None) == ["transcription", "analysis", "webhooks", "sftp", "clock"]
    assert worker.chosen(["clock"]) == ["clock"]
    with pytest.raises(
        ValueError, match=r"no queue 'other'. The queues are transcription, analysis, webhooks, sftp, clock."
    ):
        worker.chosen(["other"])
