"""What has come over a channel and was not read yet."""

from collections import deque
from threading import Condition

from paramiko.buffered_pipe import PipeTimeout


class Arrived:
    """In place of paramiko's own: whoever reads is woken once all that was asked for is there.

    SSH brings an answer of SFTP in eight parts. To wake the reader for each, and to move what it left in between, took
    half of the time: the two threads of a connection share one interpreter. It lacks what `Channel.fileno` needs.
    """

    def __init__(self) -> None:
        self._parts: deque[bytes | memoryview] = deque()
        self._size = self._wanted = 0  # bytes
        self._over = False
        self._changed = Condition()

    def __len__(self) -> int:
        return self._size

    def feed(self, data: bytes | str) -> None:
        """These came."""
        part = data if isinstance(data, bytes) else data.encode()
        with self._changed:
            self._parts.append(part)
            self._size += len(part)
            if self._size >= self._wanted:
                self._changed.notify_all()

    def read_ready(self) -> bool:
        return self._size > 0

    def read(self, nbytes: int, timeout: float | None = None) -> bytes:
        """So many bytes, or as many as there are once nothing more will come.

        Raises PipeTimeout when nothing at all comes for `timeout` seconds: a slow line is no dead one.
        """
        with self._changed:
            self._wanted = nbytes
            while self._size < nbytes and not self._over:
                before = self._size
                if not self._changed.wait(timeout) and self._size == before:
                    raise PipeTimeout
            return b"".join(self._take(nbytes))

    def empty(self) -> bytes:
        """All that there is, at once."""
        with self._changed:
            return b"".join(self._take(self._size))

    def close(self) -> None:
        """Nothing more will come."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def _take(self, most: int) -> list[bytes | memoryview]:
        taken: list[bytes | memoryview] = []
        left = min(most, self._size)
        self._size -= left
        while left:
            part = self._parts.popleft()
            if len(part) > left:
                whole = memoryview(part)
                part, rest = whole[:left], whole[left:]
                self._parts.appendleft(rest)
            taken.append(part)
            left -= len(part)
        return taken
