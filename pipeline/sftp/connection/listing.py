"""What lies in folders on the server: entries of every kind, one by one, links never followed."""

import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from pipeline.sftp.connection import paths
from pipeline.sftp.connection.packets import Attributes, Code, Garbled, Reader, Said, Type, packed
from pipeline.sftp.connection.refusals import NotReadable
from pipeline.sftp.connection.wire import Wire, told

LARGEST = 2**63 - 1  # bytes of a file, for every file system and every database
AT_ONCE = 16  # READDIRs in one journey; OpenSSH answers each with up to 100 names
DEEPEST = 20  # folders
MOST_NAMES = 200_000  # in one folder; what lies there was never meant to stay
MOST_IN_ALL = 2_000_000
_NO_FILE = "It is no file but a device, a socket or a pipe."
_NO_SIZE = "The server gives it a size that no file can have."
_TOO_MANY = f"More than {MOST_NAMES:,} names lie in this folder. Move what is old out of SFTP_ROOT."
_FAR_TOO_MANY = f"More than {MOST_IN_ALL:,} names lie there. Move what is old elsewhere, or set SFTP_ROOT deeper."
_NO_NAME = "The server gave it a name that no file can have."
_TOO_DEEP = f"This folder lies in more than {DEEPEST} others."
_CLOSED: dict[int, str] = {
    Code.PERMISSION_DENIED: "The server does not let this user look into the folder. Ask its operator for the right.",
}
_NOT_LISTED = "The server does not list this folder."


class Kind(StrEnum):
    """What an entry is. Only a FILE is ever read."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SPECIAL = "special"
    UNREADABLE = "unreadable"


_KINDS = {stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.FOLDER, stat.S_IFLNK: Kind.LINK}
_LETTERS = {b"-": Kind.FILE, b"d": Kind.FOLDER, b"l": Kind.LINK}


@dataclass(frozen=True)
class Entry:
    """One name in a folder, as the server told of it.

    `raw` is the path below SFTP_ROOT, `path` the same as text (`paths.shown`). `modified` is UTC in whole seconds.
    SPECIAL (a device, a socket, a name that is no name) and UNREADABLE (a folder that the server does not list) say
    why in `reason`, a sentence.
    """

    raw: bytes
    path: str
    size: int
    modified: datetime
    kind: Kind
    reason: str = ""


@dataclass(frozen=True)
class Place:
    """A folder that is listed: where it is for the server, and where below the root."""

    root: bytes
    raw: bytes

    @property
    def absolute(self) -> bytes:
        return paths.absolute(self.root, self.raw)


def entry(
    raw: bytes, attributes: Attributes, letter: bytes = b"", *, kind: Kind | None = None, reason: str = ""
) -> Entry:
    """What is told of one path. `letter` is how `ls -l` begins its line, for servers that say the kind nowhere else."""
    found, size = kind or _kind(attributes.mode, letter), attributes.size or 0
    if size > LARGEST:
        found, size, reason = Kind.SPECIAL, LARGEST, _NO_SIZE
    return Entry(
        raw=raw,
        path=paths.shown(raw),
        size=size,
        modified=datetime.fromtimestamp(attributes.modified or 0, UTC),
        kind=found,
        reason=reason or (_NO_FILE if found is Kind.SPECIAL else ""),
    )


def opened(wire: Wire, place: Place) -> Iterator[Entry]:
    """What lies in one folder. Raises Said before anything is told of it."""
    return _entries(wire, place, wire.open(Type.OPENDIR, packed(place.absolute)))


def walk(wire: Wire, top: Place, *, deep: bool, leave: Collection[bytes]) -> Iterator[Entry]:
    """As `Connection.walk`. Raises Said for the folder itself, before anything is told of it."""
    return _walked(wire, opened(wire, top), top, deep=deep, leave=leave)


def _walked(
    wire: Wire, within: Iterator[Entry], top: Place, *, deep: bool, leave: Collection[bytes]
) -> Iterator[Entry]:
    waiting: list[Entry] = []
    folder: Entry | None = None  # the top, which the caller knows by name
    in_all = 0
    while True:
        for found in _bounded(within, folder):
            if found.kind is not Kind.FOLDER:
                yield found
            elif found.raw not in leave:
                if deep:
                    waiting.append(found)
                else:
                    yield found
            in_all += 1
            if in_all > MOST_IN_ALL:
                raise NotReadable("unreadable", _FAR_TOO_MANY)
        if not waiting:
            return
        folder = waiting.pop()
        within = _looked_into(wire, top, folder)


def _looked_into(wire: Wire, top: Place, folder: Entry) -> Iterator[Entry]:
    """What lies in a subfolder; the folder itself where nobody may know."""
    if folder.raw.count(b"/") >= DEEPEST:
        return iter([_unreadable(folder, _TOO_DEEP)])
    try:
        return opened(wire, Place(top.root, folder.raw))
    except Said as said:
        if said.code == Code.NO_SUCH_FILE:  # it has gone since, and all that lay in it
            return iter(())
        return iter([_unreadable(folder, _CLOSED.get(said.code, _NOT_LISTED))])


def _bounded(within: Iterator[Entry], folder: Entry | None) -> Iterator[Entry]:
    for number, found in enumerate(within):
        if number == MOST_NAMES:
            if folder is None:
                raise NotReadable("unreadable", _TOO_MANY)
            yield _unreadable(folder, _TOO_MANY)
            return
        yield found


def _entries(wire: Wire, place: Place, handle: bytes) -> Iterator[Entry]:
    try:
        over = False
        while not over:
            batch: list[Entry] = []  # all of it has come before any is told, so that others may ask meanwhile
            for answer in wire.answers([(Type.READDIR, packed(handle))] * AT_ONCE):
                try:
                    batch += _names(place.raw, told(Type.NAME, answer))
                except Said:
                    over = True
            if not (batch or over):
                raise Garbled("The SFTP server lists a folder without names and without end.")
            yield from batch
    finally:
        wire.close(handle)


def _names(folder: bytes, reader: Reader) -> Iterator[Entry]:
    for _ in range(reader.number()):
        name, line, attributes = reader.text(), reader.text(), reader.attributes()
        if not name or b"/" in name or b"\0" in name:
            stand_in = name.replace(b"/", b"?").replace(b"\0", b"?") or b"?"
            yield entry(paths.join(folder, stand_in), attributes, kind=Kind.SPECIAL, reason=_NO_NAME)
        elif name not in {b".", b".."}:
            yield entry(paths.join(folder, name), attributes, line[:1])


def _kind(mode: int | None, letter: bytes) -> Kind:
    form = stat.S_IFMT(mode or 0)
    if form:
        return _KINDS.get(form, Kind.SPECIAL)
    return _LETTERS.get(letter, Kind.SPECIAL if letter.isalpha() else Kind.FILE)


def _unreadable(folder: Entry, reason: str) -> Entry:
    return Entry(folder.raw, folder.path, 0, folder.modified, Kind.UNREADABLE, reason)
