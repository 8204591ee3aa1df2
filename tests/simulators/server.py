"""What every simulated provider has in common: a real HTTP server, faults on demand, and a bill."""

import asyncio
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    query: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Trouble:
    """What the next matching request gets instead of its answer."""

    status: int = 500
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""  # only for paths that hold this
    wait_s: float = 0.0  # before anything is sent
    half: bool = False  # the connection is cut in the middle of the body
    after: bool = False  # the work is done (and paid), only its answer is lost


class Simulator(ABC):
    """A provider. Subclasses name their routes; `troubles` are used up in order, one a request."""

    def __init__(self) -> None:
        self.key = "sk-simulated"
        self.troubles: list[Trouble] = []
        self.out_of_order: Trouble | None = None  # what every request gets, for as long as this is set
        self.seen: list[Seen] = []
        self.paid: list[str] = []  # a line for everything that a vendor would have billed
        self.latency_s = 0.0
        self.lock = threading.Lock()
        self.host, self.port = "127.0.0.1", 0

    @property
    def url(self) -> str:
        """The base URL to give to the SDK."""
        return f"http://{self.host}:{self.port}"

    @abstractmethod
    def routes(self) -> list[Route]:
        """Its addresses, each `handled`."""

    @abstractmethod
    def refuses(self, request: Request) -> Response | None:
        """The provider's answer to a wrong key; None for the right one."""

    def takes(self, _path: str) -> float:
        """Seconds until the answer to a request for this path."""
        return self.latency_s

    def requests(self, part: str) -> list[Seen]:
        """Those whose path holds `part`."""
        with self.lock:
            return [seen for seen in self.seen if part in seen.path]

    def handled(self, answer: Answer) -> Answer:
        """A route's endpoint: the request is noted, troubles come first, then the key, then the answer."""

        async def endpoint(request: Request) -> Response:
            try:
                body = await request.body()
            except ClientDisconnect:
                return Response(status_code=499)
            with self.lock:
                path = request.url.path
                self.seen.append(
                    Seen(request.method, path, dict(request.headers), request.query_params.multi_items(), body)
                )
                trouble = next((trouble for trouble in self.troubles if trouble.path in path), None)
                if trouble:
                    self.troubles.remove(trouble)
                trouble = trouble or self.out_of_order
            if trouble:
                await asyncio.sleep(trouble.wait_s)
                if trouble.after:
                    await answer(request)
                return Broken(trouble) if trouble.half else Response(trouble.body, trouble.status, trouble.headers)
            await asyncio.sleep(self.takes(path))
            return self.refuses(request) or await answer(request)

        return endpoint


class Broken(Response):
    """Promises a longer body than it sends, and hangs up."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.body, trouble.status, trouble.headers)
        self._length = len(trouble.body) + 100

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(self._length).encode())]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        raise ConnectionResetError("simulated")


@contextmanager
def serving(simulator: Simulator) -> Iterator[Simulator]:
    """The simulator on a free port of its host, in a thread of its own."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # 40 ms an answer otherwise
        listener.bind((simulator.host, simulator.port))  # 0 at first; the same again when it comes back
        simulator.port = listener.getsockname()[1]
        app = Starlette(routes=simulator.routes())
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],), name=type(simulator).__name__, daemon=True)
        thread.start()
        try:
            yield simulator
        finally:
            server.should_exit = True
            thread.join(10)
