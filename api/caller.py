"""Who calls the API: a program with a key of one campaign, or a signed-in person's page that uploads to one."""

import time
from dataclasses import dataclass
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from sqlmodel import col, select

from api.problems import Problem
from records import access, api_keys
from records.api_keys import ApiKey
from records.campaigns import Campaign
from records.db import reading, stored_id, writing
from records.identity import Identity
from records.roles import Permission

WORDS = (
    "Send a valid key: `Authorization: Bearer tv_...`, or `X-API-Key: tv_...`. A key is shown once, when it is made."
)
NOTED_EVERY_S = api_keys.NOTED_EVERY.total_seconds()

bearer = HTTPBearer(auto_error=False, scheme_name="Key", description="A key of a campaign: `tv_...`.")
header = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="KeyHeader", description="The same key.")


@dataclass(frozen=True)
class Caller:
    """Who asks, and for which campaign."""

    who: Identity
    campaign: str  # slug; empty while a person's page goes on with what it has begun
    campaign_id: int
    key_id: int | None  # None: a person
    rate: int | None = None  # requests a minute, where the key has a rate of its own

    @property
    def owner(self) -> str:
        """Whose uploads these are."""
        return f"user:{self.who.user_id}" if self.key_id is None else f"key:{self.key_id}"


def secret_of(request: Request) -> str:
    """The key that a request brings; empty where it brings none."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return request.headers.get("x-api-key", "").strip()


def authenticate(secret: str) -> Caller:
    """The caller behind a key. Raises the same Problem for a key that is wrong, revoked or past its end."""
    refused = Problem("unauthorized", WORDS, headers={"WWW-Authenticate": 'Bearer realm="TotalView"'})
    if not secret.startswith(api_keys.PREFIX):
        raise refused
    with reading() as session:
        key = api_keys.authenticate(session, secret)
        if key is None:
            raise refused
        slug = session.exec(select(Campaign.slug).where(col(Campaign.id) == key.campaign_id)).one()
    _note_use(key)
    return Caller(api_keys.identity(key), slug, key.campaign_id, stored_id(key.id), key.rate)


def person(who: Identity, campaign: str) -> Caller:
    """The caller that a signed-in person's page is: for the campaign (slug) that it names, if they may upload there."""
    if not campaign:
        return Caller(who, "", 0, None)
    with reading() as session:
        found = access.campaign(session, who, campaign, Permission.CALL_UPLOAD)
    return Caller(who, found.slug, stored_id(found.id), None)


def _note_use(key: ApiKey) -> None:
    """Once a minute a process: hundreds of requests at once would else all write the same."""
    moment, key_id = time.monotonic(), stored_id(key.id)
    with _noting:
        if moment - _noted.get(key_id, float("-inf")) < NOTED_EVERY_S or not api_keys.due_for_a_note(key):
            return
        _noted[key_id] = moment
    with writing() as session:
        api_keys.used(session, key)


_noting = Lock()
_noted: dict[int, float] = {}  # key id -> when this process last wrote its use


def _admitted(request: Request) -> Caller:
    found = request.state.caller  # set by the door, before anything of the request was read
    if not isinstance(found, Caller):
        raise TypeError("This route stands behind no door.")
    return found


CallerHere = Annotated[Caller, Depends(_admitted)]
KEYS = [Security(bearer), Security(header)]  # for the documentation; the door is what asks for one
