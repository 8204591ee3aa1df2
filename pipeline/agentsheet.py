"""A CSV file of agents, as people export it: read whatever its encoding, separator and headings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline import sheettext
from pipeline.sheettext import BadText
from records.agent_import import Line

MOST_BYTES = 5_000_000
MOST_LINES = 20_000
NAME = {"name", "agent", "agent name", "full name"}
TEAM = {"team", "group", "department"}
CAMPAIGNS = {"campaign", "campaigns", "campaign slug", "campaign slugs"}
ALIASES = {
    *("alias", "aliases", "other name", "other names", "email", "e mail", "email address", "e mail address"),
    *("login", "user", "username", "user name", "user id", "agent id", "agent email", "employee id", "id"),
    *("extension", "ext", "dialler id", "dialer id", "dialler", "dialer", "phone"),
}
_WITHIN = re.compile(r"[;|\n]")  # between several names or campaigns in one cell
_SIGNS = re.compile(r"[\W_]+")


class BadSheet(Exception):  # noqa: N818  what the file is
    """The file cannot be used; the message is a sentence that says what would do."""


@dataclass(frozen=True)
class Sheet:
    """What a file holds."""

    lines: tuple[Line, ...]
    encoding: str  # a key of sheettext.ENCODINGS
    unused: tuple[str, ...]  # headings of columns that mean nothing here


def read(content: bytes, encoding: str = "") -> Sheet:
    """The agents of a file; `encoding` where it is known better than the bytes tell. Raises BadSheet."""
    if len(content) > MOST_BYTES:
        raise BadSheet(f"The file has more than {MOST_BYTES // 1_000_000} MB. Bring the agents in several files.")
    try:
        return _sheet(*sheettext.decode(content, encoding))
    except BadText as bad:
        raise BadSheet(str(bad)) from bad


def _sheet(text: str, encoding: str) -> Sheet:
    rows = sheettext.rows(sheettext.lines_of(text), sheettext.separator_of(text, lambda cell: bool(_role(cell))))
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
