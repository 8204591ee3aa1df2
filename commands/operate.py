"""`totalview worker`, `scheduler`, `migrate`: what an installation is made of, one part each."""

from typing import Annotated

import typer

from commands.words import command, fail
from jobs import enqueue
from jobs.schedule import Clock
from jobs.worker import chosen, work
from pipeline import children, samples
from records.db import forget_engines


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("worker")(worker)
    app.command("scheduler")(scheduler)
    app.command("migrate")(migrate)
    app.command("load-samples", hidden=True)(load_samples)


@command
def worker(
    queues: Annotated[list[str] | None, typer.Option(help="Queue to work on; may be repeated; all by default.")] = None,
) -> None:
    """Work on queues until told to stop, in one process: most of its many calls wait for somebody else's answer."""
    try:
        names = chosen(queues)
    except ValueError as error:
        raise fail(str(error)) from error
    forget_engines()
    work(*names)


@command
def scheduler() -> None:
    """Run what goes by the clock: retries, rescue, sweeps."""
    Clock().run()


@command
def migrate() -> None:
    """Bring the database up to date."""
    typer.echo("The database is up to date.", err=True)


@command
def load_samples() -> None:
    """Take in the sample campaign's recordings."""
    samples.load(enqueue.first)
    children.close()
