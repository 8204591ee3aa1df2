"""Recordings for the player: only for those who may see the call, by ranges, never whole in memory."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from pipeline.storage import StorageAway, recording_key, storage
from records import access
from records.access import NotFound
from records.calls import Call
from records.campaigns import Campaign
from records.db import reading
from records.identity import Identity

_HEADERS = {"Cache-Control": "private, no-cache", "Content-Security-Policy": "default-src 'none'; sandbox"}
_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "mov": "audio/mp4",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "matroska": "audio/webm",
    "aac": "audio/aac",
    "amr": "audio/amr",
}
OTHER_TYPE = "audio/x-recording"  # an audio type, whatever it is: Streamlit would gzip anything it takes for text


class Recording(Response):
    """A recording's bytes; the answer to a range is a range."""

    def __init__(self, call: Call, *, download: bool) -> None:
        super().__init__()
        self._key = recording_key(call.id)
        self._answer: dict[str, Any] = {"media_type": media_type(call.container), "headers": _HEADERS}
        if download:
            self._answer["filename"] = call.filename

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with storage().local(self._key) as path:
                await FileResponse(path, **self._answer)(scope, receive, send)
        except FileNotFoundError:
            await PlainTextResponse("This recording is not in storage any more.", 404)(scope, receive, send)
        except StorageAway as away:
            await PlainTextResponse(str(away), 503, {"Retry-After": "30"})(scope, receive, send)


async def recording(request: Request) -> Response:
    """The recording of a call that this person may see; `?download=1` saves it under its own name."""
    try:
        call = await asyncio.to_thread(_permitted, request.state.who, request.path_params["call_id"])
    except NotFound:
        return PlainTextResponse("There is no such recording.", 404)
    return Recording(call, download=request.query_params.get("download") == "1")


def media_type(container: str) -> str:
    """What browsers call ffmpeg's format name."""
    return _TYPES.get(container.split(",", maxsplit=1)[0], OTHER_TYPE)


def audible(campaign: Campaign) -> bool:
    """False where a campaign redacts: the recording as it came is not for anybody's ears there."""
    return not campaign.redact


def _permitted(who: Identity, call_id: str) -> Call:
    if not call_id.isalnum():
        raise NotFound("There is no such recording.")
    with reading() as session:
        call = access.call(session, who, call_id)
        if not audible(session.get_one(Campaign, call.campaign_id)):
            raise NotFound("There is no such recording.")
        return call


ROUTES = (Route("/recordings/{call_id}", recording, methods=["GET"]),)
