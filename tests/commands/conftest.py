"""The command, run as a user runs it: a process of its own over a fresh home."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from records import db, sessions
from records.people import User
from records.roles import Role
from tests.house_rules import ROOT
from tests.records.made import person
from tests.served import served, served_home

__all__ = ["served", "served_home"]  # fixtures made elsewhere
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def totalview(nothing_set_up: Path, tmp_path: Path) -> Command:
    """`totalview(*arguments)`: exit code, stdout and stderr. The home is new, and nothing is set up."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(*arguments: str | Path, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env={**environment, **more},
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    return run


@pytest.fixture
def typed(home: Path) -> Command:
    """`typed(*arguments)`: as `totalview`, but quicker: in this process, over a database that stands."""

    def run(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = CliRunner().invoke(cli.app, [str(argument) for argument in arguments], stdin, catch_exceptions=False)
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def owner(home: Path) -> User:
    with db.writing() as session:
        return person(session, Role.OWNER)


@pytest.fixture
def token(owner: User) -> str:
    with db.writing() as session:
        return sessions.start(session, owner)
