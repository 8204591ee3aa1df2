"""`totalview doctor`: tests each part, and says what is wrong and what to do."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from commands.words import print_json
from config import settings
from jobs import health
from jobs.health import Trouble
from pipeline import children, samples
from pipeline.evaluators import registry as evaluators
from pipeline.line import CLAUDE
from pipeline.outcome import ProviderError
from pipeline.sftp.connection import checking, server
from pipeline.sound.decode import listen
from pipeline.transcribers import registry
from pipeline.transcribers.contract import Checkable
from records import outages
from records.db import writing

SECONDS = 60.0


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a part.")] = False) -> None:
    """Test each part of this installation. Exit code 1 when something is wrong."""
    checks: dict[str, Callable[[], str]] = {
        "settings": _settings,
        **health.CHECKS,
        "audio": _audio,
        "transcriber": _transcriber,
        **_providers(),
        **({"sftp": _sftp} if server.configured() else {}),
    }
    healthy = True
    for name, check in checks.items():
        try:
            words, fine = check(), True
        except Trouble as trouble:
            words, fine = str(trouble), False
        except Exception as error:  # noqa: BLE001  a doctor that falls over helps nobody; what broke is its finding
            words, fine = f"This check itself broke ({type(error).__name__}: {error}).", False
        healthy = healthy and fine
        if as_json:
            print_json({"part": name, "ok": fine, "words": words})
        else:
            typer.echo(f"{'ok   ' if fine else 'WRONG'}  {name:<12} {words}")
    children.close()
    if not healthy:
        raise typer.Exit(1)


def _settings() -> str:
    return f"everything of this machine is kept in {settings().folder}"


def _audio() -> str:
    path = min(samples.FOLDER.glob("*.opus"))
    try:
        sound = children.run(listen, path, None, False, timeout_s=SECONDS)
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


def _providers() -> dict[str, Callable[[], str]]:
    """A check for each provider whose key is set."""
    remote = [name for name in registry.usable(settings()) if registry.remote(name)]
    checks = {name: partial(_answers, name, partial(registry.outside, name)) for name in remote}
    if evaluators.connected():
        checks[CLAUDE] = partial(_answers, CLAUDE, evaluators.model)
    return dict(checks)


def _answers(name: str, made: Callable[[], Checkable]) -> str:
    """Ask the provider. Where it is well and its calls wait, they are let go on at once."""
    try:
        words = made().check()
    except ProviderError as error:
        raise Trouble(str(error)) from error
    try:
        with writing() as session:
            was_paused = outages.is_paused(session, name)
            outages.look_again(session, name)
    except SQLAlchemyError:  # what is wrong with the database, its own check says
        return words
    return f"{words}; its calls, which waited, go on now" if was_paused else words
