"""Asking for work: once a ticket, and never an error when Redis is away."""

import logging
import socket
from pathlib import Path

import pytest
from rq import Queue

from config import settings
from jobs import enqueue
from jobs.connection import connect
from pipeline.conductor import Again
from tests.installation import Installation, kill


@pytest.fixture
def queue(installation: Installation) -> Queue:
    return Queue("transcription", connection=connect())


def test_asking_twice_with_one_ticket_asks_once(queue: Queue):
    enqueue.look(Again(7, 1, "transcription"))
    enqueue.look(Again(7, 1, "transcription"))
    assert queue.job_ids == ["run-7-1"]


def test_a_new_ticket_is_a_new_job(queue: Queue):
    enqueue.look(Again(7, 1, "transcription"))
    enqueue.look(Again(7, 2, "transcription"))
    assert queue.job_ids == ["run-7-1", "run-7-2"]


def test_a_later_look_waits_for_its_time(queue: Queue):
    enqueue.look(Again(7, 3, "transcription", seconds=60))
    assert queue.job_ids == []
    assert queue.scheduled_job_registry.get_job_ids() == ["run-7-3"]


def test_what_is_asked_for_is_known_from_queues_and_schedule(queue: Queue):
    enqueue.look(Again(7, 1, "transcription"))
    enqueue.look(Again(8, 4, "verdict"))
    enqueue.look(Again(9, 2, "analysis", seconds=60))
    assert enqueue.asked_for(queue.connection) == {(7, 1), (8, 4), (9, 2)}


def test_redis_being_away_is_a_warning_and_no_error(installation: Installation, caplog: pytest.LogCaptureFixture):
    kill(installation.running[0].pid)
    installation.running[0].wait(60)
    with caplog.at_level(logging.WARNING):
        enqueue.look(Again(7, 1, "transcription"))
    assert "will be asked for by the rescue job" in caplog.text


@pytest.mark.parametrize("job", ["run-1", "run-1-2-3", "sweep-1-2", ""])
def test_other_jobs_carry_no_ticket(job: str):
    assert enqueue.ticket_in(job) is None


@pytest.fixture
def sftp(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setattr(enqueue, "time", lambda: 1_000_000.0)
    return Queue(enqueue.SFTP, connection=connect())


def test_sweeps_that_are_asked_for_at_one_moment_are_one(sftp: Queue):
    for _ in range(3):
        enqueue.sweep_sftp()
        enqueue.sweep_sftp(60)
    assert len(sftp.scheduled_job_registry.get_job_ids()) == 2


def test_an_import_is_asked_for_once_a_connection(sftp: Queue):
    enqueue.import_sftp()
    enqueue.import_sftp()
    assert len(sftp.job_ids) == len(set(sftp.job_ids)) == 6


def test_redis_being_away_fails_no_sweep(installation: Installation, caplog: pytest.LogCaptureFixture):
    kill(installation.running[0].pid)
    installation.running[0].wait(60)
    with caplog.at_level(logging.WARNING):
        assert not enqueue.sweep_sftp()
        enqueue.import_sftp()
    assert "the next sweep asks for the import" in caplog.text


def test_a_silent_redis_is_waited_for_once(home: Path, monkeypatch: pytest.MonkeyPatch, caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{silent.getsockname()[1]}?socket_timeout=0.3")
        settings.cache_clear()
        enqueue.look(Again(7, 1, "transcription"))
        assert "will be asked for by the rescue job" in caplog.text
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_more_threads_than_the_library_reckons_with_hold_a_connection_each(installation: Installation):
    pool = connect().connection_pool
    held = [pool.get_connection() for _ in range(300)]
    assert all(each.is_connected for each in held)
    for each in held:
        pool.release(each)
