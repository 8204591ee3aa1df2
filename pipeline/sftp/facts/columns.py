"""Which column of a CSV means what, by its heading or as the campaign's settings say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.sftp.facts.telling import LONGEST_HEADING, clean

_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Column:
    """A column of ours: what it is called, and what it is called elsewhere, the surest first."""

    label: str
    elsewhere: str  # headings without signs and case, separated by commas

    @property
    def aliases(self) -> tuple[str, ...]:
        """The headings that mean this."""
        return tuple(heading.strip() for heading in self.elsewhere.split(","))


COLUMNS = {
    "file_name": Column(
        "File name",
        "file name, audio file name, recording file name, file, audio file, recording file, wav file, mp3 file, "
        "file path, audio path, path, object name, recording name, recording, call recording, audio, recording id, "
        "recording url, nom, nom du fichier, nom de fichier, fichier, dateiname, datei, nombre de archivo, archivo",
    ),
    "agent": Column(
        "Agent",
        "agent, agent name, agent full name, agent display name, user name, user, operator, employee, "
        "agent email, agent email address, user email, email, agent login id, agent login, login, login id, "
        "agent username, agent id, user id, agent number, agent code, employee id, agent extension, extension, ext, "
        "extension number",
    ),
    "agent_first_name": Column("Agent's first name", "agent first name, user first name"),
    "agent_last_name": Column("Agent's last name", "agent last name, agent surname, user last name"),
    "called_at": Column(
        "Call date, or date and time",
        "called at, call date time, call date and time, call start time, call start, start date time, start time, "
        "started at, time stamp, call timestamp, date time, date and time, call date, contact date, start date, "
        "recorded at, recording start time, recording date, date, start, datum",
    ),
    "call_time": Column("Time of day", "call time, time of call, time of day, contact time, time, uhrzeit"),
    "external_id": Column(
        "External id",
        "external id, contact reference, global interaction id, interaction id, call id, contact id, "
        "conversation id, call guid, guid, unique id, call reference, session id, ucid",
    ),
    "customer": Column(
        "Customer",
        "customer, customer phone, customer phone number, customer number, phone number, phone, address, caller id, "
        "caller, caller number, ani, remote number, customer name",
    ),
    "direction": Column("Direction", "direction, call direction, sens, richtung"),
}


@dataclass(frozen=True)
class Layout:
    """Where in a row what stands: our columns by the places of their cells, the surest first, and all headings."""

    headings: tuple[str, ...]  # each once, so that what is kept under them can be told apart
    places: Mapping[str, tuple[int, ...]]
    missing: tuple[str, ...]  # headings that the settings name and the file does not have

    @property
    def unused(self) -> tuple[str, ...]:
        """Headings of the columns that are none of ours: kept as metadata."""
        ours = {place for places in self.places.values() for place in places}
        return tuple(heading for place, heading in enumerate(self.headings) if place not in ours)


def known(heading: str) -> bool:
    """Whether this is a heading of one of our columns."""
    return plain(heading) in _KNOWN


def layout(row: Sequence[str], column_map: Mapping[str, str]) -> Layout:
    """What a row of headings says, where `column_map` (our column: their heading) goes before what we know."""
    keys = [plain(heading) for heading in row]
    wanted = {name: key for name, heading in column_map.items() if name in COLUMNS and (key := plain(heading))}
    places: dict[str, tuple[int, ...]] = {}
    for name, column in COLUMNS.items():
        names = [wanted[name]] if wanted.get(name) in keys else [plain(alias) for alias in column.aliases]
        taken = {key for other, key in wanted.items() if other != name}
        places[name] = tuple(
            place for each in dict.fromkeys(names) if each not in taken for place, key in enumerate(keys) if key == each
        )
    missing = tuple(column_map[name].strip() for name, key in wanted.items() if key not in keys)
    return Layout(_apart(row), places, missing)


def plain(heading: str) -> str:
    """A heading as headings are compared: without case, gaps and signs."""
    return _SIGNS.sub("", heading.casefold())


def _apart(row: Sequence[str]) -> tuple[str, ...]:
    """Headings as keys of metadata: what stands twice gets a number, what is empty the place of its column."""
    seen: dict[str, int] = {}
    kept: list[str] = []
    for place, heading in enumerate(row, start=1):
        name = clean(heading)[:LONGEST_HEADING] or f"Column {place}"
        seen[name] = seen.get(name, 0) + 1
        while seen[name] > 1 and f"{name} ({seen[name]})" in seen:
            seen[name] += 1
        kept.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
        seen.setdefault(kept[-1], 1)
    return tuple(kept)


_KNOWN = frozenset(plain(alias) for column in COLUMNS.values() for alias in column.aliases)
