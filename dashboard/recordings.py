"""Recordings for the player: only for those who may see the call, by ranges, never whole in memory."""

import asyncio
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from config import settings
from dashboard.ranges import ranged
from pipeline.storage import StorageAway, recording_key, storage
from records import access
from records.access import NotFound
from records.calls import Call
from records.campaigns import Campaign
from records.db import reading
from records.identity import Identity

LINK_SECONDS = 600
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


async def recording(request: Request) -> Response:
    """The recording of a call that this person may see; `?download=1` saves it under its own name."""
    try:
        call = await asyncio.to_thread(_permitted, request.state.who, request.path_params["call_id"])
        return await run_in_threadpool(_answer, request, call)
    except NotFound:
        return PlainTextResponse("There is no such recording.", 404)
    except FileNotFoundError:
        return PlainTextResponse("This recording is not in storage any more.", 404)
    except StorageAway as away:
        return PlainTextResponse(str(away), 503, {"Retry-After": "30"})


def _answer(request: Request, call: Call) -> Response:
    """The way to the bucket where browsers may go there themselves, else the bytes. A link serves GET alone."""
    shelf, key = storage(), recording_key(call.id)
    size = shelf.size(key)  # asked first, so that a missing recording is told in our words, not in the bucket's
    kind, to_be = media_type(call.container), disposition(request, call)
    if settings().s3_browser_links and request.method == "GET":
        link = shelf.link(key, media_type=kind, disposition=to_be, seconds=LINK_SECONDS)
        if link:
            return RedirectResponse(link, 307, {**_HEADERS, "Cache-Control": "private, no-store"})
    headers = {**_HEADERS, "ETag": f'"{call.sha256}"', "Content-Disposition": to_be}
    return ranged(request, shelf.open(key), size, kind, headers)


def disposition(request: Request, call: Call) -> str:
    """How a browser is to take the recording. The name came from outside: nothing of it can end the header."""
    if request.query_params.get("download") != "1":
        return "inline"
    return f"attachment; filename*=utf-8''{quote(call.filename, safe='', errors='replace')}"


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
