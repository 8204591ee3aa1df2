"""`make faults`: every fault against many calls, and a table. Ends with 1 when a promise was broken."""

import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from tests import postgres
from tests.faults import table
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.house import ground
from tests.faults.providing import QUICK, REAL
from tests.faults.trial import tried
from tests.house_rules import ROOT

CALLS = 500


class Tried(NamedTuple):
    """A row of the table, and what it breaks."""

    line: str
    broken: Sequence[str]


def main(  # noqa: PLR0917  an option each
    calls: Annotated[int, typer.Option(min=2, help="Calls for each fault.")] = CALLS,
    only: Annotated[list[str] | None, typer.Option(help="Part of a fault's name; may be repeated.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Quicker providers, shorter faults, shorter leases.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/faults.md.")] = False,
    seed: Annotated[int | None, typer.Option(help="Of what is by chance, to see the same again.")] = None,
    at_once: Annotated[int, typer.Option(min=1, help="Faults that are tried side by side, on this machine.")] = 1,
) -> None:
    """Try the faults one after the other, or some side by side."""
    if write and only:
        raise typer.BadParameter("The table of the docs has every row: leave --only out.")
    pace = QUICK if quick else REAL
    seed = random.SystemRandom().randrange(10_000) if seed is None else seed
    how, lines, broken = table.how(pace, seed, at_once), [], False
    typer.echo(f"{how}\n\n{table.heading()}")
    faults = [fault for fault in chosen(only or []) if _can_be(fault)]
    given = ["--calls", str(calls), "--seed", str(seed), *(["--quick"] if quick else [])]
    rows = _side_by_side(faults, given, at_once) if at_once > 1 else _one_by_one(faults, calls, quick=quick, seed=seed)
    for row in rows:
        lines.append(row.line)
        typer.echo(row.line)
        for words in row.broken:
            broken = True
            typer.echo(words, err=True)
    if write:
        table.DOCUMENT.write_text(table.document(table.DOCUMENT.read_text("utf-8"), lines, how), "utf-8")
    sys.exit(broken)


def chosen(only: list[str]) -> list[Fault]:
    """That of just this name, else those whose name holds one of the words; all where none is given."""
    exact = [fault for fault in FAULTS if fault.name in only]
    held = [fault for fault in FAULTS if any(words.lower() in fault.name.lower() for words in only)]
    return (exact or held) if only else list(FAULTS)


def _can_be(fault: Fault) -> bool:
    if fault.lacks:
        typer.echo(f"{fault.name} is left out: {fault.lacks}", err=True)
    return not fault.lacks


def _one_by_one(faults: Sequence[Fault], calls: int, *, quick: bool, seed: int) -> Iterator[Tried]:
    binaries = postgres.programs()
    if binaries is None:
        raise typer.BadParameter("PostgreSQL is not installed (apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="totalview-faults-") as folder, ground(Path(folder), binaries) as standing:
        for fault in faults:
            row = tried(fault, calls, QUICK if quick else REAL, standing, seed)
            yield Tried(table.line(row), [f"  {fault.name}: {words}" for words in table.broken(row)])


def _side_by_side(faults: Sequence[Fault], given: list[str], at_once: int) -> Iterator[Tried]:
    """Each by a process of its own, in the faults' order."""
    with ThreadPoolExecutor(at_once) as threads:
        yield from threads.map(lambda fault: _elsewhere(fault, given), faults)


def _elsewhere(fault: Fault, given: list[str]) -> Tried:
    command = [sys.executable, "-m", "tests.faults", *given, "--only", fault.name]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [line for line in told.stdout.splitlines() if line.startswith(f"| {fault.name} |")]
    if told.returncode and not lines:
        return Tried(f"| {fault.name} | broke off |", [told.stderr])
    return Tried(lines[0], told.stderr.splitlines())


if __name__ == "__main__":
    typer.run(main)
