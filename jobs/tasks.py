"""What workers run. Each task is a few lines: delegate to the pipeline, ask for what follows."""

from jobs import enqueue
from jobs.connection import connect
from pipeline import conductor, line, orphans, requeue
from pipeline import rescue as rescuing
from pipeline.storage import storage
from pipeline.transcription import scratch_folder
from pipeline.webhooks import deliver as delivering


def look(run_id: int, ticket: int) -> None:
    """Take a run one step further. Raises CallFailed when that failed the call, so that RQ's books show it.

    A failed job that a person requeues there finds its run ended, and begins a new one. Whatever came of it, a place
    may be free now, and whose turn it is gets it; and where the run has ended, webhooks are told.
    """
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
    due = delivering.step(delivery_id, ticket)
    if due:
        enqueue.deliver(due)


def tell(run_id: int) -> None:
    """Send what the end of this run, if it has ended, wrote down for webhooks."""
    for due in delivering.of_run(run_id):
        enqueue.deliver(due)


def call_up() -> None:
    """Let those runs go on that stood in line for a place, or for an outage to end."""
    for again in line.call_up():
        enqueue.look(again)


def rescue() -> None:
    """Ask again for every unfinished run, and every delivery, whose job is gone."""
    connection = connect()
    for again in rescuing.rescue(enqueue.asked_for(connection)):
        enqueue.look(again, connection)
    call_up()
    for due in delivering.lost(enqueue.deliveries_asked_for(connection)):
        enqueue.deliver(due, connection)


def sweep_orphans() -> None:
    """Delete recordings that never became a call, samples that a killed worker left, and what webhooks were told."""
    orphans.sweep_scratch(scratch_folder())
    orphans.sweep(storage())
    delivering.sweep()
