"""The bytes of one recording on their way into storage: written as they come, or there already as another object."""

import hashlib
import logging
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from pipeline.storage import Sink, Storage, StorageAway

log = logging.getLogger(__name__)

BLOCK = 1 << 20


class Abandoned(Exception):  # noqa: N818  what happened to the bytes
    """Tells storage that what was written so far is not wanted."""


class OriginGone(Exception):  # noqa: N818  what has happened
    """What was to be taken over is no longer in storage."""


class Incoming:
    """Becomes an object at a key once `keep` is called; `drop` leaves nothing, whenever.

    The verbs may be called from different threads, one after the other.
    """

    def __init__(self, shelf: Storage, key: str) -> None:
        self.key, self.size = key, 0
        self._shelf = shelf
        self._digest = hashlib.sha256()
        self._sha256 = ""  # of what was taken over
        self._origin = ""  # the key from which it is taken over
        self._writing: AbstractContextManager[Sink] | None = None
        self._sink: Sink | None = None

    @property
    def sha256(self) -> str:
        """Hexadecimal."""
        return self._sha256 or self._digest.hexdigest()

    def write(self, block: bytes) -> None:
        """Raises StorageAway."""
        if self._sink is None:
            self._writing = self._shelf.write(self.key)
            self._sink = self._writing.__enter__()
        self.size += len(block)
        self._digest.update(block)
        self._sink.write(block)

    def take_over(self, key: str, size: int, sha256: str) -> None:
        """All of it lies at this other key, and stays there too; nothing is written besides."""
        self._origin, self.size, self._sha256 = key, size, sha256

    def keep(self) -> None:
        """Make it an object, whole and safe. Raises StorageAway, OriginGone."""
        if self._origin:
            try:
                self._shelf.copy(self._origin, self.key)
            except FileNotFoundError as error:
                raise OriginGone from error
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.__exit__(None, None, None)

    def drop(self) -> None:
        """What cannot be deleted now, the sweep of orphans takes later."""
        writing, self._writing = self._writing, None
        if writing is not None:
            with suppress(Abandoned):
                writing.__exit__(Abandoned, Abandoned(), None)
        try:
            self._shelf.delete(self.key)
        except (OSError, StorageAway):
            log.warning("%s could not be deleted; the sweep of orphans will.", self.key, exc_info=True)


def blocks_of(path: Path) -> Iterable[bytes]:
    """A file's bytes, a megabyte at a time."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
