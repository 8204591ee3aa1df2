"""A line to a server on this machine that breaks off, or falls silent, where a test wants it to."""

import socket
import struct
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Self


class Line:
    """Passes bytes on both ways, of any number of connections, until the server has sent so many in all.

    `cut_after`: then the connection is reset, and every later one at once. `silent_after`: then nothing passes any
    more, and nothing is closed. Without either it only counts.
    """

    def __init__(self, port: int, *, cut_after: int | None = None, silent_after: int | None = None) -> None:
        self._target, self._cut, self._silent = port, cut_after, silent_after
        self.passed = 0
        self._over = Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Reset every connection there is now."""
        doomed, self._sockets = self._sockets, []  # whoever comes again meanwhile is not among them
        for one in doomed:
            with suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def fall_silent(self) -> None:
        """From now on nothing comes from the server."""
        self._silent = 0

    def mend(self) -> None:
        """From now on everything passes."""
        self._cut = self._silent = None

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                continue
            self._sockets += [near, far]
            Thread(target=self._pass, args=(near, far), daemon=True).start()
            Thread(target=self._pass, args=(far, near), kwargs={"counted": True}, daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket, *, counted: bool = False) -> None:
        with suppress(OSError):
            while block := one.recv(65536):
                if counted:
                    self.passed += len(block)
                    if self._cut is not None and self.passed >= self._cut:
                        self.cut()
                        return
                    if self._silent is not None and self.passed >= self._silent:
                        self._over.wait()
                        return
                other.sendall(block)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)
