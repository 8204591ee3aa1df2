"""Reading an object: seekable, over ranged requests, a window at a time."""

from collections.abc import Callable
from io import SEEK_CUR, SEEK_END, SEEK_SET, RawIOBase
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError
from botocore.response import StreamingBody

from pipeline.storage.contract import StorageAway
from pipeline.storage.s3_refusals import Asked

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

FIRST_WINDOW, LARGEST_WINDOW = 256 << 10, 32 << 20  # a look at a header asks for little, a whole recording rarely
BUFFER = 128 << 10
TRIES = 3  # of a body that breaks off; each goes on where the last ended


class ObjectReader(RawIOBase):
    """A window's bytes are read as they arrive, so memory holds none of it."""

    def __init__(self, get: Callable[[int, int], StreamingBody], size: int, asked: Asked) -> None:
        """`get(first, last)` asks for those bytes, both included, and gives a body to read and close.

        `asked` puts the client's errors into words.
        """
        super().__init__()
        self._get = get
        self._asked = asked
        self._size = size
        self._at = 0
        self._body: StreamingBody | None = None
        self._left = 0  # bytes that the open body still has
        self._window = FIRST_WINDOW

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        start = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("There is nothing before the beginning.")
        if start + offset != self._at:
            self._drop()
            self._window = FIRST_WINDOW
            self._at = start + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        room = memoryview(buffer).cast("B")
        wanted = min(len(room), self._size - self._at)
        if wanted <= 0:
            return 0
        with self._asked():
            block = self._read(wanted)
        room[: len(block)] = block
        self._at += len(block)
        self._left -= len(block)
        if not self._left:
            self._drop()
        return len(block)

    def close(self) -> None:
        self._drop()
        super().close()

    def _read(self, wanted: int) -> bytes:
        for tries_left in reversed(range(TRIES)):
            body = self._body or self._ask()
            try:
                block: bytes = body.read(min(wanted, self._left))
            except BotoCoreError:
                self._drop()
                if not tries_left:
                    raise
                continue
            if block:
                return block
            self._drop()
        raise StorageAway("The S3 server keeps sending less of a recording than it has. Try again in a minute.")

    def _ask(self) -> StreamingBody:
        self._drop()
        last = min(self._at + self._window, self._size) - 1
        self._body = body = self._get(self._at, last)
        self._left = last - self._at + 1
        self._window = min(self._window * 2, LARGEST_WINDOW)
        return body

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
        self._body, self._left = None, 0
