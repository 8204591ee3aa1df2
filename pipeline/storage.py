"""Recordings at rest, streamed: a folder now; anything that keeps these six verbs later."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

from config import settings


class StorageAway(Exception):  # noqa: N818  what it is: an outage, not a mistake
    """Storage cannot be reached or is full; trying later may help. The message is a sentence."""


class Sink(Protocol):
    """Where a recording's bytes go."""

    def write(self, block: bytes) -> object: ...


class Storage(Protocol):
    """Objects by key. A key is made of ids only, never of anything from outside."""

    def write(self, key: str) -> AbstractContextManager[Sink]:
        """A sink; the object exists, whole and on disk, once the block ends without an exception."""

    def open(self, key: str) -> BinaryIO:
        """The object's bytes, seekable. FileNotFoundError when there is none."""

    def local(self, key: str) -> AbstractContextManager[Path]:
        """The object as a file on this machine, for as long as the block lasts. Never write to it."""

    def size(self, key: str) -> int:
        """Bytes. FileNotFoundError when there is none."""

    def delete(self, key: str) -> None:
        """Remove it; nothing happens when there is none."""

    def older_than(self, moment: datetime) -> Iterator[str]:
        """Keys of objects last written before this moment, unfinished ones included."""


def recording_key(call_id: str) -> str:
    """Where a call's recording lies."""
    return f"recordings/{call_id[:2]}/{call_id}"


def call_of(key: str) -> str:
    """The call id in a recording's key."""
    return key.rsplit("/", 1)[-1]


def storage() -> Storage:
    """The storage that the settings name."""
    return Folder(settings().folder / "storage")


class Folder:
    """Objects as files below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def write(self, key: str) -> Iterator[Sink]:
        target = self._path(key)
        unfinished = target.with_name(f"{target.name}.{uuid4().hex}.part")
        try:
            with _outage():
                _make_folder(target.parent)
                file = unfinished.open("xb", buffering=0)
            with file:
                yield _Checked(file)
                with _outage():
                    os.fsync(file.fileno())
            with _outage():
                unfinished.replace(target)
                _sync_folder(target.parent)
        finally:
            with suppress(OSError):  # what cannot be removed now, the sweep of orphans takes later
                unfinished.unlink()

    def open(self, key: str) -> BinaryIO:
        return self._path(key).open("rb")

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        path = self._path(key)
        path.stat()
        yield path

    def size(self, key: str) -> int:
        return self._path(key).stat().st_size

    def delete(self, key: str) -> None:
        with suppress(FileNotFoundError, NotADirectoryError):
            self._path(key).unlink()

    def older_than(self, moment: datetime) -> Iterator[str]:
        for path in self._root.rglob("*"):
            with suppress(FileNotFoundError):  # deleted while we look
                if path.is_file() and path.stat().st_mtime < moment.timestamp():
                    yield path.relative_to(self._root).as_posix()

    def free_bytes(self) -> int:
        """What is left on the disk."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self._root).free

    def _path(self, key: str) -> Path:
        path = (self._root / key).resolve()
        if not path.parent.is_relative_to(self._root.resolve()):
            raise ValueError(f"{key!r} leads out of the storage folder.")
        return path


class _Checked:
    """A sink whose own failures are outages; what else goes wrong while it is open is somebody else's."""

    def __init__(self, file: RawIOBase) -> None:
        self._file = file

    def write(self, block: bytes) -> None:
        rest = memoryview(block)
        with _outage():
            while rest:
                rest = rest[self._file.write(rest) :]


@contextmanager
def _outage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageAway(f"The recording could not be stored: {error.strerror or error}.") from error


def _make_folder(folder: Path) -> None:
    fresh = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if fresh:
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
