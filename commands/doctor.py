"""`totalview doctor`: tests each part, and says what is wrong and what to do."""

from collections.abc import Callable
from typing import Annotated

import typer

from commands.words import print_json
from config import settings
from jobs import health
from jobs.health import Trouble
from pipeline import children, samples
from pipeline.sound.decode import listen
from pipeline.transcribers import registry

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
    return f"{name} is used where a campaign names none"


CHECKS: dict[str, Callable[[], str]] = {"audio": _audio, "transcriber": _transcriber}
