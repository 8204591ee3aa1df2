"""The cookies: who is signed in, the form's token against forged requests, and two that are signed."""

import secrets

from starlette.requests import HTTPConnection
from starlette.responses import Response

from config import settings
from records.sessions import LASTS


def behind_tls() -> bool:
    """True when people reach the site by https, so that cookies never travel in the clear."""
    return settings().public_url.lower().startswith("https://")


def session_cookie() -> str:
    """The name of the session's cookie. A browser takes `__Host-` names only over TLS, and only from this very host."""
    return "__Host-tv_session" if behind_tls() else "tv_session"


def form_cookie() -> str:
    return "__Host-tv_form" if behind_tls() else "tv_form"


def signed_cookie(what: str) -> str:
    """The name of a cookie that `dashboard/door/signed.py` writes."""
    return f"__Host-tv_{what}" if behind_tls() else f"tv_{what}"


def token_of(connection: HTTPConnection) -> str | None:
    """The session token that a browser brought."""
    return connection.cookies.get(session_cookie())


def sign_in(response: Response, token: str) -> None:
    """Hand the browser its session, and a new form token with it."""
    keep(response, session_cookie(), token, int(LASTS.total_seconds()))
    keep(response, form_cookie(), new_form_token(), None)


def sign_out(response: Response) -> None:
    for name in (session_cookie(), form_cookie()):
        drop(response, name)


def new_form_token() -> str:
    return secrets.token_urlsafe(24)


def form_token(response: Response, token: str) -> None:
    keep(response, form_cookie(), token, None)


def drop(response: Response, name: str) -> None:
    """Take a cookie back: with the same attributes, since browsers leave it otherwise."""
    response.delete_cookie(name, path="/", secure=behind_tls(), httponly=True, samesite="lax")


def keep(response: Response, name: str, value: str, seconds: int | None) -> None:
    """Hand the browser a cookie that no script reads and no other site's form brings; None: until it is closed."""
    response.set_cookie(name, value, max_age=seconds, path="/", secure=behind_tls(), httponly=True, samesite="lax")
