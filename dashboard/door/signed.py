"""Small facts that a browser keeps for us in a cookie: signed, so that nobody can write them; not secret."""

from functools import lru_cache
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import select
from starlette.requests import HTTPConnection
from starlette.responses import Response

from dashboard.door import cookies
from records.db import reading, url, writing
from records.signing import SigningSecret, secret_for


class SignedCookie:
    """A cookie of one purpose, which counts for so many seconds. Asked in a thread: its secret is in the database."""

    def __init__(self, what: str, seconds: int) -> None:
        self._what, self._seconds = what, seconds

    def read(self, connection: HTTPConnection) -> dict[str, Any]:
        """What it says; nothing when it is absent, too old or not of our writing."""
        given = connection.cookies.get(cookies.signed_cookie(self._what))
        if not given:
            return {}
        try:
            facts = self._serializer().loads(given, max_age=self._seconds)
        except BadSignature:
            return {}
        return facts if isinstance(facts, dict) else {}

    def sealed(self, facts: dict[str, Any]) -> str:
        """The cookie's value that says this; empty when there is nothing to say."""
        return str(self._serializer().dumps(facts)) if facts else ""

    def write(self, response: Response, sealed: str) -> None:
        """Hand it to the browser, or take it back."""
        name = cookies.signed_cookie(self._what)
        if sealed:
            cookies.keep(response, name, sealed, self._seconds)
        else:
            cookies.drop(response, name)

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(_secret(url(), f"cookie-{self._what}"))


@lru_cache(maxsize=8)
def _secret(_database: str, purpose: str) -> str:
    """Read where it can be: on SQLite, making one would wait for whoever writes."""
    with reading() as session:
        kept = session.exec(select(SigningSecret.secret).where(SigningSecret.purpose == purpose)).first()
    if kept is None:
        with writing() as session:
            kept = secret_for(session, purpose)
    return kept
