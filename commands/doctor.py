"""`totalview doctor`: tests each part, and says what is wrong and what to do."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from threading import Thread
from time import monotonic
from typing import Annotated, NamedTuple

import typer
from sqlalchemy.exc import SQLAlchemyError

from commands.words import print_json
from config import SettingsError, settings
from config.idle import idle
from jobs import health, overview, stuck
from jobs.health import Trouble
from pipeline import children, samples
from pipeline.evaluators import registry as evaluators
from pipeline.line import CLAUDE
from pipeline.outcome import Fault, ProviderError
from pipeline.sftp.connection import checking
from pipeline.sound.decode import listen
from pipeline.transcribers import registry
from pipeline.transcribers.contract import Checkable
from records import outages
from records.db import writing

Check = Callable[[], str]

PATIENCE_S = 10.0  # for any part: all are asked at once, and a host that swallows what is sent never answers
AUDIO, AUDIO_S = "audio", 60.0  # work of this machine's own, which may be busy
ASKING = "doctor"  # the threads' name
FROM_QUEUE = ("workers", "scheduler")  # what Redis tells
WHERE = {  # what says where a part is
    "database": "DATABASE_URL",
    "storage": "S3_ENDPOINT_URL",
    "queue": "REDIS_URL",
    "sftp": "SFTP_HOST and SFTP_PORT",
    "assemblyai": "ASSEMBLYAI_BASE_URL",
    "deepgram": "DEEPGRAM_BASE_URL",
    CLAUDE: "ANTHROPIC_BASE_URL",
}


class Finding(NamedTuple):
    """What a part is like. `ok` is None where nothing can be said of it, since another part is in trouble."""

    ok: bool | None
    words: str


MARKS = {True: "ok   ", False: "WRONG", None: "?    "}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a part.")] = False) -> None:
    """Test each part of this installation. Exit code 1 when something is wrong."""
    healthy = True
    for name, finding in _examine():
        healthy = healthy and finding.ok is True
        if as_json:
            print_json({"part": name, "ok": finding.ok, "words": finding.words})
        else:
            typer.echo(f"{MARKS[finding.ok]}  {name:<12} {finding.words}")
    children.close()
    if not healthy:
        raise typer.Exit(1)


def _examine() -> Iterator[tuple[str, Finding]]:
    """Every part in order. With settings that cannot be read there is nothing else to look at."""
    try:
        settings()
    except SettingsError as error:
        yield "settings", Finding(ok=False, words=str(error))
        return
    checks = _checks()
    asked, since = {name: _begin(check) for name, check in checks.items()}, monotonic()
    queue = Finding(ok=True, words="")
    for name, future in asked.items():
        finding = _heard(name, future, since)
        if name == "queue":
            queue = finding
        if name in FROM_QUEUE and not (finding.ok or queue.ok):
            finding = Finding(ok=None, words="Nothing can be said of it until the queue is well.")
        yield name, finding


def _checks() -> dict[str, Check]:
    return {
        "settings": _settings,
        **health.CHECKS,
        "queue": _queue,
        "scheduler": _scheduler,
        AUDIO: _audio,
        "transcriber": _transcriber,
        **_providers(),
        **({"sftp": _sftp} if settings().has_sftp else {}),
    }


def _begin(check: Check) -> Future[Finding]:
    """Ask in a thread that nobody waits for at the end."""
    found: Future[Finding] = Future()
    Thread(target=lambda: found.set_result(_asked(check)), daemon=True, name=ASKING).start()
    return found


def _asked(check: Check) -> Finding:
    try:
        return Finding(ok=True, words=check())
    except Trouble as trouble:
        return Finding(ok=False, words=str(trouble))
    except Exception as error:  # noqa: BLE001  a doctor that falls over helps nobody; what broke is its finding
        return Finding(ok=False, words=f"This check itself broke ({type(error).__name__}: {error}).")


def _heard(name: str, found: Future[Finding], since: float) -> Finding:
    patience = AUDIO_S if name == AUDIO else PATIENCE_S
    try:
        return found.result(max(since + patience - monotonic(), 0.0))
    except TimeoutError:
        where = f" Check {WHERE[name]}, and any firewall on the way." if name in WHERE else ""
        return Finding(ok=False, words=f"No answer within {patience:.0f} seconds.{where}")


def _settings() -> str:
    folder = settings().folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            f"TOTALVIEW_HOME, {folder}, cannot be made: {error.strerror}. Set it to another folder."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Trouble(
            f"TOTALVIEW_HOME, {folder}, cannot be written. Give it to the user that runs this, or set another."
        )
    useless = " ".join(idle(settings()))
    if useless:
        raise Trouble(useless)
    return f"everything of this machine is kept in {folder}"


def _queue() -> str:
    words = health.queue()
    health.keeping()
    return words


def _scheduler() -> str:
    found = stuck.scheduler(overview.look())
    if found:
        raise Trouble(f"{found[0].words} {found[0].advice}")
    return "one runs"


def _audio() -> str:
    path = min(samples.FOLDER.glob("*.opus"))
    try:
        sound = children.run(listen, path, None, False, timeout_s=AUDIO_S)
    except children.ChildFailed as error:
        raise Trouble(f"Decoding a sample recording failed: {error}. Reinstall with `make install`.") from error
    return f"a sample of {sound.duration_ms / 1000:.0f} s decodes"


def _transcriber() -> str:
    name = registry.default(settings())
    return f"{registry.label(name)} transcribes where a campaign names none"


def _sftp() -> str:
    """The steps to SFTP_ROOT; `totalview sftp test` tries the campaigns' folders too."""
    steps = checking.check()
    if not steps[-1].ok:
        raise Trouble(f"{steps[-1].name}: {steps[-1].words}")
    return steps[-1].words


def _providers() -> dict[str, Check]:
    """A check for each provider whose key is set. Their libraries are loaded here, before anybody's time runs."""
    remote = [name for name in registry.usable(settings()) if registry.remote(name)]
    made: dict[str, Callable[[], Checkable]] = {name: partial(registry.outside, name) for name in remote}
    if evaluators.connected():
        made[CLAUDE] = evaluators.model
    for make in made.values():
        with suppress(ProviderError):  # which its check will say
            make()
    return {name: partial(_answers, name, make) for name, make in made.items()}


def _answers(name: str, made: Callable[[], Checkable]) -> str:
    """Ask the provider. Where it is well and its calls wait, they are let go on at once."""
    try:
        words = made().check()
    except ProviderError as error:
        also = f" {WHERE[name]} may be wrong too." if error.fault is Fault.AWAY else ""
        raise Trouble(f"{error}{also}") from error
    try:
        with writing() as session:
            was_paused = outages.is_paused(session, name)
            outages.look_again(session, name)
    except SQLAlchemyError:  # what is wrong with the database, its own check says
        return words
    return f"{words}; its calls, which waited, go on now" if was_paused else words
