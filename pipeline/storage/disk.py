"""Files whose troubles are outages of storage, told in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase

from pipeline.storage.contract import StorageAway


class CheckedFile:
    """A sink whose own failures are outages; what else goes wrong while it is open is somebody else's."""

    def __init__(self, file: RawIOBase, done: str) -> None:
        """`done` is what the recording is being, such as 'stored'."""
        self._file = file
        self._done = done

    def write(self, block: bytes) -> None:
        rest = memoryview(block)
        with outage(self._done):
            while rest:
                rest = rest[self._file.write(rest) :]


@contextmanager
def outage(done: str) -> Iterator[None]:
    """An OSError within the block becomes StorageAway."""
    try:
        yield
    except OSError as error:
        raise StorageAway(f"The recording could not be {done}: {error.strerror or error}.") from error
