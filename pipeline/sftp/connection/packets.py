"""SFTP's packets (version 3, draft-ietf-secsh-filexfer-02): reading what a server sent, trusting none of it."""

import struct
from dataclasses import dataclass
from enum import IntEnum

from pipeline.sftp.connection.refusals import SftpAway

VERSION = 3
LONGEST = 1 << 20  # bytes of a packet; servers send at most 256 KiB and a little


class Type(IntEnum):
    """Of packets: what is asked, and from STATUS on what is answered."""

    INIT, VERSION, OPEN, CLOSE, READ, LSTAT, OPENDIR = 1, 2, 3, 4, 5, 7, 11
    READDIR, REMOVE, MKDIR, RMDIR, REALPATH, STAT, RENAME = 12, 13, 14, 15, 16, 17, 18
    STATUS, HANDLE, DATA, NAME, ATTRS = 101, 102, 103, 104, 105
    EXTENDED, EXTENDED_REPLY = 200, 201


class Code(IntEnum):
    """Of a STATUS."""

    OK, EOF, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE = 0, 1, 2, 3, 4


class Garbled(SftpAway):
    """What came is not SFTP."""


class Said(Exception):  # noqa: N818  what it is
    """The server answered with a status instead of what was asked for."""

    def __init__(self, code: int) -> None:
        super().__init__(f"status {code}")
        self.code = code


@dataclass(frozen=True)
class Attributes:
    """Of a file. None: the server does not say."""

    size: int | None = None
    mode: int | None = None
    modified: int | None = None


_NUMBER, _LONG = struct.Struct(">I"), struct.Struct(">Q")


class Reader:
    """Takes one thing after the other out of a packet; raises Garbled where there is less than it promises."""

    def __init__(self, packet: bytes) -> None:
        self._packet, self._at = packet, 0

    def number(self) -> int:
        return self._unpack(_NUMBER)

    def long(self) -> int:
        return self._unpack(_LONG)

    def text(self) -> bytes:
        return self._take(self.number())

    def more(self) -> bool:
        return self._at < len(self._packet)

    def attributes(self) -> Attributes:
        flags = self.number()
        size = self.long() if flags & 1 else None
        if flags & 2:
            self._take(8)  # owner and group
        mode = self.number() if flags & 4 else None
        modified = (self.number(), self.number())[1] if flags & 8 else None
        if flags & 0x80000000:
            for _ in range(self.number()):
                self.text(), self.text()
        return Attributes(size, mode, modified)

    def _unpack(self, form: struct.Struct) -> int:
        try:
            (found,) = form.unpack_from(self._packet, self._at)
        except struct.error:
            raise _cut_short() from None
        self._at += form.size
        return int(found)

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._packet):
            raise _cut_short()
        taken = self._packet[self._at : end]
        self._at = end
        return taken


def _cut_short() -> Garbled:
    return Garbled("The SFTP server sent a packet that ends in its middle.")


def packed(*parts: bytes | int) -> bytes:
    """Strings and 32-bit numbers as a packet holds them."""
    return b"".join(
        struct.pack(">I", part) if isinstance(part, int) else struct.pack(">I", len(part)) + part for part in parts
    )


def place(offset: int, length: int) -> bytes:
    """Where in a file, and how many bytes."""
    return struct.pack(">QI", offset, length)
