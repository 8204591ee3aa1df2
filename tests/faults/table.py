"""The table of faults: as it is printed, and as docs/faults.md keeps it."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from tests.faults.providing import Pace
from tests.faults.trial import Row
from tests.house_rules import ROOT

DOCUMENT = ROOT / "docs" / "faults.md"
BEGIN, END = "<!-- the table begins -->", "<!-- the table ends -->"
COLUMNS = (
    *("Fault", "Where", "Calls", "Completed", "Failed", "Lost", "Duplicated", "Paid again, counted"),
    *("Paid twice", "Goes on after", "All done after"),
)


def heading() -> str:
    return f"{_line(COLUMNS)}\n{_line(['---'] * 2 + ['--:'] * (len(COLUMNS) - 2))}"


def line(row: Row) -> str:
    """One row, in Markdown."""
    told = row.verdict
    numbers = (row.calls, told.completed, told.failed, len(told.lost), len(told.duplicated), told.paid_again)
    seconds = (row.goes_on_s, row.done_s)
    return _line(
        [
            row.fault.name,
            row.fault.place.value,
            *map(str, numbers),
            str(len(told.paid_twice)),
            *("–" if each is None else f"{each:.0f} s" for each in seconds),
        ]
    )


def broken(row: Row) -> list[str]:
    """What this row breaks, in words."""
    said = list(row.verdict.broken)
    if row.verdict.accepted < row.calls:
        said.append(f"only {row.verdict.accepted} of {row.calls} were taken in")
    if row.done_s is None:
        said.append("not all were done in time")
    return said


def document(text: str, lines: Sequence[str], how: str) -> str:
    """The document with this table in the place of the one before."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    table = "\n".join([heading(), *lines])
    return f"{before}{BEGIN}\n{how}\n\n{table}\n{END}{after}"


def how(pace: Pace, seed: int, at_once: int = 1) -> str:
    """Where and how it was measured."""
    system = f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"
    beside = f", {at_once} faults at a time" if at_once > 1 else ""
    return f"Measured on {os.cpu_count()} cores ({_processor()}), {system}; pace {pace.name}, seed {seed}{beside}."


def _processor() -> str:
    names = [
        each.partition(":")[2].strip()
        for each in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if each.startswith("model name")
    ]
    return names[0] if names else platform.machine()


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
