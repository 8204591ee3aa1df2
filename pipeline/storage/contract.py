"""What storage promises, whatever it is made of."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol


class StorageAway(Exception):  # noqa: N818  what it is: an outage, not a mistake
    """Storage cannot be reached or is full; trying later may help. The message is a sentence."""


class Sink(Protocol):
    """Where a recording's bytes go."""

    def write(self, block: bytes) -> object: ...


class GrowingSink(Sink, Protocol):
    """Where bytes go that are safe before all have come."""

    def make_safe(self) -> None:
        """What was written so far survives from here on, and can be read."""

    def close(self) -> None:
        """Nothing more is written; what was not made safe goes. Raises nothing."""


class Storage(Protocol):
    """Objects by key. A key is made of ids only, never of anything from outside.

    Every verb raises StorageAway when storage does not do its part.
    """

    def write(self, key: str) -> AbstractContextManager[Sink]:
        """A sink; the object exists, whole and safe, once the block ends without an exception."""

    def grow(self, key: str) -> GrowingSink | None:
        """A sink of an object that is there from the beginning; None where objects only ever come whole."""

    def copy(self, key: str, other: str) -> None:
        """Have the same bytes at `other` too, where nothing is yet, without their coming here: a bucket copies 5 GB.

        FileNotFoundError when there are none.
        """

    def open(self, key: str) -> BinaryIO:
        """The object's bytes, seekable. FileNotFoundError when there is none."""

    def local(self, key: str) -> AbstractContextManager[Path]:
        """The object as a file on this machine, for as long as the block lasts. Never write to it."""

    def size(self, key: str) -> int:
        """Bytes. FileNotFoundError when there is none."""

    def delete(self, key: str) -> None:
        """Remove it; nothing happens when there is none."""

    def older_than(self, moment: datetime, folder: str = "") -> Iterator[str]:
        """Keys of whole objects last written before this moment, one by one.

        `folder` is how all of them begin, up to a slash.
        """

    def drop_unfinished(self, moment: datetime, folder: str = "") -> int:
        """Throw away what was begun there before this moment and never became an object; how many there were."""

    def link(self, key: str, *, media_type: str, disposition: str, seconds: int) -> str | None:
        """An address at which a browser gets the object for that long, with these headers; None where there is none."""


def recording_key(call_id: str) -> str:
    """Where a call's recording lies."""
    return f"recordings/{call_id[:2]}/{call_id}"


def rendition_key(call_id: str) -> str:
    """Where the recording lies in a form that everybody reads, if it was ever needed."""
    return f"renditions/{call_id[:2]}/{call_id}.flac"


def call_of(key: str) -> str:
    """The call id in the key of a recording or rendition."""
    return key.rsplit("/", 1)[-1].removesuffix(".flac")
