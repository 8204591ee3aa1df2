"""The command `totalview`: finds its subcommands, each in a module of commands/, imported when it is asked for."""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from config import SettingsError, logs
from config.starting import uncollected

CHATTY = (  # what they say at INFO helps nobody who runs this, or is a request's address with a secret in it
    *("alembic", "rq", "uvicorn.error", "botocore", "boto3", "paramiko"),
    *("httpx", "httpx2", "httpcore", "anthropic", "assemblyai", "deepgram"),
)

# Where each lives. Together they take more than a second to import, and one is asked for.
COMMANDS = {
    "up": "up",
    "web": "web",
    "worker": "operate",
    "scheduler": "operate",
    "migrate": "operate",
    "load-samples": "operate",
    "process": "process",
    "upload": "upload",
    "doctor": "doctor",
    "export": "backup",
    "import": "backup",
}
GROUPS = {
    "user": "people",
    "campaign": "campaigns",
    "agent": "agents",
    "call": "calls",
    "key": "keys",
    "webhook": "webhooks",
    "sftp": "sftp",
}


class Found(Mapping[str, TyperCommand | TyperGroup]):
    """Subcommands by name, each read from its module when it is looked at."""

    def __init__(self) -> None:
        self._read: dict[str, TyperCommand | TyperGroup] = {}

    def __getitem__(self, name: str) -> TyperCommand | TyperGroup:
        if name not in {*COMMANDS, *GROUPS}:
            raise KeyError(name)
        if name not in self._read:
            with uncollected():
                module = import_module(f"commands.{GROUPS.get(name) or COMMANDS[name]}")
            if name in GROUPS:
                self._read[name] = get_group(module.app)
                self._read[name].name = name
            else:
                holder = typer.Typer()
                module.add_to(holder)
                self._read.update(get_group(holder).commands)  # type: ignore[arg-type]  # Typer makes no others
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*COMMANDS, *GROUPS))

    def __len__(self) -> int:
        return len(COMMANDS) + len(GROUPS)


class Subcommands(TyperGroup):
    """The command itself."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  as Typer gives them
        super().__init__(**given)
        self.commands = Found()  # type: ignore[assignment]  # nothing is added later


app = typer.Typer(
    name="totalview", cls=Subcommands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def totalview() -> None:
    """Says how good each phone call was."""


def main() -> None:
    """Run the command; every expected failure is a sentence on stderr and exit code 1."""
    try:
        _set_up_log()
        app()
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from error


def _set_up_log() -> None:
    """Wrong settings are a finding of the doctor's, who writes no log."""
    try:
        logs.set_up(CHATTY)
    except SettingsError:
        if sys.argv[1:2] != ["doctor"]:
            raise


if __name__ == "__main__":
    main()
