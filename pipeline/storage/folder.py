"""Recordings as files below one folder."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from pipeline.storage.contract import Sink
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
        for path in self._old(moment):
            if path.suffix != _UNFINISHED:
                yield path.relative_to(self._root).as_posix()

    def drop_unfinished(self, moment: datetime) -> int:
        left = [path for path in self._old(moment) if path.suffix == _UNFINISHED]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def link(self, key: str, *, media_type: str, disposition: str, seconds: int) -> None:
        """None: a folder has no address."""

    def free_bytes(self) -> int:
        """What is left on the disk."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self._root).free

    def _old(self, moment: datetime) -> Iterator[Path]:
        for path in self._root.rglob("*"):
            with suppress(FileNotFoundError):  # deleted while we look
                if path.is_file() and path.stat().st_mtime < moment.timestamp():
                    yield path

    def _path(self, key: str) -> Path:
        path = (self._root / key).resolve()
        if not path.parent.is_relative_to(self._root.resolve()):
            raise ValueError(f"{key!r} leads out of the storage folder.")
        return path


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
