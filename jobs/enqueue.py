"""The only door into Redis: every way to ask a worker for something."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from time import time

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

from jobs.connection import connect
from pipeline.conductor import first_look
from pipeline.outcome import Again
from pipeline.stages import BY_NAME, STAGES
from pipeline.webhooks.deliver import Due
from records.calls import Call
from records.runs import Run

log = logging.getLogger(__name__)

TASK = "jobs.tasks.look"  # by name: this door never imports what is behind it
DELIVER = "jobs.tasks.deliver"
FINISH_UPLOAD = "jobs.tasks.finish_upload"
CLOCK = "clock"  # rescue and sweeps
WEBHOOKS = "webhooks"  # messages to other people's programs; no slow receiver keeps a call waiting
STAGE_QUEUES = tuple(dict.fromkeys(stage.queue for stage in STAGES))
QUEUES = (*STAGE_QUEUES, WEBHOOKS, CLOCK)
DELIVERY_TIMEOUT_S = 120
FINISH_TIMEOUT_S = 3600  # what is finished here may be hours of video in a bucket
RUN, DELIVERY = "run", "delivery"  # what a job is about, in its id


def look(again: Again, connection: Redis | None = None) -> None:
    """Ask for a look at a run. Its job id is made of run and ticket, so that asking twice asks once.

    Redis being away loses nothing: the rescue job asks again from the database.
    """
    stage = BY_NAME[again.stage]
    queue = Queue(stage.queue, connection=connection or connect())
    _ask(queue, TASK, (again.run_id, again.ticket), RUN, seconds=again.seconds, timeout_s=stage.timeout_s)


def deliver(due: Due, connection: Redis | None = None) -> bool:
    """Ask for a try at a webhook's delivery, as `look` asks for a look at a run; False while Redis is away."""
    queue = Queue(WEBHOOKS, connection=connection or connect())
    ticket = (due.delivery_id, due.ticket)
    return _ask(queue, DELIVER, ticket, DELIVERY, seconds=due.seconds, timeout_s=DELIVERY_TIMEOUT_S)


def finish_upload(upload_id: str, connection: Redis | None = None) -> None:
    """Ask for an upload that has come whole to become a call; once a minute, however often this is asked for."""
    queue = Queue(STAGE_QUEUES[0], connection=connection or connect())
    job = f"upload-{upload_id}-{int(time() // 60)}"
    options = {"unique": True, "result_ttl": 0, "failure_ttl": 3600, "job_timeout": FINISH_TIMEOUT_S}
    try:
        queue.enqueue(FINISH_UPLOAD, upload_id, job_id=job, **options)
    except DuplicateJobError:
        log.debug("Upload %s was already asked for.", upload_id)


def first(call: Call, run: Run) -> None:
    """Ask for the first look at a run that has just begun."""
    log.info("Call %s enters the pipeline with run %s.", call.id, run.number)
    look(first_look(run))


def job_id(number: int, ticket: int, kind: str = RUN) -> str:
    """The id of the job that carries this ticket."""
    return f"{kind}-{number}-{ticket}"


def ticket_in(job: str, kind: str = RUN) -> tuple[int, int] | None:
    """(run or delivery id, ticket) in a job's id; None for other jobs."""
    parts = job.split("-")
    return (int(parts[1]), int(parts[2])) if len(parts) == 3 and parts[0] == kind else None  # noqa: PLR2004  as job_id writes it


def asked_for(connection: Redis) -> set[tuple[int, int]]:
    """The (run id, ticket) of every job that waits in a queue or for its time."""
    return _tickets_in(connection, STAGE_QUEUES, RUN)


def deliveries_asked_for(connection: Redis) -> set[tuple[int, int]]:
    """The (delivery id, ticket) of every job that waits in the queue or for its time."""
    return _tickets_in(connection, (WEBHOOKS,), DELIVERY)


def _ask(queue: Queue, task: str, ticket: tuple[int, int], kind: str, *, seconds: float, timeout_s: int) -> bool:
    options = {"job_id": job_id(*ticket, kind), "unique": True, "result_ttl": 0, "job_timeout": timeout_s}
    try:
        if seconds > 0:
            queue.enqueue_in(timedelta(seconds=seconds), task, *ticket, **options)
        else:
            queue.enqueue(task, *ticket, **options)
    except DuplicateJobError:
        log.debug("%s %s was already asked for with ticket %s.", kind, *ticket)
    except RedisError as error:
        log.warning("Redis is away (%s); %s %s will be asked for by the rescue job.", error, kind, ticket[0])
        return False
    return True


def _tickets_in(connection: Redis, names: Iterable[str], kind: str) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for name in names:
        queue = Queue(name, connection=connection)
        found |= _tickets(queue.get_job_ids(), kind)
        found |= _tickets(queue.scheduled_job_registry.get_job_ids(cleanup=False), kind)
    return found


def _tickets(ids: Iterable[str], kind: str) -> set[tuple[int, int]]:
    return {ticket for job in ids if (ticket := ticket_in(job, kind))}
