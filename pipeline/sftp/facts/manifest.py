"""A CSV that says what its recordings are: rows about files, and what could not be read, by line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline import sheettext
from pipeline.sftp.facts.columns import Layout, known, layout, plain
from pipeline.sftp.facts.moments import shown
from pipeline.sftp.facts.telling import clean, tell
from pipeline.sftp.facts.told import Told
from pipeline.sheettext import BadText

MOST_BYTES = 20_000_000
MOST_ROWS, MOST_COLUMNS = 200_000, 1_000
MOST_LINES = 1_000_000  # empty ones, too, take memory
LONGEST_NAME = 4_096  # characters of a path
_TITLES = 10  # rows in which the headings are looked for: some exports begin with a title
_MOST_BREAKS = 1_000  # broken lines after which the file is given up
_THINGS = "(?:calls?|rows?|records?|recordings?|files?)"
_TOTAL = re.compile(  # the line that reports end with
    rf"(?:grand |sub[ -]?)?(?:totals?|sum|count|average|summary)\b[\s:=\d.,]*(?:{_THINGS}\b)?[\s:=\d.,]*"
    rf"|[\d.,]+ {_THINGS}(?: exported| found)?",
    re.IGNORECASE,
)
_DRIVE = re.compile(r"^[A-Za-z]:/+")


class BadManifest(Exception):  # noqa: N818  what the file is
    """The file is no CSV that can be used; the message is a sentence that says what would do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line about one file. Several may be about the same."""

    line: int
    name: str  # of the file, perhaps with folders before it ('/' between them), perhaps without its ending
    told: Told


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that could not be used, and why."""

    line: int
    words: str


@dataclass(frozen=True)
class Manifest:
    """What a CSV holds."""

    rows: tuple[Row, ...]
    errors: tuple[BadRow, ...]
    encoding: str  # a key of sheettext.ENCODINGS
    headings: tuple[str, ...]
    unused: tuple[str, ...]  # headings of columns that are none of ours: they are kept as metadata


def read(content: bytes, *, column_map: Mapping[str, str], zone: str, day_first: bool, encoding: str = "") -> Manifest:
    """What a CSV says of recordings.

    `column_map` (our column: their heading) goes before what headings usually mean. `zone` is the time zone of times
    that name none, `day_first` says whether 03/04 is in April. `encoding` (a key of sheettext.ENCODINGS) is for those
    who know it better than the bytes tell. Raises BadManifest, and nothing else.
    """
    if len(content) > MOST_BYTES:
        raise BadManifest(f"The CSV has more than {MOST_BYTES // 1_000_000} MB. Bring it in several files.")
    try:
        text, encoding = sheettext.decode(content, encoding)
    except BadText as bad:
        raise BadManifest(str(bad)) from bad
    if max(text.count("\n"), text.count("\r")) > MOST_LINES:
        raise BadManifest(f"The CSV has more than {MOST_LINES:,} lines. Bring it in several files.")
    mapped = {plain(heading) for heading in column_map.values()} - {""}
    sign = sheettext.separator_of(text, lambda cell: known(cell) or plain(cell) in mapped)
    found = _rows(sheettext.lines_of(text), sign)
    columns = _headings(found, column_map)
    errors = [BadRow(1, f"The settings name a column '{shown(each)}', which is not there.") for each in columns.missing]
    rows: list[Row] = []
    for line, cells in found:
        if len(rows) + len(errors) >= MOST_ROWS:
            raise BadManifest(f"The CSV has more than {MOST_ROWS:,} rows. Bring it in several files.")
        read_row = cells if isinstance(cells, BadRow) else _row(line, cells, columns, zone=zone, day_first=day_first)
        if isinstance(read_row, Row):
            rows.append(read_row)
        elif read_row:
            errors.append(read_row)
    return Manifest(tuple(rows), tuple(errors), encoding, columns.headings, columns.unused)


def _rows(lines: Sequence[str], sign: str) -> Iterator[tuple[int, list[str] | BadRow]]:
    """The rows by their lines; after a broken one the next line is tried. Raises BadManifest where too many are."""
    begin = 1
    for _ in range(_MOST_BREAKS):
        try:
            yield from sheettext.rows(lines[begin - 1 :], sign, begin)
        except BadText as bad:
            yield bad.line, BadRow(bad.line, str(bad))
            begin = bad.line + 1
        else:
            return
    raise BadManifest(f"More than {_MOST_BREAKS:,} lines of the CSV are broken, the last of them line {begin - 1}.")


def _headings(found: Iterator[tuple[int, list[str] | BadRow]], column_map: Mapping[str, str]) -> Layout:
    """What the first row that names files says of the columns. Raises BadManifest where there is none."""
    first: list[str] = []
    broken = ""
    for _, (_line, cells) in zip(range(_TITLES), found, strict=False):
        if isinstance(cells, BadRow):
            broken = cells.words
            continue
        if len(cells) > MOST_COLUMNS:
            raise BadManifest(f"The CSV has more than {MOST_COLUMNS:,} columns. Bring it with fewer.")
        columns = layout(cells, column_map)
        if columns.places["file_name"]:
            return columns
        first = first or [clean(cell) for cell in cells]
    if not first:
        raise BadManifest(broken or "The CSV is empty.")
    there = shown(", ".join(cell for cell in first if cell))
    raise BadManifest(
        f"No column names the files. The first row is: {there}. Call the column 'filename', or say in the campaign's "
        "SFTP settings which column it is."
    )


def _row(line: int, cells: Sequence[str], columns: Layout, *, zone: str, day_first: bool) -> Row | BadRow | None:
    """What a row says; None where it is a total, or the headings once more."""
    texts = [clean(cell) for cell in cells]
    width = len(columns.headings)
    names = [place for place in columns.places["file_name"] if place < len(texts) and texts[place]]
    name = _path(texts[names[0]]) if names else ""
    first = next((text for text in texts if text), "")
    if not first or (_TOTAL.fullmatch(first) and name in {"", _path(first)}):
        return None
    if names and texts[names[0]] == columns.headings[names[0]]:  # files that were put together repeat them
        return None
    if any(texts[width:]):
        words = f"The row has {len(texts)} cells under {width} headings. Text that holds a separator must be quoted."
        return BadRow(line, words)
    if not name:
        return BadRow(line, "The row names no file.")
    if len(name) > LONGEST_NAME:
        return BadRow(line, f"The name of the file has more than {LONGEST_NAME:,} characters.")
    return Row(line, name, _told(texts, columns, zone=zone, day_first=day_first))


def _told(texts: Sequence[str], columns: Layout, *, zone: str, day_first: bool) -> Told:
    filled = {
        column: [place for place in places if place < len(texts) and texts[place]]
        for column, places in columns.places.items()
    }
    said = {column: texts[places[0]] for column, places in filled.items() if places}
    used = {places[0] for places in filled.values() if places}
    return tell(
        said,
        {
            columns.headings[place]: text
            for place, text in enumerate(texts[: len(columns.headings)])
            if text and place not in used
        },
        dated=[texts[place] for place in filled["called_at"]],
        clocks=[texts[place] for place in filled["call_time"]],
        zone=zone,
        day_first=day_first,
    )


def _path(name: str) -> str:
    """A file's path with '/' between its parts, whatever system wrote it."""
    return _DRIVE.sub("", name.replace("\\", "/")) if "\\" in name or ":" in name[:2] else name
