"""How every command fails and prints: a sentence on stderr, an exit code that means something."""

import json
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

import typer

from pipeline.checksheet import BadChecks
from records.campaigns import NotUsable
from records.identity import NotAllowed, NotFound
from records.schema import NewerDatabase, behind

P = ParamSpec("P")
R = TypeVar("R")

EXPECTED = (NotFound, NotAllowed, NotUsable, BadChecks, NewerDatabase)


def fail(words: str) -> typer.Exit:
    """Say it on stderr; raise what this returns."""
    typer.echo(words, err=True)
    return typer.Exit(1)


def command(function: Callable[P, R]) -> Callable[P, R]:
    """A subcommand: the database is brought up to date first, and what can be expected to fail fails in words."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            if behind():  # mostly it is not, and Alembic takes as long to import as all else of a command
                import_module("records.migrate").upgrade()
            return function(*args, **kwargs)
        except EXPECTED as error:
            raise fail(str(error)) from error

    return run


def print_json(value: Any) -> None:  # noqa: ANN401  whatever JSON holds
    """One line of JSON; plain ASCII, so that no file name can upset a terminal or a pipe."""
    typer.echo(json.dumps(value, default=str))


def table(headings: list[str], rows: list[list[str]]) -> None:
    """Columns as wide as their widest cell."""
    widths = [max(len(row[place]) for row in [headings, *rows]) for place in range(len(headings))]
    for row in [headings, *rows]:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
