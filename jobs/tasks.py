"""What workers run. Each task is a few lines: delegate to the pipeline, ask for what follows."""

import logging

from config import logs
from jobs import enqueue, hourly
from jobs.connection import shared
from pipeline import catching_up, conductor, finishing, line, requeue
from pipeline import rescue as rescuing
from pipeline.intake import Refused
from pipeline.sftp import importing as sftp_importing
from pipeline.sftp import stepped as sftp_stepped
from pipeline.sftp import sweep as sftp_sweep
from pipeline.storage import StorageAway
from pipeline.webhooks import deliver as delivering
from records import uploads
from records.bulk import JobCancelled
from records.db import writing
from records.uploads import UploadHeld

log = logging.getLogger(__name__)

INDEX_EVERY_S = 60
SFTP_S = 300  # then another job goes on, so that a stopping worker keeps none for long
INDEX_S = 20  # of each minute, until the calls from before are all in the index


def look(run_id: int, ticket: int) -> None:
    """Take a run one step further. Raises CallFailed when that failed the call, so that RQ's books show it.

    A failed job that a person requeues there finds its run ended, and begins a new one. Whatever came of it, a place
    may be free now, and whose turn it is gets it; and where the run has ended, webhooks are told.
    """
    with logs.about(run_id=run_id):
        again = None
        try:
            again = requeue.after_failure(run_id, ticket) or conductor.step(run_id, ticket)
            if again:
                enqueue.look(again)
        finally:
            call_up()
            if again is None:
                tell(run_id)


def deliver(delivery_id: int, ticket: int) -> None:
    """Take a webhook's delivery one try further."""
    with logs.about(delivery_id=delivery_id):
        due = delivering.step(delivery_id, ticket)
        if due:
            enqueue.deliver(due)


def finish_upload(upload_id: str) -> None:
    """Make a call of a resumable upload that has come whole, and whose server went away before it had."""
    try:
        finishing.finish(upload_id, enqueue.first)
    except (UploadHeld, Refused, JobCancelled) as outcome:
        log.info("Upload %s: %s", upload_id, outcome)
    except StorageAway as away:
        log.warning("Upload %s is finished later: %s", upload_id, away)


def tell(run_id: int) -> None:
    """Send what the end of this run, if it has ended, wrote down for webhooks."""
    for due in delivering.of_run(run_id):
        enqueue.deliver(due)


def call_up() -> None:
    """Let those runs go on that stood in line for a place, or for an outage to end."""
    for again in line.call_up():
        enqueue.look(again)


def rescue() -> None:
    """Ask again for every unfinished run, and every delivery, whose job is gone, and for uploads that came whole."""
    connection = shared()
    for again in rescuing.rescue(enqueue.asked_for(connection)):
        enqueue.look(again, connection)
    call_up()
    for due in delivering.lost(enqueue.deliveries_asked_for(connection)):
        enqueue.deliver(due, connection)
    for upload_id in finishing.unfinished():
        enqueue.finish_upload(upload_id, connection)


def clock_went_back() -> None:
    """Look at every run, delivery and file that waits for a time, since those times may be hours away now."""
    connection = shared()
    for again in rescuing.after_clock_went_back():
        enqueue.look(again, connection)
    call_up()
    for due in delivering.after_clock_went_back():
        enqueue.deliver(due, connection)
    sftp_stepped.after_clock_went_back()
    with writing() as session:
        uploads.after_clock_went_back(session)


def index_texts() -> None:
    """Let calls from before the index of words be found by what was said in them."""
    catching_up.index_texts(INDEX_S)


def sweep_sftp() -> None:
    """Look at the SFTP server, and have what is due imported."""
    swept = sftp_sweep.sweep()
    if swept is None:
        return
    if swept.trouble:
        log.warning("The sweep of the SFTP server broke off: %s", swept.trouble)
    if swept.due:
        enqueue.import_sftp()
    if swept.unsettled:
        enqueue.sweep_sftp(sftp_sweep.LOOK_AGAIN_S)


def import_sftp() -> None:
    """Import what is due from the SFTP server, for some minutes."""
    if sftp_importing.work(enqueue.first, SFTP_S):
        enqueue.import_sftp()


def sweep_orphans() -> None:
    """Clear away what is nobody's, and what is kept for a time only. Raises SweepFailed where a part failed."""
    hourly.sweep()
