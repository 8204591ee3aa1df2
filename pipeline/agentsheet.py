"""A CSV file of agents, as people export it: read whatever its encoding, separator and headings."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from charset_normalizer import from_bytes

from records.agent_import import Line

MOST_BYTES = 5_000_000
MOST_LINES = 20_000
ENCODINGS = {  # what spreadsheets write: tried in this order where the bytes leave a choice
    "utf_8": "UTF-8",
    "utf_16": "UTF-16",
    "cp1252": "Western European (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp932": "Japanese (Shift JIS)",
    "gb18030": "Chinese (GB 18030)",
    "big5": "Chinese (Big5)",
    "cp949": "Korean (CP949)",
}
NAME = {"name", "agent", "agent name", "full name"}
TEAM = {"team", "group", "department"}
CAMPAIGNS = {"campaign", "campaigns", "campaign slug", "campaign slugs"}
ALIASES = {
    *("alias", "aliases", "other name", "other names", "email", "e mail", "email address", "e mail address"),
    *("login", "user", "username", "user name", "user id", "agent id", "agent email", "employee id", "id"),
    *("extension", "ext", "dialler id", "dialer id", "dialler", "dialer", "phone"),
}
_SEPARATORS = (",", ";", "\t", "|")
_WESTERN, _LATIN = "cp1252", {"cp1250", "cp1252", "cp1254"}
_TYPED = "\u2013\u2014\u2018\u2019\u201c\u201d\u201e\u2026\u00b7\u00b0\u00a0"  # dashes, quotes, dots, a wide gap
_WITHIN = re.compile(r"[;|\n]")  # between several names or campaigns in one cell
_SIGNS = re.compile(r"[\W_]+")


class BadSheet(Exception):  # noqa: N818  what the file is
    """The file cannot be used; the message is a sentence that says what would do."""


@dataclass(frozen=True)
class Sheet:
    """What a file holds."""

    lines: tuple[Line, ...]
    encoding: str  # a key of ENCODINGS
    unused: tuple[str, ...]  # headings of columns that mean nothing here


def read(content: bytes, encoding: str = "") -> Sheet:
    """The agents of a file; `encoding` where it is known better than the bytes tell. Raises BadSheet."""
    if len(content) > MOST_BYTES:
        raise BadSheet(f"The file has more than {MOST_BYTES // 1_000_000} MB. Bring the agents in several files.")
    encoding, text = _text(content, encoding)
    rows = _rows(text)
    _, headings = next(rows, (0, []))
    roles = [_role(heading) for heading in headings]
    if NAME not in roles:
        words = "name, team, campaigns, and any of alias, email, dialler id, extension, login"
        raise BadSheet(f"The first line must name the columns, one of them 'name'. Others that are known: {words}.")
    lines: list[Line] = []
    for number, cells in rows:
        if len(lines) == MOST_LINES:
            raise BadSheet(f"The file has more than {MOST_LINES:,} agents. Bring them in several files.")
        lines.append(_line(number, cells, roles))
    if not lines:
        raise BadSheet("The file names its columns, and no agent below them.")
    unused = [heading.strip() for heading, role in zip(headings, roles, strict=True) if not role and heading.strip()]
    return Sheet(tuple(lines), encoding, tuple(unused))


def _text(content: bytes, encoding: str) -> tuple[str, str]:
    wanted = encoding or _encoding(content)
    if wanted not in ENCODINGS:
        raise BadSheet(f"'{wanted}' is no encoding that is known here. There are: {', '.join(ENCODINGS)}.")
    try:
        text = content.decode("utf-8-sig" if wanted == "utf_8" else wanted)
    except UnicodeDecodeError as error:
        raise BadSheet(f"The file is not {ENCODINGS[wanted]}. Choose another encoding.") from error
    if "\x00" in text:
        raise BadSheet("This is no text. Save the sheet as CSV, and bring that file.")
    return wanted, text


def _encoding(content: bytes) -> str:
    """The bytes decide where they can; else the likeliest."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf_16"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        likely = from_bytes(content, cp_isolation=list(ENCODINGS)).best()
        found = likely.encoding if likely and likely.encoding in ENCODINGS else _WESTERN
        return _latin(content, found) if found in _LATIN else found
    return "utf_8"


def _latin(content: bytes, likely: str) -> str:
    """A few names tell these apart badly: the most usual one, unless signs would stand where letters should."""
    text = content.decode(_WESTERN, errors="replace")
    if likely == "cp1254" and any(letter in text for letter in "ÐÝÞðýþ"):  # what Turkish has in their places is usual
        return likely
    strange = [sign for sign in text if not sign.isascii() and not sign.isalpha() and sign not in _TYPED]
    return "cp1250" if strange else _WESTERN


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, with the number of the line where each begins."""
    begin = 1
    read = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=False)
    try:
        for cells in read:
            if any(cell.strip() for cell in cells):
                yield begin, cells
            begin = read.line_num + 1
    except csv.Error as error:
        raise BadSheet(f"Line {begin} cannot be read: {error}. Save the sheet as CSV again.") from error


def _separator(text: str) -> str:
    """The one by which the first line falls into most columns that are known."""
    head = next(iter(text.lstrip().splitlines()), "")
    known = {sign: sum(bool(_role(cell)) for cell in head.split(sign)) for sign in _SEPARATORS}
    return max(_SEPARATORS, key=lambda sign: (known[sign], head.count(sign)))


def _role(heading: str) -> set[str] | None:
    plain = _SIGNS.sub(" ", heading.casefold()).strip()
    return next((role for role in (NAME, TEAM, CAMPAIGNS, ALIASES) if plain in role), None)


def _line(number: int, cells: Sequence[str], roles: Sequence[set[str] | None]) -> Line:
    def of(role: set[str]) -> list[str]:
        return [cell.strip() for cell, its in zip(cells, roles, strict=False) if its is role and cell.strip()]

    def several(role: set[str]) -> tuple[str, ...]:
        return tuple(part.strip() for cell in of(role) for part in _WITHIN.split(cell) if part.strip())

    return Line(
        number=number,
        name=" ".join(of(NAME)[:1]),
        team=" ".join(of(TEAM)[:1]),
        aliases=several(ALIASES),
        campaigns=several(CAMPAIGNS),
    )
