"""Single sign-on: to the company's identity provider and back, ending in the same cookie as a password does."""

import asyncio
import logging
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from config import settings
from dashboard.door import cookies, identity_provider, signin
from dashboard.door.identity_provider import CALLBACK, Away, Unusable
from dashboard.door.signed import SignedCookie
from records import outside_accounts, sessions
from records.db import writing
from records.outside_accounts import Deactivated, Outsider, TakenByAnother, Unknown, Unvouched

log = logging.getLogger(__name__)


class Denied(Exception):  # noqa: N818  what it was
    """The provider let nobody in, or the person thought better of it."""


LASTS_S = 600
_ERROR_LONGEST = 60  # characters of what comes by an address, in the log
# The word that the sign-in form has a sentence for (dashboard/door/signin.py).
_TROUBLES = {
    Away: "away",
    Denied: "denied",
    Unusable: "unusable",
    Unvouched: "unverified",
    Unknown: "unknown",
    Deactivated: "deactivated",
    TakenByAnother: "taken",
}
_UNDER_WAY = SignedCookie("sso", LASTS_S)
_AT_ONCE = 4  # tabs that may be on their way; the latest
_COOKIE_LARGEST = 3800  # bytes; browsers silently drop one of more than 4096 with its name


async def begin(request: Request) -> Response:
    """Send somebody to the provider; what has to fit on the way back stays in this browser."""
    target = signin.safe_next(request.query_params.get("next"))
    if not settings().single_sign_on:
        return _back(target)
    try:
        begun = await identity_provider.begin(ask_again="again" in request.query_params)
    except Away as away:
        log.warning("Single sign-on: %s", away)
        return _back(target, "away")
    facts = {"nonce": begun.nonce, "verifier": begun.verifier, "next": target}
    sealed = await asyncio.to_thread(_with, request, begun.state, facts)
    response = RedirectResponse(begun.address, 303, {"Cache-Control": "no-store"})
    _UNDER_WAY.write(response, sealed)
    return response


async def callback(request: Request) -> Response:
    """Somebody is back. Each sign-in that was begun counts once, whatever becomes of it."""
    facts, rest = await asyncio.to_thread(_taken, request, request.query_params.get("state", ""))
    if facts is None or not settings().single_sign_on:
        return _back(signin.HOME, "stale")
    response = await _judged(request, facts)
    _UNDER_WAY.write(response, rest)
    return response


async def _judged(request: Request, facts: dict[str, Any]) -> Response:
    """In, where the wanted page is; or back to the form, with words for what went wrong."""
    target = signin.safe_next(facts["next"])
    try:
        token, email = await _let_in(request, facts)
    except tuple(_TROUBLES) as refused:
        log.warning("Single sign-on: %s", refused or type(refused).__name__)
        return _back(target, _TROUBLES[type(refused)])
    return await signin.welcome(request, target, token, email)


async def _let_in(request: Request, facts: dict[str, Any]) -> tuple[str, str]:
    """A new session's token, and whose it is. Raises what _TROUBLES lists."""
    told = request.query_params
    error = told.get("error", "")[:_ERROR_LONGEST]
    if error in {"server_error", "temporarily_unavailable"}:
        raise Away(error)
    if error:
        raise Denied(repr(error))
    if not identity_provider.is_ours(told.get("iss")):
        raise Unusable("another provider answered")
    who = await identity_provider.outsider(told.get("code", ""), facts["nonce"], facts["verifier"])
    return await asyncio.to_thread(_enter, request, who)


def _enter(request: Request, who: Outsider) -> tuple[str, str]:
    with writing() as session:
        user = outside_accounts.person(session, who)
        browser, brought = signin.browser_of(request), cookies.token_of(request)
        return sessions.start(session, user, browser=browser, instead_of=brought), user.email


def _with(request: Request, state: str, facts: dict[str, Any]) -> str:
    """The cookie's value with one more sign-in under way."""
    before = [*_UNDER_WAY.read(request).items()][-(_AT_ONCE - 1) :]
    while len(sealed := _UNDER_WAY.sealed({**dict(before), state: facts})) > _COOKIE_LARGEST:
        if not before:
            return _UNDER_WAY.sealed({state: {**facts, "next": signin.HOME}})
        before = before[1:]
    return sealed


def _taken(request: Request, state: str) -> tuple[dict[str, Any] | None, str]:
    """What was begun under this state, and the cookie's value without it."""
    under_way = _UNDER_WAY.read(request)
    facts = under_way.pop(state, None)
    return facts, _UNDER_WAY.sealed(under_way)


def _back(target: str, trouble: str = "") -> Response:
    """To the sign-in form, with words for what went wrong."""
    asked = {"next": target, **({"trouble": trouble} if trouble else {})}
    return RedirectResponse(f"/login?{urlencode(asked)}", 303, {"Cache-Control": "no-store"})


ROUTES = (
    Route("/sso", begin, methods=["GET"]),
    Route(CALLBACK, callback, methods=["GET"]),
)
