"""CSV for spreadsheet programs: streamed, and no cell of it is ever taken for a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO

from starlette.responses import StreamingResponse

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # begin a formula; the wide ones do in some Excels
_FORMULA = re.compile(rf"[\t\r\n{_SIGNS}]")
# Where a spreadsheet parts cells by something else than commas, as most of Europe's do, a cell begins in the middle.
_INSIDE = re.compile(rf"([;|\t\r\n][\s\"']*)(?=[{_SIGNS}])")
HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}

Cell = str | int | float | datetime | None


def cell(value: Cell) -> str | int | float:
    """What stands in the file for a value. Numbers stay numbers; a text that a program might run gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, str):
        harmless = _INSIDE.sub(r"\1'", value)
        return f"'{harmless}" if _FORMULA.match(value) else harmless
    return value


def csv_of(headings: Sequence[str], batches: Iterable[Iterable[Sequence[Cell]]]) -> Iterator[bytes]:
    """The file's bytes, batch by batch: it lies nowhere whole."""
    # Without this mark Excel takes UTF-8 for the country's old encoding.
    yield _written([headings]).encode("utf-8-sig")
    for batch in batches:
        yield _written(batch).encode("utf-8", "replace")


def answer(name: str, headings: Sequence[str], batches: Iterable[Iterable[Sequence[Cell]]]) -> StreamingResponse:
    """A download of this plain ASCII name."""
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(csv_of(headings, batches), 200, headers, "text/csv; charset=utf-8")


def _written(rows: Iterable[Sequence[Cell]]) -> str:
    sheet = StringIO()
    csv.writer(sheet).writerows([cell(value) for value in row] for row in rows)
    return sheet.getvalue()
