"""`totalview upload`: brings files and whole folders to a server over its API, from any machine."""

import hashlib
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from commands.sending import state
from commands.sending.batch import Batch
from commands.sending.finding import Finder
from commands.sending.job import Job
from commands.sending.patience import GiveUp, Patience
from commands.sending.progress import on_stderr
from commands.sending.server import Server
from commands.sending.summary import Summary

BROKEN_OFF = 130  # as a shell says it of whoever was stopped by Ctrl-C
GO_ON = "Run the same command again: it sends only what is missing."


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("upload")(upload)


def upload(
    paths: Annotated[list[Path], typer.Argument(help="Recordings, and folders of them.")],
    campaign: Annotated[str, typer.Option(help="Slug of the campaign; the key has to be of this one.")],
    url: Annotated[str, typer.Option(envvar="TOTALVIEW_URL", help="The server, such as https://calls.example.com.")],
    key: Annotated[
        str,
        typer.Option(
            envvar="TOTALVIEW_API_KEY",
            help="An API key. In the variable it is seen in no list of processes, and in no shell's history.",
        ),
    ],
    parallel: Annotated[int, typer.Option(min=1, max=32, help="Files on their way at once.")] = 4,
    everything: Annotated[
        bool, typer.Option("--all", help="Of folders, send files too that do not look like recordings.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line (docs/command-line.md).")] = False,
    give_up_after: Annotated[
        float, typer.Option(min=0, max=86_400, help="Seconds to try for while the server is away.")
    ] = 300,
) -> None:
    """Upload recordings to a server. It needs no settings but these. Run again, it sends only what is missing."""
    finder = Finder(paths, everything=everything)
    summary = Summary(as_json=as_json, dry_run=dry_run)
    job: Job | None = None
    stopped = False
    with on_stderr() as progress:
        server = _server(url, key, Patience(give_up_after, progress.say), parallel)
        try:
            _expect_campaign(server, campaign)
            unfinished = state.Unfinished(state.folder(), server.url, campaign, progress.say)
            job = Job(server, unfinished, _command(paths, everything=everything), _title(paths))
            batch = Batch(server, unfinished, job, progress, parallel)
            for outcome in batch.dry(finder) if dry_run else batch.send(finder):
                summary.add(outcome)
            why = "" if summary.total else _nothing(paths)
        except GiveUp as error:
            why = f"{error} {GO_ON}" if summary.total else str(error)
        except KeyboardInterrupt:
            stopped, why = True, f"Stopped. {GO_ON}"
        server.patience.stop()
        server.close()
    summary.show()
    _say(job, finder.left_out, why)
    if stopped or why or summary.bad:
        raise typer.Exit(BROKEN_OFF if stopped else 1)


def _server(url: str, key: str, patience: Patience, parallel: int) -> Server:
    try:
        return Server(url, key, patience, most_at_once=parallel)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _expect_campaign(server: Server, slug: str) -> None:
    """Raises GiveUp when the key is another campaign's: its calls would be judged by the wrong checks."""
    actual = server.campaign().get("slug")
    if actual != slug:
        raise GiveUp(
            f"This key is of the campaign '{actual}', not '{slug}'. Use a key of '{slug}', or name '{actual}'."
        )


def _command(paths: list[Path], *, everything: bool) -> str:
    """What makes two commands the same batch: their files. Hashed, so that it can be noted."""
    said = json.dumps([sorted(os.path.abspath(path) for path in paths), everything])  # noqa: PTH100  no link is followed
    return hashlib.sha256(said.encode()).hexdigest()


def _title(paths: list[Path]) -> str:
    """What the bulk job is called: the first folder or file that was named."""
    first = os.fsencode(os.path.abspath(paths[0])).decode(errors="replace")  # noqa: PTH100  as above
    name = "".join(character for character in first.rpartition("/")[2] if character.isprintable())
    return name if len(paths) == 1 else f"{name[:150]} and {len(paths) - 1:,} more"


def _nothing(paths: list[Path]) -> str:
    where = "this folder" if len(paths) == 1 else "these folders"
    return f"There is no recording in {where}. Files that do not look like one are sent with --all."


def _say(job: Job | None, left_out: int, why: str) -> None:
    """What is worth a sentence at the end."""
    if job and job.number is not None:
        typer.echo(f"Bulk job: {job.number}", err=True)
    if left_out:
        typer.echo(f"Left out, as not looking like recordings: {left_out:,}. With --all they are sent too.", err=True)
    if why:
        typer.echo(why, err=True)
