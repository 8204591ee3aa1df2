"""How the queues are, at this moment: what waits, what is being done, what failed, and who works on it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.cron import CronScheduler
from rq.worker import BaseWorker

from jobs.connection import shared
from jobs.enqueue import QUEUES
from jobs.health import Trouble

log = logging.getLogger(__name__)

AWAY = "Redis does not answer, so that nothing can be said of the queues. No call is lost; all go on when it is back."


@dataclass(frozen=True)
class QueueState:
    """One queue. A job is a look at a run or a try at a delivery, so that a call has several of them."""

    name: str
    waiting: int
    working: int
    later: int  # on the clock: for a provider's answer, or for the next try
    failed: int
    threads: int  # that take jobs from it
    oldest: datetime | None  # since when the first in line waits


@dataclass(frozen=True)
class WorkerState:
    """One worker process: its threads work on several queues."""

    host: str
    pid: int
    threads: int
    busy: int
    queues: tuple[str, ...]
    heard_at: datetime | None
    done: int  # jobs since it started
    failed: int


@dataclass(frozen=True)
class Overview:
    """All of it. `clocks` is when each scheduler was last heard of."""

    queues: tuple[QueueState, ...]
    workers: tuple[WorkerState, ...]
    clocks: tuple[datetime, ...]


def look() -> Overview:
    """Ask Redis. Raises Trouble in words while it is away."""
    try:
        return _look(shared())
    except (RedisError, OSError) as error:
        log.warning("Redis is away: %s", error)
        raise Trouble(AWAY) from error


def _look(connection: Redis) -> Overview:
    threads = Worker.all(connection=connection)
    return Overview(
        queues=tuple(_queue(name, threads, connection) for name in QUEUES),
        workers=_processes(threads),
        clocks=tuple(_aware(clock.last_heartbeat) for clock in CronScheduler.all(connection) if clock.last_heartbeat),
    )


def _queue(name: str, threads: Sequence[BaseWorker], connection: Redis) -> QueueState:
    queue = Queue(name, connection=connection)
    return QueueState(
        name=name,
        waiting=queue.count,
        working=queue.started_job_registry.get_job_count(cleanup=False),
        later=queue.scheduled_job_registry.get_job_count(cleanup=False),
        failed=queue.failed_job_registry.get_job_count(cleanup=False),
        threads=sum(name in thread.queue_names() for thread in threads),
        oldest=_waits_since(queue),
    )


def _waits_since(queue: Queue) -> datetime | None:
    for first in queue.get_job_ids(length=1):
        job = queue.fetch_job(first)  # None where it was taken, or ran out of its time, since
        return _aware(job.enqueued_at) if job and job.enqueued_at else None
    return None


def _processes(threads: Sequence[BaseWorker]) -> tuple[WorkerState, ...]:
    by_process: dict[tuple[str, int], list[BaseWorker]] = {}
    for thread in threads:
        by_process.setdefault((thread.hostname or "?", thread.pid or 0), []).append(thread)
    return tuple(_process(host, pid, mine) for (host, pid), mine in sorted(by_process.items()))


def _process(host: str, pid: int, threads: Sequence[BaseWorker]) -> WorkerState:
    heard = [_aware(thread.last_heartbeat) for thread in threads if thread.last_heartbeat]
    queues = {name for thread in threads for name in thread.queue_names()}
    return WorkerState(
        host=host,
        pid=pid,
        threads=len(threads),
        busy=sum(str(thread.get_state()) == "busy" for thread in threads),
        queues=tuple(name for name in QUEUES if name in queues),
        heard_at=max(heard, default=None),
        done=sum(thread.successful_job_count or 0 for thread in threads),
        failed=sum(thread.failed_job_count or 0 for thread in threads),
    )


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
