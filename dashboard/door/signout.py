"""Signing out: of this browser, or of all at once."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.door import cookies, origin
from records import sessions
from records.db import reading, writing


async def logout(request: Request) -> Response:
    return await _out(request, _end)


async def logout_everywhere(request: Request) -> Response:
    return await _out(request, _end_everywhere)


async def _out(request: Request, end: Callable[[str], None]) -> Response:
    if origin.foreign(request):
        return PlainTextResponse("Sign out from TotalView's own menu.", 403)
    token = cookies.token_of(request)
    if token:
        await asyncio.to_thread(end, token)
    response = RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
    cookies.sign_out(response)
    return response


def _end(token: str) -> None:
    with writing() as session:
        sessions.end(session, token)


def _end_everywhere(token: str) -> None:
    with reading() as session:
        who = sessions.find(session, token)
    if who is not None:
        with writing() as session:
            sessions.end_mine(session, who)


ROUTES = (
    Route("/logout", logout, methods=["POST"]),
    Route("/logout_everywhere", logout_everywhere, methods=["POST"]),
)
