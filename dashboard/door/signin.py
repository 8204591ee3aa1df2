"""Signing in: the form, the password, the cookie."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import ParamSpec, TypeVar
from urllib.parse import urlencode

from sqlmodel import select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from config import settings
from dashboard.door import browsers, cookies, forms, throttle
from dashboard.door.forms import Field, Form, Way
from jobs import guesses
from jobs.guesses import TooMany
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
OTHERWISE = ", or ask an Owner for a sign-in link, which works at once"
# What brought somebody back from single sign-on without being signed in, by the word in the address.
TROUBLES = {
    "away": "The sign-in service does not answer just now. Try again in a minute, or use your password.",
    "denied": "The sign-in was cancelled, or the sign-in service refused it.",
    "stale": "That sign-in took too long, or was begun in another browser. Start again.",
    "unusable": "The sign-in service's answer could not be used. If it happens again, tell whoever runs TotalView.",
    "unknown": "Nobody here goes with that account. Ask an Owner to invite you by its email address, then try again.",
    "unverified": "The sign-in service does not vouch for that account's email address, so nobody here goes with it. "
    "Ask whoever runs it to verify your address.",
    "deactivated": "Your account here has been deactivated. Ask an Owner to open it again.",
    "taken": "Somebody with that email address signs in by another account already. Ask an Owner for a sign-in link.",
}
_ELSEWHERE = ("/login", "/logout", "/logout_everywhere", "/setup", "/welcome", "/sso", "/sso/callback")
_AT_ONCE = 2  # password checks at a time: each takes 64 MB for a moment, and nobody need be signed in to ask for one


async def login_form(request: Request) -> Response:
    target = safe_next(request.query_params.get("next"))
    if await asyncio.to_thread(_signed_in, cookies.token_of(request)):
        return RedirectResponse(target, 303, {"Cache-Control": "no-store"})
    trouble = request.query_params.get("trouble", "")
    return forms.answer(request, await _form(target, problem=TROUBLES.get(trouble, ""), again=trouble in TROUBLES))


async def login(request: Request) -> Response:
    fields = await forms.received(request)
    email, target = fields.get("email", "").strip().lower(), safe_next(fields.get("next"))
    if forms.forged(request, fields):
        return forms.answer(request, await _form(target, email=email, problem=forms.EXPIRED), 403)
    missing = {name: f"Write your {name}." for name in ("email", "password") if not fields.get(name, "").strip()}
    if missing:
        return forms.answer(request, await _form(target, email=email, problems=missing), 422)
    try:
        token = await in_password_thread(_authenticate, request, email, fields["password"])
    except TooMany as refused:
        form = await _form(target, email=email, problem=throttle.words(refused, OTHERWISE))
        return forms.answer(request, form, 429, headers=throttle.headers(refused))
    if token is None:
        return forms.answer(request, await _form(target, email=email, problems={"password": WRONG}), 401)
    return await welcome(request, target, token, email)


async def welcome(request: Request, target: str, token: str, email: str) -> Response:
    """Send a browser on, signed in, and known from now on as one of this person's."""
    response = RedirectResponse(target, 303, {"Cache-Control": "no-store"})
    cookies.sign_in(response, token)
    throttle.write_known(response, await asyncio.to_thread(throttle.known_from_now, request, email))
    return response


def browser_of(request: Request) -> str:
    """What a browser is, in few words."""
    return browsers.short(request.headers.get("user-agent", ""))


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


def _authenticate(request: Request, email: str, password: str) -> str | None:
    """A new session's token when the password is right. The session that the browser brought ends there and then.

    Raises TooMany, before the password is looked at: a right one says nothing then either.
    """
    bounds = throttle.sign_in(request, email)
    guesses.check(bounds)
    user = _account(email)
    stored = user.password_hash if user else None
    if not passwords.matches(password, stored) or user is None or not user.active:
        guesses.wrong(bounds)
        return None
    guesses.right(bounds)
    renewed = passwords.hashed(password) if stored and passwords.outdated(stored) else None
    with writing() as session:
        current = session.exec(select(User).where(User.id == user.id).with_for_update()).one()
        if not current.active or current.password_hash != stored:  # changed while the password was checked
            return None
        current.password_hash = renewed or stored
        return sessions.start(session, current, browser=browser_of(request), instead_of=cookies.token_of(request))


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


def _has_owner() -> bool:
    with reading() as session:
        return setup.owner_exists(session)


async def _form(
    target: str, *, email: str = "", problem: str = "", problems: dict[str, str] | None = None, again: bool = False
) -> Form:
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
        ways=_ways(target, again=again),
    )


def _ways(target: str, *, again: bool) -> tuple[Way, ...]:
    """Single sign-on, where there is one. After trouble it asks who one is, or the same account would come again."""
    if not settings().single_sign_on:
        return ()
    asked = {"next": target, **({"again": "1"} if again else {})}
    return (Way(f"Continue with {settings().oidc_name}", f"/sso?{urlencode(asked)}"),)


ROUTES = (
    Route("/login", login_form, methods=["GET"]),
    Route("/login", login, methods=["POST"]),
)
