"""Signing in and out: the form, the password, the cookie."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import ParamSpec, TypeVar

from sqlmodel import select
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.door import cookies, forms, origin
from dashboard.door.forms import Field, Form
from records import passwords, sessions, setup
from records.db import reading, writing
from records.people import User

P = ParamSpec("P")
T = TypeVar("T")

HOME = "/"
WRONG = "The email or the password is wrong."
NO_OWNER = (
    "There is no owner account yet. On the server, run <code>totalview user setup-link</code> "
    "and open the link that it prints."
)
_ELSEWHERE = ("/login", "/logout", "/setup")
_AT_ONCE = 2  # password checks at a time: each takes 64 MB for a moment, and nobody need be signed in to ask for one


async def login_form(request: Request) -> Response:
    target = safe_next(request.query_params.get("next"))
    if await asyncio.to_thread(_signed_in, cookies.token_of(request)):
        return RedirectResponse(target, 303, {"Cache-Control": "no-store"})
    return forms.answer(request, await _form(target))


async def login(request: Request) -> Response:
    fields = await forms.received(request)
    email, target = fields.get("email", "").strip().lower(), safe_next(fields.get("next"))
    if forms.forged(request, fields):
        return forms.answer(request, await _form(target, email=email, problem=forms.EXPIRED), 403)
    missing = {name: f"Write your {name}." for name in ("email", "password") if not fields.get(name, "").strip()}
    if missing:
        return forms.answer(request, await _form(target, email=email, problems=missing), 422)
    brought = cookies.token_of(request)
    token = await in_password_thread(_authenticate, email, fields["password"], brought)
    if token is None:
        return forms.answer(request, await _form(target, email=email, problems={"password": WRONG}), 401)
    return welcome(target, token)


async def logout(request: Request) -> Response:
    if origin.foreign(request):
        return PlainTextResponse("Sign out from TotalView's own menu.", 403)
    token = cookies.token_of(request)
    if token:
        await asyncio.to_thread(_end, token)
    response = RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
    cookies.sign_out(response)
    return response


def welcome(target: str, token: str) -> Response:
    """Send a browser on, signed in."""
    response = RedirectResponse(target, 303, {"Cache-Control": "no-store"})
    cookies.sign_in(response, token)
    return response


def safe_next(wanted: str | None) -> str:
    """Where to go after signing in: a page of this site, whatever the address says."""
    path = (wanted or "").split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
    local = path.startswith("/") and not path.startswith("//") and "\\" not in path
    if not wanted or not local or not wanted.isprintable() or path in _ELSEWHERE:
        return HOME
    return wanted


async def in_password_thread(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run slow password work away from the event loop, a few at a time."""
    return await asyncio.get_running_loop().run_in_executor(_password_threads(), partial(work, *arguments, **named))


@lru_cache(maxsize=1)
def _password_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, "password")


def _authenticate(email: str, password: str, brought: str | None) -> str | None:
    """A new session's token when the password is right. The session that the browser brought ends there and then."""
    user = _account(email)
    stored = user.password_hash if user else None
    if not passwords.matches(password, stored) or user is None or not user.active:
        return None
    with writing() as session:
        if stored and passwords.outdated(stored):
            session.get_one(User, user.id).password_hash = passwords.hashed(password)
        if brought:
            sessions.end(session, brought)
        return sessions.start(session, user)


def _account(email: str) -> User | None:
    if not email.isprintable():
        return None  # PostgreSQL would refuse the very question
    with reading() as session:
        return session.exec(select(User).where(User.email == email)).first()


def _signed_in(token: str | None) -> bool:
    if not token:
        return False
    with reading() as session:
        return sessions.find(session, token) is not None


def _end(token: str) -> None:
    with writing() as session:
        sessions.end(session, token)


def _has_owner() -> bool:
    with reading() as session:
        return setup.owner_exists(session)


async def _form(target: str, *, email: str = "", problem: str = "", problems: dict[str, str] | None = None) -> Form:
    wrong = problems or {}
    return Form(
        heading="Sign in",
        lead="See how your calls went.",
        action="/login",
        button="Sign in",
        fields=(
            Field("email", "Email", "email", "username", value=email, problem=wrong.get("email", "")),
            Field("password", "Password", "password", "current-password", problem=wrong.get("password", "")),
        ),
        hidden=(("next", target),),
        notice="" if await asyncio.to_thread(_has_owner) else NO_OWNER,
        problem=problem,
    )


ROUTES = (
    Route("/login", login_form, methods=["GET"]),
    Route("/login", login, methods=["POST"]),
    Route("/logout", logout, methods=["POST"]),
)
