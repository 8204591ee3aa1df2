"""The site without Streamlit: its gate, its forms, its recordings, and an echo behind them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from config import settings
from dashboard.audit import export
from dashboard.calls import export as call_export
from dashboard.calls import recordings
from dashboard.door import gate, routes
from dashboard.door.gate import Gate
from dashboard.door.headers import Headers
from dashboard.system import board
from jobs import guesses
from records import db, passwords, sessions
from records.people import User
from records.roles import Role

PASSWORD = "correct horse battery"
Visitor = Callable[..., TestClient]


async def echo(request: Request) -> JSONResponse:
    who = getattr(request.state, "who", None)
    ours = {name: value for name, value in request.headers.items() if name.startswith("x-")}
    return JSONResponse({"who": who.label if who else None, "headers": ours, "path": request.url.path})


async def echo_socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json({name: value for name, value in socket.headers.items() if name.startswith("x-")})
    await socket.receive()  # it leaves


SITE = Starlette(
    routes=[
        *routes.ROUTES,
        *recordings.ROUTES,
        board.ROUTE,
        *export.ROUTES,
        *call_export.ROUTES,
        WebSocketRoute("/_stcore/stream", echo_socket),
        Route("/{rest:path}", echo, methods=["GET", "POST"]),
    ],
    middleware=[Middleware(Headers), Middleware(Gate)],
)


@pytest.fixture(autouse=True)
def _no_guesses_yet() -> Iterator[None]:
    """No test is throttled for another's wrong guesses."""
    guesses._in_memory.cache_clear()
    yield
    guesses._in_memory.cache_clear()


@pytest.fixture(autouse=True)
def _sockets_count_while_they_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test client's loop ends with its socket, and the moment at which that would count no more never comes."""
    monkeypatch.setattr(gate, "COUNTS_S", 0.0)


@pytest.fixture
def visitor(home: Path) -> Iterator[Visitor]:
    """`visitor()`: a browser that follows no redirect by itself; `visitor(user)`: one that is signed in."""
    clients = []

    def arrive(user: User | None = None, *, at: str = "http://testserver") -> TestClient:
        client = TestClient(SITE, base_url=at, follow_redirects=False)
        client.headers["Accept"] = "text/html"
        clients.append(client)
        if user is not None:
            with db.writing() as session:
                client.cookies.set("tv_session", sessions.start(session, user))
        return client

    yield arrive
    for client in clients:
        client.close()


@pytest.fixture
def reached_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`reached_at(url)`: the deployment's public address."""

    def reach(url: str) -> None:
        monkeypatch.setenv("TOTALVIEW_PUBLIC_URL", url)
        settings.cache_clear()

    return reach


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Slow on purpose, so made once."""
    return passwords.hashed(PASSWORD)


@pytest.fixture
def ann(home: Path, password_hash: str) -> User:
    """An owner with a password."""
    with db.writing() as session:
        user = User(email="ann@example.org", name="Ann", role=Role.OWNER, password_hash=password_hash)
        session.add(user)
    return user
