"""A receiver of webhooks: a real HTTP server that answers as it is told, and keeps what came."""

import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str) -> Any:
        """The message, once the official library has found the signature right."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass(frozen=True)
class Say:
    """What the next request is answered."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    drip_s: float = 0.0  # between two bytes of the body
    hang_up: bool = False


class Receiver:
    """Answers 200 unless `says` holds something else, which is used up in order."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.says: deque[Say] = deque()
        self.always = Say()
        self.url = ""
        self.port = 0
        self.over = threading.Event()

    def next_answer(self) -> Say:
        return self.says.popleft() if self.says else self.always


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free port of this machine; with a context it speaks TLS."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a sender that hangs up is no news here
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_address[1]
    receiver.url = f"{'https' if context else 'http'}://127.0.0.1:{receiver.port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        thread.join(10)
        server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append(Got(self.command, self.path, headers, body))
            answer = receiver.next_answer()
            receiver.over.wait(answer.wait_s)
            if answer.hang_up:
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            for place in range(len(answer.body)) if answer.drip_s else ():
                self.wfile.write(answer.body[place : place + 1])
                time.sleep(answer.drip_s)
            if not answer.drip_s:
                self.wfile.write(answer.body)

        do_GET = do_POST  # noqa: N815  a redirect that is followed would come so

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    return Handler
