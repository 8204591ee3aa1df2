"""Recordings for the player: only for those who may see the call, by ranges, never whole in memory."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pipeline.storage import StorageAway
from records import access
from records.access import NotFound
from records.calls import Call
from records.campaigns import Campaign
from records.db import reading
from records.identity import Identity
from web.recordings import GONE, LINK_HEADERS, audible, bucket_link, served


async def recording(request: Request) -> Response:
    """The recording of a call that this person may see; `?download=1` saves it under its own name."""
    try:
        call = await asyncio.to_thread(_permitted, request.state.who, request.path_params["call_id"])
        return await run_in_threadpool(_answer, request, call)
    except NotFound:
        return PlainTextResponse("There is no such recording.", 404)
    except FileNotFoundError:
        return PlainTextResponse(GONE, 404)
    except StorageAway as away:
        return PlainTextResponse(str(away), 503, {"Retry-After": "30"})


def _answer(request: Request, call: Call) -> Response:
    """The way to the bucket where browsers may go there themselves, else the bytes. A link serves GET alone."""
    download = request.query_params.get("download") == "1"
    link = bucket_link(call, download=download) if request.method == "GET" else None
    return RedirectResponse(link, 307, LINK_HEADERS) if link else served(request, call, download=download)


def _permitted(who: Identity, call_id: str) -> Call:
    if not call_id.isalnum():
        raise NotFound("There is no such recording.")
    with reading() as session:
        call = access.call(session, who, call_id)
        if not audible(session.get_one(Campaign, call.campaign_id)):
            raise NotFound("There is no such recording.")
        return call


ROUTES = (Route("/recordings/{call_id}", recording, methods=["GET"]),)
