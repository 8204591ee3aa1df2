"""The only door into Redis: every way to ask a worker for something."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from time import time

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

from config import logs, settings
from jobs.connection import shared
from pipeline.asking import POSTS, Due, first_look
from pipeline.outcome import Again
from records.calls import Call
from records.runs import Run

log = logging.getLogger(__name__)

TASK = "jobs.tasks.look"  # by name: this door never imports what is behind it
DELIVER = "jobs.tasks.deliver"
FINISH_UPLOAD = "jobs.tasks.finish_upload"
SWEEP_SFTP, IMPORT_SFTP = "jobs.tasks.sweep_sftp", "jobs.tasks.import_sftp"
CLOCK = "clock"  # rescue and sweeps
WEBHOOKS = "webhooks"  # messages to other people's programs; no slow receiver keeps a call waiting
SFTP = "sftp"  # sweeps of the SFTP server, and what they found
STAGE_QUEUES = tuple(dict.fromkeys(post.queue for post in POSTS.values()))
QUEUES = (*STAGE_QUEUES, WEBHOOKS, SFTP, CLOCK)
DELIVERY_TIMEOUT_S = 120
SFTP_TIMEOUT_S = 6 * 3600  # one recording of hours over a slow line; a dead worker's files are found by their leases
SFTP_TTL_S = 600  # a request that nobody took so long is worth nothing: each sweep asks anew
SFTP_JOB = {"unique": True, "result_ttl": 0, "ttl": SFTP_TTL_S, "failure_ttl": 3600, "job_timeout": SFTP_TIMEOUT_S}
SWEEP_SLOT_S = 5
FINISH_TIMEOUT_S = 3600  # what is finished here may be hours of video in a bucket
RUN, DELIVERY = "run", "delivery"  # what a job is about, in its id


def look(again: Again, connection: Redis | None = None) -> None:
    """Ask for a look at a run. Its job id is made of run and ticket, so that asking twice asks once.

    Redis being away loses nothing: the rescue job asks again from the database.
    """
    post = POSTS[again.stage]
    queue = Queue(post.queue, connection=connection or shared())
    _ask(queue, TASK, (again.run_id, again.ticket), RUN, seconds=again.seconds, timeout_s=post.timeout_s)


def deliver(due: Due, connection: Redis | None = None) -> bool:
    """Ask for a try at a webhook's delivery, as `look` asks for a look at a run; False while Redis is away."""
    queue = Queue(WEBHOOKS, connection=connection or shared())
    ticket = (due.delivery_id, due.ticket)
    return _ask(queue, DELIVER, ticket, DELIVERY, seconds=due.seconds, timeout_s=DELIVERY_TIMEOUT_S)


def finish_upload(upload_id: str, connection: Redis | None = None) -> None:
    """Ask for an upload that has come whole to become a call; once a minute, however often this is asked for."""
    queue = Queue(STAGE_QUEUES[0], connection=connection or shared())
    job = f"upload-{upload_id}-{int(time() // 60)}"
    options = {"unique": True, "result_ttl": 0, "failure_ttl": 3600, "job_timeout": FINISH_TIMEOUT_S}
    try:
        queue.enqueue(FINISH_UPLOAD, upload_id, job_id=job, **options)
    except DuplicateJobError:
        log.debug("Upload %s was already asked for.", upload_id)


def sweep_sftp(seconds: float = 0.0) -> bool:
    """Ask for a sweep of the SFTP server; False while Redis is away. Of those asked for the same moment one is made.

    Each sweep that finds a growing file asks for another, and so does the clock: without that they would multiply.
    """
    job = f"sftp-sweep-{int((time() + seconds) // SWEEP_SLOT_S)}"
    try:
        Queue(SFTP, connection=shared()).enqueue_in(timedelta(seconds=seconds), SWEEP_SFTP, job_id=job, **SFTP_JOB)
    except DuplicateJobError:
        log.debug("A sweep of the SFTP server was already asked for.")
    except RedisError as error:
        log.warning("Redis is away (%s); the SFTP server is swept when it is back.", error)
        return False
    return True


def import_sftp() -> None:
    """Ask for what is due from the SFTP server, once for each connection that may be used at once.

    A job takes whatever is due, so that one too many finds nothing. The ids change with time, because RQ refuses an id
    for as long as a dead worker's job of that id is in its books.
    """
    queue, slot = Queue(SFTP, connection=shared()), int(time() // 20)
    for number in range(settings().sftp_connections):
        try:
            queue.enqueue(IMPORT_SFTP, job_id=f"sftp-import-{number}-{slot}", **SFTP_JOB)
        except DuplicateJobError:
            log.debug("SFTP import %s was already asked for.", number)
        except RedisError as error:
            log.warning("Redis is away (%s); the next sweep asks for the import.", error)
            return


def first(call: Call, run: Run) -> None:
    """Ask for the first look at a run that has just begun."""
    with logs.about(call_id=call.id, run=run.number, run_id=run.id, stage=run.stage):
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
