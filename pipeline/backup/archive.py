"""The folder that an archive is: a file of JSON lines for each table, recordings by their keys, and the manifest."""

import fcntl
import gzip
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from pipeline.backup import manifest
from pipeline.backup.manifest import BackupRefused, Lines
from pipeline.storage import Folder

OBJECTS, ROWS, LOCK = "objects", "rows-", "export.lock"
LIST = "objects"  # the file of lines that names every object
BLOCK = 1 << 20


class Archive:
    """One folder. What an export writes stands beside the rows of the one before, until the new manifest is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.objects = Folder(folder / OBJECTS)

    @contextmanager
    def filling(self) -> Iterator[Path]:
        """A fresh folder for rows, in an archive that nobody else fills. Raises BackupRefused."""
        with written(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            others = [path.name for path in self.folder.iterdir() if not _is_ours(path.name)]
            if others:
                raise BackupRefused(
                    f"{self.folder} holds something else ({min(others)!a}). Name an empty folder, or an earlier export."
                )
            (self.folder / OBJECTS).mkdir(mode=0o700, exist_ok=True)
            lock = (self.folder / LOCK).open("w")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BackupRefused(f"Another export writes to {self.folder}. Wait for it to end.") from error
            rows = self.folder / f"{ROWS}{uuid4().hex}"
            with written(self.folder):
                rows.mkdir(mode=0o700)
            yield rows

    def forget_rows(self, but: Path) -> None:
        """Remove the rows of earlier exports."""
        for path in self.folder.glob(f"{ROWS}*"):
            if path != but:
                shutil.rmtree(path)

    def lines(self, of: Lines) -> Iterator[str]:
        """Line by line. Raises BackupRefused where the file is not what the manifest says."""
        count = 0
        try:
            with gzip.open(self.folder / of.file, "rt", encoding="utf-8", newline="\n") as file:
                for count, line in enumerate(file, start=1):  # noqa: B007  counted to the end
                    yield line
        except (OSError, EOFError, UnicodeDecodeError, gzip.zlib.error) as error:  # type: ignore[attr-defined]  # zlib, as gzip raises it
            raise damaged(self.folder / of.file) from error
        if count != of.lines:
            raise damaged(self.folder / of.file)

    def check(self, of: Lines) -> None:
        """Raises BackupRefused where the file is not, byte for byte, what was exported."""
        path = self.folder / of.file
        try:
            with path.open("rb") as file:
                whole = hashed(file) == of.sha256
        except OSError as error:
            raise BackupRefused(f"The archive is not whole: {path} cannot be read ({error.strerror}).") from error
        if not whole:
            raise damaged(path)


def write_lines(rows: Path, name: str, lines: Iterator[str], moved: Callable[[int], None]) -> Lines:
    """A file of these lines, safe on the disk."""
    path, count = rows / f"{name}.jsonl.gz", 0
    with written(path), path.open("xb") as file:
        with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:  # no name, no time: the same rows are the same bytes
            for count, line in enumerate(lines, start=1):  # noqa: B007  counted to the end
                raw = line.encode()
                packed.write(raw)
                moved(len(raw))
        file.flush()
        os.fsync(file.fileno())
    with written(path), path.open("rb") as file:
        return Lines(file=f"{rows.name}/{path.name}", lines=count, sha256=hashed(file))


def hashed(file: BinaryIO) -> str:
    """SHA-256 of the rest of a file."""
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def damaged(path: Path) -> BackupRefused:
    """For a file that is not what was exported."""
    return BackupRefused(f"The archive is damaged: {path} is not as it was exported. Take another copy of it.")


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Trouble with the archive's disk, in words."""
    try:
        yield
    except OSError as error:
        raise BackupRefused(f"{path} cannot be written: {error.strerror or error}.") from error


def _is_ours(name: str) -> bool:
    return name.startswith((ROWS, manifest.NAME)) or name in {OBJECTS, LOCK}
