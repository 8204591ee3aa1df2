"""`make faults`: every fault against many calls, and a table. Ends with 1 when a promise was broken."""

import random
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from tests import postgres
from tests.faults import table
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.house import ground
from tests.faults.providing import QUICK, REAL
from tests.faults.trial import tried

CALLS = 500


def main(
    calls: Annotated[int, typer.Option(min=2, help="Calls for each fault.")] = CALLS,
    only: Annotated[list[str] | None, typer.Option(help="Part of a fault's name; may be repeated.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Quicker providers, shorter faults, shorter leases.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/faults.md.")] = False,
    seed: Annotated[int | None, typer.Option(help="Of what is by chance, to see the same again.")] = None,
) -> None:
    """Try the faults one after the other."""
    if write and only:
        raise typer.BadParameter("The table of the docs has every row: leave --only out.")
    pace = QUICK if quick else REAL
    seed = random.SystemRandom().randrange(10_000) if seed is None else seed
    binaries = postgres.programs()
    if binaries is None:
        raise typer.BadParameter("PostgreSQL is not installed (apt-get install postgresql)")
    how, lines, broken = table.how(pace, seed), [], False
    typer.echo(f"{how}\n\n{table.heading()}")
    with tempfile.TemporaryDirectory(prefix="totalview-faults-") as folder, ground(Path(folder), binaries) as standing:
        for fault in chosen(only or []):
            if fault.lacks:
                typer.echo(f"{fault.name} is left out: {fault.lacks}", err=True)
                continue
            row = tried(fault, calls, pace, standing, seed)
            lines.append(table.line(row))
            typer.echo(lines[-1])
            for words in table.broken(row):
                broken = True
                typer.echo(f"  {fault.name}: {words}", err=True)
    if write:
        table.DOCUMENT.write_text(table.document(table.DOCUMENT.read_text("utf-8"), lines, how), "utf-8")
    sys.exit(broken)


def chosen(only: list[str]) -> list[Fault]:
    """Those whose name holds one of the words; all where none is given."""
    return [fault for fault in FAULTS if not only or any(words.lower() in fault.name.lower() for words in only)]


if __name__ == "__main__":
    typer.run(main)
