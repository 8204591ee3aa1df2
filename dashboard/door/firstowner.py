"""The page behind the one-time link: the first owner makes an account, and is signed in."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.door import cookies, forms, throttle
from dashboard.door.forms import Field, Form
from dashboard.door.signin import HOME, browser_of, in_password_thread, welcome
from jobs import guesses
from jobs.guesses import TooMany
from records import sessions, setup
from records.db import reading, writing
from records.passwords import MINIMUM
from records.setup import SetupRefused


async def setup_form(request: Request) -> Response:
    token = request.query_params.get("token", "")
    try:
        problem = await asyncio.to_thread(_problem, request, token)
    except TooMany as refused:
        return _throttled(request, refused)
    if problem:
        return forms.answer(request, _closed(problem), 410)
    return forms.answer(request, _form(token, {}, {}))


async def create(request: Request) -> Response:
    fields = await forms.received(request)
    token, email = fields.get("token", ""), fields.get("email", "").strip().lower()
    if forms.forged(request, fields):
        return forms.answer(request, _form(token, fields, {}, problem=forms.EXPIRED), 403)
    try:
        session_token = await in_password_thread(_create, request, token, fields)
    except TooMany as refused:
        return _throttled(request, refused)
    except SetupRefused as refused:
        if "token" in refused.problems:
            return forms.answer(request, _closed(refused.problems["token"]), 410)
        return forms.answer(request, _form(token, fields, refused.problems), 422)
    return await welcome(request, HOME, session_token, email)


def _problem(request: Request, token: str) -> str | None:
    bounds = throttle.link(request)
    guesses.check(bounds)
    with reading() as session:
        problem = setup.link_problem(session, token)
    if problem and token:
        guesses.wrong(bounds)
    return problem


def _create(request: Request, token: str, fields: dict[str, str]) -> str:
    problem = _problem(request, token)
    if problem:
        raise SetupRefused({"token": problem})
    typed = {name: fields.get(name, "") for name in ("name", "email", "password")}
    user = setup.create_owner(token, **typed)
    with writing() as session:
        return sessions.start(session, user, browser=browser_of(request), instead_of=cookies.token_of(request))


def _throttled(request: Request, refused: TooMany) -> Response:
    closed = Form(heading="Set-up link", lead=throttle.words(refused, ""))
    return forms.answer(request, closed, 429, headers=throttle.headers(refused))


def _form(token: str, typed: dict[str, str], problems: dict[str, str], *, problem: str = "") -> Form:
    return Form(
        heading="Create the owner account",
        lead="The owner sees every call and may do everything. This link works once.",
        action="/setup",
        button="Create owner account",
        fields=(
            Field("name", "Name", "text", "name", value=typed.get("name", ""), problem=problems.get("name", "")),
            Field(
                "email", "Email", "email", "username", value=typed.get("email", ""), problem=problems.get("email", "")
            ),
            Field(
                "password",
                "Password",
                "password",
                "new-password",
                hint=f"At least {MINIMUM} characters.",
                problem=problems.get("password", ""),
            ),
        ),
        hidden=(("token", token),),
        problem=problem,
    )


def _closed(problem: str) -> Form:
    return Form(
        heading="Set-up link",
        lead=problem,
        notice=(
            '<a href="/login">Sign in</a>, or run <code>totalview user setup-link</code> on the server for a new link.'
        ),
    )


ROUTES = (
    Route("/setup", setup_form, methods=["GET"]),
    Route("/setup", create, methods=["POST"]),
)
