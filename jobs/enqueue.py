"""The only door into Redis: every way to ask a worker for something."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

from jobs.connection import connect
from pipeline.conductor import first_look
from pipeline.outcome import Again
from pipeline.stages import BY_NAME, STAGES
from records.calls import Call
from records.runs import Run

log = logging.getLogger(__name__)

TASK = "jobs.tasks.look"  # by name: this door never imports what is behind it
CLOCK = "clock"  # rescue and sweeps
QUEUES = (*dict.fromkeys(stage.queue for stage in STAGES), CLOCK)


def look(again: Again, connection: Redis | None = None) -> None:
    """Ask for a look at a run. Its job id is made of run and ticket, so that asking twice asks once.

    Redis being away loses nothing: the rescue job asks again from the database.
    """
    stage = BY_NAME[again.stage]
    queue = Queue(stage.queue, connection=connection or connect())
    options = {
        "job_id": job_id(again.run_id, again.ticket),
        "unique": True,
        "result_ttl": 0,
        "job_timeout": stage.timeout_s,
    }
    try:
        if again.seconds > 0:
            queue.enqueue_in(timedelta(seconds=again.seconds), TASK, again.run_id, again.ticket, **options)
        else:
            queue.enqueue(TASK, again.run_id, again.ticket, **options)
    except DuplicateJobError:
        log.debug("Run %s was already asked for with ticket %s.", again.run_id, again.ticket)
    except RedisError as error:
        log.warning("Redis is away (%s); run %s will be asked for by the rescue job.", error, again.run_id)


def first(call: Call, run: Run) -> None:
    """Ask for the first look at a run that has just begun."""
    log.info("Call %s enters the pipeline with run %s.", call.id, run.number)
    look(first_look(run))


def job_id(run_id: int, ticket: int) -> str:
    """The id of the job that carries this ticket."""
    return f"run-{run_id}-{ticket}"


def ticket_in(job: str) -> tuple[int, int] | None:
    """(run id, ticket) in a job's id; None for other jobs."""
    parts = job.split("-")
    return (int(parts[1]), int(parts[2])) if len(parts) == 3 and parts[0] == "run" else None  # noqa: PLR2004  as job_id writes it


def asked_for(connection: Redis) -> set[tuple[int, int]]:
    """The (run id, ticket) of every job that waits in a queue or for its time."""
    found: set[tuple[int, int]] = set()
    for name in QUEUES:
        queue = Queue(name, connection=connection)
        found |= _tickets(queue.get_job_ids()) | _tickets(queue.scheduled_job_registry.get_job_ids(cleanup=False))
    return found


def _tickets(ids: Iterable[str]) -> set[tuple[int, int]]:
    return {ticket for ticket in map(ticket_in, ids) if ticket}
