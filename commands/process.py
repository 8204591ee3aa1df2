"""`totalview process`: the main job without a browser."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

import typer
from sqlmodel import col, select

from commands.process_text import plain, show
from commands.words import command, fail, print_json
from config import settings
from jobs import enqueue, health
from pipeline import children, conductor, intake, line, reruns
from pipeline.incoming import blocks_of
from pipeline.intake import Arrival, Facts, Refused
from pipeline.report import refused, report
from pipeline.samples import SLUG, ensure_campaign
from pipeline.storage import StorageAway
from records import access, setup
from records.access import COMMAND_LINE
from records.calls import Call
from records.db import now, reading, stored_id
from records.roles import Permission
from records.runs import Run
from records.statuses import FINISHED, CallStatus, RunReason, Source
from records.transcripts import Gone

GLANCE_S = 0.3


class Reasons:
    """Why calls wait: each reason is said once on stderr, however many wait for it."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._one_at_a_time = Lock()

    def say(self, words: str) -> None:
        """Say it, if it is news."""
        with self._one_at_a_time:
            if words and words not in self._said:
                self._said.add(words)
                typer.echo(f"Waiting: {plain(words).plain}", err=True)


@dataclass(frozen=True)
class Way:
    """How the recordings go through: by workers that run elsewhere, or in this process."""

    campaign: str
    by_workers: bool
    wait: bool
    accept_truncated: bool
    reasons: Reasons = field(default_factory=Reasons)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("process")(process)


@command
def process(
    files: Annotated[list[Path], typer.Argument(help="Recordings.")],
    campaign: Annotated[str, typer.Option(help="Slug of the campaign that judges them.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line (docs/command-line.md).")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the results where workers run.")] = False,
    accept_truncated: Annotated[bool, typer.Option(help="Take recordings that are cut short all the same.")] = False,
) -> None:
    """Take recordings in, run the pipeline, print what came of them. Exit code 1 when any failed."""
    way = Way(_campaign(campaign), health.pipeline_served(), wait, accept_truncated)
    failed = False
    children.configure(memory=None if settings().whisper_model else children.MEMORY)
    try:
        for outcome in _each(files, way):
            failed = failed or outcome["status"] == CallStatus.FAILED
            if as_json:
                print_json(outcome)
            else:
                show(outcome)
    except KeyboardInterrupt:
        typer.echo("Stopped. What was taken in goes on with `totalview up`, or with the same command.", err=True)
        os._exit(130)  # the threads that wait for child processes would hold a clean exit up for minutes
    finally:
        children.close()
    if failed:
        raise typer.Exit(1)


def _each(files: list[Path], way: Way) -> Iterator[dict[str, Any]]:
    """An outcome a file, in the order given, while the next ones are already at work."""
    pool = ThreadPoolExecutor(max_workers=max(settings().local_calls, 1))
    try:
        begun: list[Future[dict[str, Any]]] = [pool.submit(_one, path, way) for path in files]
        for future in begun:
            yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # never wait here: who was told to stop may be in an outage


def _one(path: Path, way: Way) -> dict[str, Any]:
    try:
        call = _take_in(path, way)
    except (Refused, StorageAway) as error:
        return refused(str(path), str(error))
    except OSError as error:
        return refused(str(path), f"This file cannot be read: {error.strerror}.")
    if not way.by_workers:
        _conduct(call.id, way.reasons)
    elif way.wait:
        while _status(call.id) not in FINISHED:
            way.reasons.say(_newest_run(call.id).waiting_for)
            time.sleep(GLANCE_S)
    with reading() as session:
        return report(session, session.get_one(Call, call.id), file=str(path))


def _take_in(path: Path, way: Way) -> Call:
    """The call of this recording. One that failed before is tried again: that is why somebody processes it twice."""
    if path.is_dir():
        raise Refused("folder", "This is a folder. Name the recordings in it, such as folder/*.wav.")
    ask = enqueue.first if way.by_workers else _nobody
    facts = Facts(accept_truncated=way.accept_truncated)
    arrival = Arrival(way.campaign, path.name, blocks_of(path), Source.BULK_JOB, facts)
    received = intake.receive(COMMAND_LINE, arrival, ask)
    if received.duplicate and received.call.status is CallStatus.FAILED:
        with suppress(Gone):  # it stays Failed, as it was
            ask(*reruns.rerun(COMMAND_LINE, received.call.id, RunReason.RERUN_TRANSCRIPTION))
    return received.call


def _nobody(_call: Call, _run: Run) -> None:
    """No worker runs: this process looks after the run itself."""


def _conduct(call_id: str, reasons: Reasons) -> None:
    """Take the call to its end here, step by step, as the database says what is next.

    Should workers start meanwhile and take it over, this only watches.
    """
    while _status(call_id) not in FINISHED:
        run = _newest_run(call_id)
        reasons.say(run.waiting_for)
        held = run.claim is not None and run.lease_until is not None and run.lease_until > now()
        pause = (run.due_at - now()).total_seconds()
        if run.waits_at:
            line.call_up()  # what it asks for is found in the database by whoever conducts that call
            time.sleep(GLANCE_S)
            continue
        if held or pause > 0:
            time.sleep(min(max(pause, GLANCE_S), 5.0))
            continue
        try:
            conductor.step(stored_id(run.id), run.ticket)
        except conductor.CallFailed:
            return  # the words stand in the database, where the report finds them


def _newest_run(call_id: str) -> Run:
    with reading() as session:
        return session.exec(select(Run).where(Run.call_id == call_id).order_by(col(Run.number).desc()).limit(1)).one()


def _status(call_id: str) -> CallStatus:
    with reading() as session:
        return session.get_one(Call, call_id).status


def _campaign(named: str) -> str:
    """The campaign to judge by: the one named, else the only one there is, else the sample."""
    if not named and setup.is_fresh():
        ensure_campaign()
    with reading() as session:
        slugs = [campaign.slug for campaign in session.exec(access.campaigns(COMMAND_LINE, Permission.CALL_UPLOAD))]
    if named:
        if named not in slugs:
            raise fail(f"There is no campaign '{named}'. There are: {', '.join(sorted(slugs)) or 'none'}.")
        return named
    others = [slug for slug in slugs if slug != SLUG]
    if len(others) > 1:
        raise fail(f"Name the campaign with --campaign: {', '.join(sorted(slugs))}.")
    return others[0] if others else SLUG
