"""A network line to a server, which a test may cut and mend."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Line:
    """Bytes both ways between a port of this machine and a server."""

    def __init__(self, target: str) -> None:
        self.leads_to = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.is_cut = False
        self.cut_after = -1  # bytes sent to the server until the line cuts itself
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection, and each that is tried from now on."""
        self.is_cut = True
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self, target: str = "") -> None:
        """Connections are made again; to another server, where one is named."""
        self.leads_to = target or self.leads_to
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed: the line's end
            while True:
                near, _ = self._listener.accept()
                if self.is_cut:
                    near.close()
                    continue
                far = socket.create_connection(_place(self.leads_to))
                self._open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(source, sink, source is near), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, to_server: bool) -> None:
        with suppress(OSError), source, sink:
            while block := source.recv(1 << 16):
                sink.sendall(block)
                if to_server and self.cut_after >= 0:
                    self.cut_after -= len(block)
                    if self.cut_after < 0:
                        self.cut()


def _place(address: str) -> tuple[str | None, int | None]:
    parts = urlsplit(address)
    return parts.hostname, parts.port


@contextmanager
def line_to(target: str) -> Iterator[Line]:
    line = Line(target)
    try:
        yield line
    finally:
        line.close()
