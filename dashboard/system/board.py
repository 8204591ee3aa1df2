"""rq-dashboard at /queues, for those who may see the system; what is done there is in the audit log."""

import asyncio
import re
from functools import lru_cache
from importlib import import_module
from typing import cast

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi_typing import WSGIApp
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.door import origin
from records import audit
from records.db import writing
from records.identity import Identity
from records.roles import Permission, scope_of

PATH = "/queues"
_AT_ONCE = 4  # threads: its pages ask Redis, and ask again every 3 s
_JOB = re.compile(r"/job/(?P<job>[^/]+)/requeue$")
_ALL = re.compile(r"/requeue/(?P<queue>[^/]+)$")


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Whoever comes here has passed the gate, which says who it is."""
    refused = _refusal(Request(scope))
    if refused is None and scope["method"] == "POST":
        await asyncio.to_thread(_note, scope["state"]["who"], scope["path"])
    await (refused or _board())(scope, receive, send)


def _refusal(request: Request) -> Response | None:
    who: Identity | None = request.scope.get("state", {}).get("who")
    if who is None or scope_of(who.role, Permission.SYSTEM_READ) is None:
        return PlainTextResponse("There is no such page.", 404, {"Cache-Control": "no-store"})
    if request.method == "POST" and origin.foreign(request):
        return PlainTextResponse("Use the button on the page itself.", 403, {"Cache-Control": "no-store"})
    return None


def _note(who: Identity, path: str) -> None:
    """Written before it is done: what Redis then refuses was asked for all the same."""
    for pattern, act in ((_JOB, "job.requeue"), (_ALL, "job.requeue_all")):
        found = pattern.search(path)
        if found:
            with writing() as session:
                audit.log(session, who, act, found[1])


@lru_cache(maxsize=1)
def _board() -> ASGIApp:
    """Made by the first who looks; Flask too is imported for nobody else."""
    program = import_module("jobs.board").build()
    return cast(ASGIApp, WSGIMiddleware(cast(WSGIApp, program), workers=_AT_ONCE))


ROUTE = Mount(PATH, app=serve)
