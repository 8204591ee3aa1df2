"""What workers run. Each task is a few lines: delegate to the pipeline, ask for what follows."""

from jobs import enqueue
from jobs.connection import connect
from pipeline import conductor, line, orphans, requeue
from pipeline import rescue as rescuing
from pipeline.storage import storage
from pipeline.transcription import scratch_folder


def look(run_id: int, ticket: int) -> None:
    """Take a run one step further. Raises CallFailed when that failed the call, so that RQ's books show it.

    A failed job that a person requeues there finds its run ended, and begins a new one. Whatever came of it, a place
    may be free now, and whose turn it is gets it.
    """
    try:
        again = requeue.after_failure(run_id, ticket) or conductor.step(run_id, ticket)
        if again:
            enqueue.look(again)
    finally:
        call_up()


def call_up() -> None:
    """Let those runs go on that stood in line for a place, or for an outage to end."""
    for again in line.call_up():
        enqueue.look(again)


def rescue() -> None:
    """Ask again for every unfinished run whose job is gone."""
    connection = connect()
    for again in rescuing.rescue(enqueue.asked_for(connection)):
        enqueue.look(again, connection)
    call_up()


def sweep_orphans() -> None:
    """Delete recordings that never became a call, and samples that a killed worker left."""
    orphans.sweep_scratch(scratch_folder())
    orphans.sweep(storage())
