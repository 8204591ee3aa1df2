"""Changing one's password, by knowing the one that one has."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.door import forms, throttle
from dashboard.door.forms import Field, Form, Way
from dashboard.door.signin import browser_of, in_password_thread, welcome
from jobs import guesses
from jobs.guesses import TooMany
from records import password_choices
from records.identity import Identity
from records.password_choices import NONE_YET, PasswordRefused
from records.passwords import MINIMUM

CHANGED = "/account?password=changed"
_BACK = (Way("Back to your account", "/account", quiet=True),)


async def password_form(request: Request) -> Response:
    who: Identity = request.state.who  # the gate lets nobody else come here
    if await asyncio.to_thread(password_choices.stored, who) is None:
        return forms.answer(request, Form(heading="Change your password", lead=NONE_YET, ways=_BACK))
    return forms.answer(request, _form(who))


async def change(request: Request) -> Response:
    who: Identity = request.state.who
    fields = await forms.received(request)
    if forms.forged(request, fields):
        return forms.answer(request, _form(who, problem=forms.EXPIRED), 403)
    asked = {"current": "Write the password that you have now.", "password": "Write a new password."}
    missing = {name: words for name, words in asked.items() if not fields.get(name)}
    if missing:
        return forms.answer(request, _form(who, problems=missing), 422)
    try:
        token = await in_password_thread(_change, request, who, fields["current"], fields["password"])
    except TooMany as refused:
        form = _form(who, problem=throttle.words(refused, ""))
        return forms.answer(request, form, 429, headers=throttle.headers(refused))
    except PasswordRefused as refused:
        return forms.answer(request, _form(who, problems=refused.problems), 422)
    return await welcome(request, CHANGED, token, who.label)


def _change(request: Request, who: Identity, current: str, password: str) -> str:
    bounds = throttle.change(who)
    guesses.check(bounds)
    try:
        token = password_choices.by_the_old_one(who, current, password, browser=browser_of(request))
    except PasswordRefused as refused:
        if "current" in refused.problems:
            guesses.wrong(bounds)
        raise
    guesses.right(bounds)
    return token


def _form(who: Identity, *, problem: str = "", problems: dict[str, str] | None = None) -> Form:
    wrong = problems or {}
    return Form(
        heading="Change your password",
        lead="You will be signed out in every other browser.",
        action="/password",
        button="Change password",
        fields=(
            Field("email", "Email", "email", "username", value=who.label, fixed=True),
            Field("current", "Current password", "password", "current-password", problem=wrong.get("current", "")),
            Field(
                "password",
                "New password",
                "password",
                "new-password",
                hint=f"At least {MINIMUM} characters. A few words in a row are easy to remember.",
                problem=wrong.get("password", ""),
            ),
        ),
        problem=problem,
        ways=_BACK,
    )


ROUTES = (
    Route("/password", password_form, methods=["GET"]),
    Route("/password", change, methods=["POST"]),
)
