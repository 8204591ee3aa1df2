"""The gate in front of everything: who is asking, told to what lies behind by headers that no client can set."""

import asyncio
import re
from urllib.parse import quote

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.door import cookies, files, origin
from records import sessions
from records.api_keys import hashed
from records.db import reading
from records.identity import Identity

SESSION_HEADER = b"x-tv-sid"
METRICS = "/metrics"  # has a token of its own, and takes people who may see the System page
# What Streamlit serves and nobody here needs: figures about other people's sessions, an API for programs, a sign-in.
UNUSED = re.compile(r"/_stcore/(metrics|agent/.*)|/auth/.*|/oauth2callback", re.DOTALL)
_OURS = b"x-tv-"
_OPEN_PATHS = frozenset(
    {
        "/login",
        "/logout",
        "/logout_everywhere",
        "/setup",
        "/welcome",
        "/sso",
        "/sso/callback",
        "/healthz",
        "/readyz",
        METRICS,
        "/api",
        "/favicon.png",
        "/_stcore/health",
        "/_stcore/host-config",  # the page asks for both again when its connection drops
    }
)
# Sockets at a time of browsers without a session, each of which takes a run of a page that says so; and for how long
# one counts at least, so that nobody has such runs made by coming again and again.
STRANGERS, COUNTS_S = 50, 10.0
_OPEN_FOLDERS = ("/api/", "/static/")  # the API has keys of its own; static holds Streamlit's scripts and fonts


_NOTHING_HERE = PlainTextResponse("There is no such page.", 404, {"Cache-Control": "no-store"})


class Gate:
    """Pure ASGI: a BaseHTTPMiddleware would wrap every streamed body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._strangers = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        scope["headers"] = [pair for pair in scope["headers"] if not pair[0].lower().startswith(_OURS)]
        answer = await self._judge(scope)
        unnamed = answer is None and scope["type"] == "websocket" and "who" not in scope.get("state", {})
        await (answer or (self._strangers_socket if unnamed else self._app))(scope, receive, send)

    async def _strangers_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One of a few: whoever is refused tries again by itself, as Streamlit's page does."""
        if self._strangers >= STRANGERS:
            await _close(scope, receive, send)
            return
        self._strangers += 1
        loop = asyncio.get_running_loop()
        until = loop.time() + COUNTS_S
        try:
            await self._app(scope, receive, send)
        finally:
            if loop.time() < until:
                loop.call_at(until, self._one_less)
            else:
                self._one_less()

    def _one_less(self) -> None:
        self._strangers -= 1

    async def _judge(self, scope: Scope) -> ASGIApp | None:
        """The answer of somebody who may not pass; None lets the request through, with its session named."""
        connection = HTTPConnection(scope)
        if scope["type"] == "websocket" and _from_elsewhere(connection):
            return _close
        is_open = _open(scope["path"])
        if is_open and not _may_be_a_page(connection, scope):
            return None
        try:
            token, who = await asyncio.to_thread(_who, connection)
        except SQLAlchemyError:
            away = PlainTextResponse("The database does not answer. Try again in a minute.", 503, {"Retry-After": "10"})
            return None if is_open else away  # what is open has words of its own
        if who is not None and token is not None:
            scope.setdefault("state", {})["who"] = who
            scope["headers"].append((SESSION_HEADER, hashed(token).encode()))
            return _NOTHING_HERE if UNUSED.fullmatch(scope["path"]) else files.refusal(scope, who)
        if is_open or scope["type"] == "websocket":
            return None  # a page whose socket is closed tries again for ever; the run itself shows the way to sign in
        return _stranger(connection, scope)


def _who(connection: HTTPConnection) -> tuple[str | None, Identity | None]:
    token = cookies.token_of(connection)
    if not token:
        return None, None
    with reading() as session:
        return token, sessions.find(session, token)


def _stranger(connection: HTTPConnection, scope: Scope) -> Response:
    """A browser that opens a page is sent to sign in, and back afterwards; anything else is told 401."""
    if scope["method"] in {"GET", "HEAD"} and "text/html" in connection.headers.get("accept", ""):
        wanted = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        return RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303, {"Cache-Control": "no-store"})
    return PlainTextResponse("Sign in first.", 401, {"Cache-Control": "no-store"})


def _open(path: str) -> bool:
    return path in _OPEN_PATHS or path.startswith(_OPEN_FOLDERS)


def _may_be_a_page(connection: HTTPConnection, scope: Scope) -> bool:
    """Whether one of our own pages may be asking the API, or for figures, as the person who is signed in there."""
    for_people = scope["path"].startswith("/api/") or scope["path"] == METRICS
    ours = scope["type"] == "http" and for_people and not origin.foreign(connection)
    return ours and cookies.token_of(connection) is not None


def _from_elsewhere(connection: HTTPConnection) -> bool:
    """A socket opened by another site's page. Streamlit would look the site's address up on the internet to decide."""
    header = connection.headers.get("origin")
    return header is not None and not origin.ours(header, connection.headers.get("host", ""))


async def _close(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})
