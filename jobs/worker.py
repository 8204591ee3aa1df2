"""One worker process: takes jobs from exactly one queue, since only then does RQ's pop survive a crash."""

import logging
import os

from rq import Queue, SimpleWorker, Worker
from rq.worker.base import BaseWorker, WorkerStatus

from config import settings
from jobs.connection import connect
from jobs.enqueue import CLOCK, QUEUES
from pipeline import children
from pipeline.conductor import Stopping

log = logging.getLogger(__name__)

# RQ's own books: a dead worker is noticed within half a minute. The rescue job does not wait for them.
TTL_S, MAINTENANCE_S, MONITORING_S = 30, 10, 5


class OneProcess(SimpleWorker):
    """Runs its jobs without a fork, so that warm child processes serve one call after another.

    Told to stop in the middle of a job, it hands the run back at once: recognising may take an hour.
    """

    def _shutdown(self) -> None:
        busy = self.get_state() == WorkerStatus.BUSY
        super()._shutdown()  # type: ignore[no-untyped-call]  # RQ's own
        if busy:
            raise Stopping


# Transcription spends its time in child processes and must keep them; a judge's blocking request
# holds a fork of a few megabytes.
WORKERS: dict[str, type[BaseWorker]] = {"transcription": OneProcess, "analysis": Worker, CLOCK: OneProcess}


def work(queue: str) -> None:
    """Work on this queue until told to stop."""
    children.configure(workers=children_each(), memory=None if settings().whisper_model else children.MEMORY)
    connection = connect()
    worker = WORKERS[queue](
        [Queue(queue, connection=connection)],
        connection=connection,
        worker_ttl=TTL_S,
        maintenance_interval=MAINTENANCE_S,
        job_monitoring_interval=MONITORING_S,
    )
    try:
        worker.work(logging_level="WARNING")
    finally:
        children.close()


def children_each() -> int:
    """Child processes of one worker: together the workers of a machine keep its cores busy, and no more."""
    return max(1, (os.cpu_count() or 1) // settings().local_calls)


def chosen(queues: list[str] | None) -> list[str]:
    """The queues to work on: those named, or all. Raises ValueError with a sentence."""
    unknown = set(queues or ()) - set(QUEUES)
    if unknown:
        raise ValueError(f"There is no queue '{min(unknown)}'. The queues are {', '.join(QUEUES)}.")
    return queues or list(QUEUES)
