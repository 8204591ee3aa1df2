"""The page behind an invitation, or a link for a forgotten password: choose a password, and be signed in."""

import asyncio
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.door import cookies, forms, throttle
from dashboard.door.forms import Field, Form, Way
from dashboard.door.signin import HOME, browser_of, in_password_thread, welcome
from jobs import guesses
from jobs.guesses import TooMany
from records import links, password_choices
from records.db import reading
from records.password_choices import SPENT, PasswordRefused
from records.passwords import MINIMUM
from records.people import LinkPurpose, User

WHOM_TO_ASK = "Ask whoever sent it to you, or an Owner or Senior Manager, for a new one."
_LEADS = {
    LinkPurpose.INVITE: "Choose a password for your account. This link works once.",
    LinkPurpose.PASSWORD_RESET: "Choose a new password. You will be signed out everywhere else. This link works once.",
}
Holder = tuple[User, LinkPurpose]


async def link_form(request: Request) -> Response:
    token = request.query_params.get("token", "")
    try:
        holder = await asyncio.to_thread(_holder, request, token)
    except TooMany as refused:
        return _throttled(request, refused)
    if holder is None:
        return forms.answer(request, _closed(), 410)
    return forms.answer(request, _form(token, holder))


async def choose(request: Request) -> Response:
    fields = await forms.received(request)
    token, password = fields.get("token", ""), fields.get("password", "")
    try:
        holder = await asyncio.to_thread(_holder, request, token)
    except TooMany as refused:
        return _throttled(request, refused)
    if holder is None:
        return forms.answer(request, _closed(), 410)
    if forms.forged(request, fields):
        return forms.answer(request, _form(token, holder, problem=forms.EXPIRED), 403)
    browser, brought = browser_of(request), cookies.token_of(request)
    choosing = partial(password_choices.by_link, token, password, browser=browser, instead_of=brought)
    try:
        session_token = await in_password_thread(choosing)
    except PasswordRefused as refused:
        if "token" in refused.problems:
            return forms.answer(request, _closed(), 410)
        return forms.answer(request, _form(token, holder, problems=refused.problems), 422)
    return await welcome(request, HOME, session_token, holder[0].email)


def _holder(request: Request, token: str) -> Holder | None:
    bounds = throttle.link(request)
    guesses.check(bounds)
    with reading() as session:
        holder = links.holder(session, token)
    if holder is None and token:
        guesses.wrong(bounds)
    return holder


def _form(token: str, holder: Holder, *, problem: str = "", problems: dict[str, str] | None = None) -> Form:
    user, purpose = holder
    return Form(
        heading=f"Welcome, {user.name}" if purpose is LinkPurpose.INVITE else "Choose a new password",
        lead=_LEADS[purpose],
        action="/welcome",
        button="Save and sign in",
        fields=(
            Field("email", "Email", "email", "username", value=user.email, fixed=True),
            Field(
                "password",
                "New password",
                "password",
                "new-password",
                hint=f"At least {MINIMUM} characters. A few words in a row are easy to remember.",
                problem=(problems or {}).get("password", ""),
            ),
        ),
        hidden=(("token", token),),
        problem=problem,
    )


def _closed() -> Form:
    return Form(heading="Sign-in link", lead=f"{SPENT} {WHOM_TO_ASK}", ways=(Way("Go to sign-in", "/login"),))


def _throttled(request: Request, refused: TooMany) -> Response:
    closed = Form(heading="Sign-in link", lead=throttle.words(refused, ""))
    return forms.answer(request, closed, 429, headers=throttle.headers(refused))


ROUTES = (
    Route("/welcome", link_form, methods=["GET"]),
    Route("/welcome", choose, methods=["POST"]),
)
