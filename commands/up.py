"""`totalview up`: all processes of an installation, on this machine."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.error import URLError
from urllib.request import urlopen

import typer
from redis.exceptions import RedisError

from commands.words import command, fail
from config import settings
from jobs import redis_server, supervise
from jobs.connection import connect
from records import setup
from records.db import forget_engines, writing
from web import listening


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


@command
def up(
    workers: Annotated[
        int, typer.Option(min=1, help="Worker processes; each looks after TOTALVIEW_WORKER_THREADS calls a stage.")
    ] = 1,
    no_sample: Annotated[bool, typer.Option("--no-sample", help="Leave the sample campaign out.")] = False,
) -> None:
    """Run everything on this machine, until Ctrl-C."""
    with _only_one():
        _check_port()
        parts = list(_parts(workers, with_samples=not no_sample and setup.is_fresh()))
        forget_engines()
        supervise.Supervisor(parts).run(when_up=_welcome)


def _parts(workers: int, *, with_samples: bool) -> Iterator[supervise.Part]:
    if not settings().redis_url:
        try:
            yield supervise.Part("the queue", redis_server.command(), ready=_redis_answers)
        except redis_server.NoRedis as error:
            raise fail(str(error)) from error
    if with_samples:
        yield _part("the samples", "load-samples", once=True)
    yield _part("the web process", "web", ready=_web_answers, early=True)
    for number in range(1, workers + 1):
        yield _part("the worker" if workers == 1 else f"worker {number}", "worker")
    yield _part("the scheduler", "scheduler")


def _part(name: str, *arguments: str, **more: object) -> supervise.Part:
    return supervise.Part(name, [sys.executable, "-m", "cli", *arguments], **more)  # type: ignore[arg-type]  # passed on as named


def _welcome() -> None:
    with writing() as session:
        link = setup.owner_link(session)
    forget_engines()
    if link:
        typer.echo(f"Make the owner's account here (works once, for 7 days):\n\n    {link}\n")
    typer.echo("Stop with Ctrl-C.")
    sys.stdout.flush()


def _redis_answers() -> bool:
    try:
        return bool(connect().ping())
    except (RedisError, OSError):
        return False


def _web_answers() -> bool:
    address = listening.reached_at(settings().host, settings().port)
    try:
        with urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310  the process that we have started
            return bool(answer.status == 200)  # noqa: PLR2004  HTTP's word for fine
    except (URLError, OSError):
        return False


def _check_port() -> None:
    try:
        listening.listen(settings().host, settings().port).close()
    except listening.CannotListen as error:
        raise fail(str(error)) from error


@contextmanager
def _only_one() -> Iterator[None]:
    """Two of them in one folder would run two Redis servers over the same files."""
    folder = settings().folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise fail(f"TotalView runs already with {folder}. Stop that one first.") from error
        yield
