"""`totalview upload` against the stand-in, in this process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner, Result

from commands.upload import add_to
from tests.commands.sending.standin import KEY, Standin

KILOBYTE, MEGABYTE = 1 << 10, 1 << 20


def app() -> typer.Typer:
    made = typer.Typer()
    add_to(made)
    return made


@dataclass
class Uploader:
    """Runs the command for campaign 'support' with the right key."""

    standin: Standin

    def run(self, *arguments: str | Path, campaign: str = "support", key: str = KEY, **more: str) -> Result:
        environment = {"TOTALVIEW_URL": self.standin.url, "TOTALVIEW_API_KEY": key, **more}
        given = [str(one) for one in arguments]
        return CliRunner().invoke(app(), [*given, "--campaign", campaign], env=environment, catch_exceptions=False)

    def told(self, *arguments: str | Path, **more: str) -> list[dict[str, Any]]:
        """The lines of --json, in the order of the files."""
        lines = self.run(*arguments, "--json", **more).stdout.splitlines()
        return sorted((json.loads(line) for line in lines), key=lambda one: one["file"])

    def statuses(self, *arguments: str | Path) -> list[str]:
        return [one["status"] for one in self.told(*arguments)]


Make = Callable[..., Path]


def made(folder: Path, **files: bytes) -> Path:
    """A folder with these files, `call` being call.wav."""
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / f"{name}.wav").write_bytes(data)
    return folder
