"""Recordings at rest, streamed: a folder now; anything that keeps these six verbs later."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
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
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with unfinished.open("xb") as sink:
                yield sink
                sink.flush()
                os.fsync(sink.fileno())
            unfinished.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            raise StorageAway(f"The recording could not be stored: {error.strerror or error}.") from error
        finally:
            unfinished.unlink(missing_ok=True)

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
        self._path(key).unlink(missing_ok=True)

    def older_than(self, moment: datetime) -> Iterator[str]:
        for path in self._root.glob("recordings/*/*"):
            if path.stat().st_mtime < moment.timestamp():
                yield path.relative_to(self._root).as_posix()

    def free_bytes(self) -> int:
        """What is left on the disk."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self._root).free

    def _path(self, key: str) -> Path:
        path = (self._root / key).resolve()
        if not path.is_relative_to(self._root.resolve()):
            raise ValueError(f"{key!r} leads out of the storage folder.")
        return path


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut; only some systems can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
