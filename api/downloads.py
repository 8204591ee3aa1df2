"""A call's recording: whoever may have it is sent to an address that needs no key, for ten minutes."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import select

from api.caller import KEYS, Caller, CallerHere
from api.door import Guarded
from api.problems import Problem, problems
from api.questions import CallId
from records import access
from records.calls import Call
from records.campaigns import Campaign
from records.db import reading, writing
from records.identity import Identity, NotFound
from records.roles import Role
from records.signing import SigningSecret, secret_for
from web.recordings import GONE, LINK_HEADERS, LINK_SECONDS, audible, bucket_link, served

router = APIRouter(prefix="/calls", route_class=Guarded, dependencies=KEYS, tags=["Calls"])
links = APIRouter(prefix="/recordings", tags=["Calls"])
PURPOSE = "recording links"
_REDACTED = "This campaign redacts its calls: nobody gets the recording itself."
_OVER = "This link is not valid, or not any more. Ask GET /calls/{id}/recording for a new one."
_SENT: dict[int | str, dict[str, Any]] = {
    307: {
        "description": "The recording is at `Location` for ten minutes, without a key.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    },
    **problems("not-found", "invalid", "storage-away"),
}
_BYTES = {"audio/*": {"schema": {"type": "string", "format": "binary"}}}
_SERVED: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole recording.", "content": _BYTES},
    206: {"description": "The range that was asked for.", "content": _BYTES},
    **{
        code: said
        for code, said in problems("bad-range", "not-found", "invalid", "storage-away").items()
        if code not in {401, 429}
    },
}


@router.get(
    "/{call_id}/recording",
    status_code=307,
    summary="Download a recording",
    response_class=Response,
    responses=_SENT,
)
def get_recording(request: Request, call_id: CallId, caller: CallerHere) -> Response:
    """The way to the bytes as they came in, made anew with each request."""
    call = _permitted(caller.who, call_id)
    try:
        link = bucket_link(call, download=True)
    except FileNotFoundError as gone:
        raise Problem("not-found", GONE) from gone
    return _sent(link or _own_link(request, caller, call))


@router.head(
    "/{call_id}/recording",
    status_code=307,
    summary="Look for a recording",
    response_class=Response,
    responses=_SENT,
)
def head_recording(request: Request, call_id: CallId, caller: CallerHere) -> Response:
    """The way to its size and type. A bucket's link is for GET alone, so that this one leads here."""
    return _sent(_own_link(request, caller, _permitted(caller.who, call_id)))


@links.get("/{token}", summary="Fetch a recording by its link", response_class=Response, responses=_SERVED)
def fetch_recording(request: Request, token: str) -> Response:
    """The bytes, or a range of them. The link itself is the permission."""
    return _served(request, token)


@links.head("/{token}", summary="Look at a recording by its link", response_class=Response, responses=_SERVED)
def head_fetched_recording(request: Request, token: str) -> Response:
    """Its size and type."""
    return _served(request, token)


def _permitted(who: Identity, call_id: str) -> Call:
    """Raises NotFound, and Problem where nobody may hear the recording."""
    with reading() as session:
        call = access.call(session, who, call_id)
        campaign = session.exec(select(Campaign).where(Campaign.id == call.campaign_id)).one()
    if not audible(campaign):
        raise Problem("not-found", _REDACTED)
    return call


def _sent(to: str) -> Response:
    return RedirectResponse(to, 307, LINK_HEADERS)


def _own_link(request: Request, caller: Caller, call: Call) -> str:
    token = _signer(_made_secret()).dumps([call.id, caller.campaign_id])
    return f"{request.scope.get('root_path', '')}/recordings/{token}"


def _served(request: Request, token: str) -> Response:
    call_id, campaign_id = _read(token)
    link = Identity(None, Role.MANAGER, "signed link", campaign_ids=frozenset({campaign_id}))
    try:
        answer = served(request, _permitted(link, call_id), download=True)
    except NotFound as deleted:
        raise Problem("not-found", _OVER) from deleted
    except FileNotFoundError as gone:
        raise Problem("not-found", GONE) from gone
    if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise Problem("bad-range", headers={"Content-Range": answer.headers["content-range"]})
    return answer


def _read(token: str) -> tuple[str, int]:
    """The call and the campaign that a link is for. Raises Problem for what was not signed here, or too long ago."""
    secret = _kept_secret()
    if secret is None:  # nothing was ever signed here
        raise Problem("not-found", _OVER)
    try:
        call_id, campaign_id = _signer(secret).loads(token, max_age=LINK_SECONDS)
    except BadSignature as forged:
        raise Problem("not-found", _OVER) from forged
    return str(call_id), int(campaign_id)


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=PURPOSE)


def _kept_secret() -> str | None:
    """Read where it can be: on SQLite, making one would wait for whoever writes."""
    with reading() as session:
        return session.exec(select(SigningSecret.secret).where(SigningSecret.purpose == PURPOSE)).first()


def _made_secret() -> str:
    kept = _kept_secret()
    if kept is None:
        with writing() as session:
            kept = secret_for(session, PURPOSE)
    return kept
