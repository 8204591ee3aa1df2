"""A worker process: many threads, each an RQ worker of one queue, since only then does RQ's pop survive a crash.

Most calls wait for somebody else's answer. A thread does that for a hundredth of what a process or a fork takes; what
needs a core works in child processes, which all threads share.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Mapping
from itertools import count
from threading import Event, Thread
from types import FrameType

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, worker_registration
from rq.timeouts import TimerDeathPenalty
from sqlalchemy.exc import SQLAlchemyError

from config import logs, settings
from jobs.connection import connect
from jobs.enqueue import CLOCK, QUEUES, SFTP, WEBHOOKS
from pipeline import children, conductor
from pipeline.sftp import importing as sftp_importing
from pipeline.sftp import sweep as sftp_sweep
from pipeline.webhooks import deliver
from records import outages
from records.db import writing

log = logging.getLogger(__name__)

# RQ's own books. Nothing waits for them: what a dead worker leaves, the rescue job finds in the database.
TTL_S, MAINTENANCE_S = 30, 120
CLOSING_S = 2.0  # for the children
GLANCE_S = 0.05
PAUSE_S = 1.0  # before a thread that broke begins anew
FEW = {CLOCK: 1, WEBHOOKS: 8}  # threads of the queues that are no stage's


class InThread(SimpleWorker):
    """An RQ worker that leaves signals, process titles and RQ's own remote control to nobody: it is one of many."""

    death_penalty_class = TimerDeathPenalty
    max_connection_wait_time = 5.0  # while Redis is away

    def _install_signal_handlers(self) -> None:
        """Only the main thread may, and does."""

    def subscribe(self) -> None:
        """A second thread and connection for each, to be told to stop: the process is told instead."""

    def procline(self, message: str) -> None:
        """One process title for many threads would tell nothing."""

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:  # noqa: ARG002  see below
        """RQ wishes to be counted as living for as long as a job may take: hours, though killed. The crew beats on."""
        super().heartbeat(pipeline=pipeline)

    def sign_in_again(self) -> None:
        """Into RQ's books, where Redis was emptied. RQ's own way is an error once the thread has written there too."""
        with self.connection.pipeline() as books:
            books.hset(self.key, mapping=self.serialize())
            worker_registration.register(self, books)
            books.expire(self.key, self.worker_ttl + 60)
            books.execute()

    def stop_soon(self) -> None:
        """Take no job after the present one."""
        self._stop_requested = True


class Crew:
    """The threads of a process: so many (the sizes) for each of its queues."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._connection = connect()
        self._told = Event()
        self._workers: dict[str, InThread] = {}
        self._births = count(1)
        self._threads = [
            Thread(target=self._work, args=(queue, f"{queue} {number}"), name=f"{queue} {number}", daemon=True)
            for queue, size in sizes.items()
            for number in range(1, size + 1)
        ]

    def run(self) -> None:
        """Work until told to stop; then finish what can be finished soon, and hand the rest back."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for thread in self._threads:
            thread.start()
        while not self._told.wait(TTL_S / 2):
            self._beat()
        for worker in list(self._workers.values()):
            worker.stop_soon()
        deadline = time.monotonic() + settings().stop_seconds
        while (conductor.in_hand() or deliver.in_hand()) and time.monotonic() < deadline:
            time.sleep(GLANCE_S)
        try:
            conductor.hand_back()
            sftp_importing.hand_back()
            sftp_sweep.hand_back()
        except SQLAlchemyError as error:
            log.warning("The database is away; what was being done is found by the rescue job. (%s)", error)
        self._sign_off()

    def _work(self, queue: str, thread: str) -> None:
        process = f"{queue}.{socket.gethostname()}.{os.getpid()}"
        with logs.about(queue=queue):
            self._work_on(queue, thread, process)

    def _work_on(self, queue: str, thread: str, process: str) -> None:
        while not self._told.is_set():
            try:
                # Each birth has a name of its own: RQ's books may still hold the one that broke.
                worker = _worker(f"{process}.{next(self._births)}", queue, self._connection)
                self._workers[thread] = worker
                worker.work(logging_level="WARNING")
            except Exception:
                log.exception("The thread %s of this worker broke, and begins anew.", thread)
            self._told.wait(PAUSE_S)

    def _beat(self) -> None:
        """Say that all threads live, those at a long job too; where Redis was emptied, they sign in again."""
        try:
            for worker in [one for one in list(self._workers.values()) if one.birth_date]:
                if self._connection.sismember(worker.redis_workers_keys, worker.key):
                    worker.heartbeat()
                else:
                    worker.sign_in_again()
        except RedisError as error:
            log.warning("Redis is away: %s", error)

    def _sign_off(self) -> None:
        """Take the threads out of RQ's books; one that waits for a job cannot do so itself."""
        for worker in self._workers.values():
            try:
                worker.register_death()  # type: ignore[no-untyped-call]  # RQ's own
            except RedisError as error:
                log.warning("Redis is away: %s", error)
                return

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._told.set()


def work(*queues: str) -> None:
    """Work on these queues until told to stop, then end the process: threads that wait for an answer never wake."""
    children.configure(workers=os.cpu_count(), memory=None if settings().whisper_model else children.MEMORY)
    _try_paused_providers()
    Crew({queue: _threads(queue) for queue in queues}).run()
    closing = Thread(target=children.close, daemon=True)
    closing.start()
    closing.join(CLOSING_S)  # what is not closed by then, the kernel ends with this process
    logging.shutdown()
    os._exit(0)


def _threads(queue: str) -> int:
    """How many of a queue: for SFTP one a connection, and one that sweeps meanwhile."""
    if queue == SFTP:
        return settings().sftp_connections + 1 if settings().has_sftp else 1
    return FEW.get(queue, settings().worker_threads)


def chosen(queues: list[str] | None) -> list[str]:
    """The queues to work on: those named, or all. Raises ValueError with a sentence."""
    unknown = set(queues or ()) - set(QUEUES)
    if unknown:
        raise ValueError(f"There is no queue '{min(unknown)}'. The queues are {', '.join(QUEUES)}.")
    return queues or list(QUEUES)


def _worker(name: str, queue: str, connection: Redis) -> InThread:
    return InThread(
        [Queue(queue, connection=connection)],
        name=name,
        connection=connection,
        worker_ttl=TTL_S,
        maintenance_interval=MAINTENANCE_S,
    )


def _try_paused_providers() -> None:
    """Whoever starts may bring another key, so the providers that are paused are tried at once."""
    with writing() as session:
        outages.look_again(session)
