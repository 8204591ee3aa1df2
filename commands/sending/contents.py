"""A file on its way out: what it holds, and reading it again while making sure that it still holds that."""

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Self

from records.lines import clean_name

BLOCK = 1 << 20


class Unsendable(Exception):  # noqa: N818  the message is what people read of it
    """This file cannot be sent; the message says why."""


CHANGED = "The file changed while it was read. Is it still being written? Run the command again when it is complete."


@dataclass(frozen=True)
class Recording:
    """A file as it was when it was looked at. `modified` is in nanoseconds."""

    path: str
    size: int
    modified: int
    sha256: str

    @property
    def name(self) -> str:
        """Its name as the server shows it. A quote cannot be told from its escape once it was in a form."""
        readable = os.fsencode(Path(self.path).name).decode(errors="replace")
        return clean_name(readable).replace('"', "'")


def look(path: Path, moved: Callable[[int], None]) -> Recording:
    """Read a file once, telling `moved` of every block, for its SHA-256. Raises Unsendable."""
    digest, size = hashlib.sha256(), 0
    try:
        with _open(path) as file:
            before = os.fstat(file.fileno())
            while block := file.read(BLOCK):
                digest.update(block)
                size += len(block)
                moved(len(block))
            after = os.fstat(file.fileno())
    except OSError as error:
        raise _why_not(error) from error
    if (size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Unsendable(CHANGED)
    return Recording(str(path), size, after.st_mtime_ns, digest.hexdigest())


class Contents:
    """A recording's bytes to send: a file as httpx wants it, which fails rather than end with other bytes.

    `moved` is told how far it is. As the failure comes before the request's end, the server never takes it for whole.
    """

    def __init__(self, recording: Recording, moved: Callable[[int], None]) -> None:
        self._recording, self._moved = recording, moved
        self._at, self._digest = 0, hashlib.sha256()
        try:
            self._file = _open(Path(recording.path))
        except OSError as error:
            raise _why_not(error) from error
        try:
            self.expect_unchanged()
        except Unsendable:
            self.close()
            raise

    def expect_unchanged(self) -> None:
        """Raises Unsendable when the file is not as it was looked at."""
        now = os.fstat(self._file.fileno())
        if (now.st_size, now.st_mtime_ns) != (self._recording.size, self._recording.modified):
            raise Unsendable(CHANGED)

    def read(self, size: int) -> bytes:
        """On from where it is. Raises Unsendable at the end when it was not what was looked at."""
        try:
            block = self._file.read(size)
        except OSError as error:
            raise _why_not(error) from error
        self._at += len(block)
        self._digest.update(block)
        if self._at > self._recording.size or (not block and self._digest.hexdigest() != self._recording.sha256):
            raise Unsendable(CHANGED)
        self._moved(self._at)
        return block

    def piece(self, start: int, size: int) -> bytes:
        """These bytes of it, for who sends piece by piece. Raises Unsendable."""
        try:
            self._file.seek(start)
            block = self._file.read(size)
        except OSError as error:
            raise _why_not(error) from error
        self.expect_unchanged()
        return block

    def fileno(self) -> int:
        """By which httpx learns how long it is."""
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_how: object) -> None:
        self.close()


def _open(path: Path) -> BufferedReader:
    """Open a regular file; of anything else (a pipe would wait for ever) Unsendable."""
    kind = path.stat().st_mode
    if stat.S_ISDIR(kind):
        raise Unsendable("This account may not read the folder, so that nothing in it was sent.")
    if not stat.S_ISREG(kind):
        raise Unsendable("This is no file, but a device or a pipe. Write the recording into a file first.")
    return path.open("rb")


def _why_not(error: OSError) -> Unsendable:
    match error:
        case FileNotFoundError():
            return Unsendable("There is no such file, or not any more.")
        case PermissionError():
            return Unsendable("This account may not read the file.")
    return Unsendable(f"The file cannot be read: {error.strerror or error}.")
