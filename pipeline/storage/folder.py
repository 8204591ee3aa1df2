"""Recordings as files below one folder."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from pipeline.storage.contract import GrowingSink, Sink
from pipeline.storage.disk import CheckedFile, outage

STORED = "stored"
_UNFINISHED = ".part"


class Folder:
    """Objects as files below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def write(self, key: str) -> Iterator[Sink]:
        target = self._path(key)
        unfinished = target.with_name(f"{target.name}.{uuid4().hex}{_UNFINISHED}")
        try:
            with outage(STORED):
                _make_folder(target.parent)
                file = unfinished.open("xb", buffering=0)
            with file:
                yield CheckedFile(file, STORED)
                with outage(STORED):
                    os.fsync(file.fileno())
            with outage(STORED):
                unfinished.replace(target)
                _sync_folder(target.parent)
        finally:
            with suppress(OSError):  # what cannot be removed now, the sweep of orphans takes later
                unfinished.unlink()

    def grow(self, key: str) -> GrowingSink:
        return _GrowingFile(self._path(key))

    def copy(self, key: str, other: str) -> None:
        source, target = self._path(key), self._path(other)
        with outage(STORED):
            _make_folder(target.parent)
        try:
            os.utime(source)  # both names have one age, and the sweep of orphans looks at that of the new one
            target.hardlink_to(source)
        except FileNotFoundError:
            raise
        except OSError:  # some network drives have no second names
            with outage(STORED), source.open("rb") as file, self.write(other) as sink:
                shutil.copyfileobj(file, sink)
        else:
            with outage(STORED):
                _sync_folder(target.parent)

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

    def older_than(self, moment: datetime, folder: str = "") -> Iterator[str]:
        for path in self._old(moment, folder):
            if path.suffix != _UNFINISHED:
                yield path.relative_to(self._root).as_posix()

    def drop_unfinished(self, moment: datetime, folder: str = "") -> int:
        left = [path for path in self._old(moment, folder) if path.suffix == _UNFINISHED]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def link(self, key: str, *, media_type: str, disposition: str, seconds: int) -> None:
        """None: a folder has no address."""

    def free_bytes(self) -> int:
        """What is left on the disk."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self._root).free

    def _old(self, moment: datetime, folder: str) -> Iterator[Path]:
        for path in (self._root / folder).rglob("*"):
            with suppress(FileNotFoundError):  # deleted while we look
                if path.is_file() and path.stat().st_mtime < moment.timestamp():
                    yield path

    def _path(self, key: str) -> Path:
        path = (self._root / key).resolve()
        if not path.parent.is_relative_to(self._root.resolve()):
            raise ValueError(f"{key!r} leads out of the storage folder.")
        return path


class _GrowingFile(CheckedFile):
    def __init__(self, path: Path) -> None:
        with outage(STORED):
            _make_folder(path.parent)
            self._opened = path.open("xb", buffering=0)
        super().__init__(self._opened, STORED)
        self._folder: Path | None = path.parent  # until its new name is safe
        self._safe = 0  # bytes

    def make_safe(self) -> None:
        with outage(STORED):
            os.fsync(self._opened.fileno())
            self._safe = self._opened.tell()
            if self._folder:
                _sync_folder(self._folder)
                self._folder = None

    def close(self) -> None:
        with suppress(OSError):  # what cannot be cut off does not count all the same
            self._opened.truncate(self._safe)
        with suppress(OSError):  # what counts is on the disk
            self._opened.close()


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
