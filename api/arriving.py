"""POST /calls/upload: a recording in one request, streamed."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from api.astray import FixedAddress
from api.blocks import in_thread, linger, megabytes
from api.caller import KEYS, CallerHere
from api.door import Streaming
from api.multipart import FILE, FORM
from api.problems import Problem, problems
from api.questions import TEXT, Nothing
from api.reception import CREATED, FOUND, Answer, Reception
from config import settings
from pipeline.intake import LONGEST_ID, Refused, too_large
from records.agents import LONGEST_NAME
from records.db import LARGEST_ID
from records.idempotency import LONGEST_KEY
from records.statuses import CallStatus, Source


class Upload(FixedAddress, Streaming):
    """No call is named `upload`."""


router = APIRouter(prefix="/calls", route_class=Upload, dependencies=KEYS, tags=["Uploads"])
FORM_ROOM = 1 << 20  # bytes that fields and boundaries may take besides the recording


class Accepted(BaseModel):
    """The call that a recording became, or already was."""

    id: str = Field(
        description="The call's id, for every later question.", examples=["9f2c1f0c5c0f4a3f8f3f4b7a9f0e1d2c"]
    )
    campaign_id: int
    campaign: str = Field(description="The campaign's slug.", examples=["customer-service"])
    status: CallStatus = Field(description="`pending` for a new call.")
    source: Source
    filename: str
    sha256: str
    size: int = Field(description="Bytes.")
    duration_s: float | None = Field(description="Null until the recording was decoded to its end.")
    duplicate: bool = Field(description="True when the campaign had the same bytes already: this is that call.")


_LINE = {"type": "string", "pattern": TEXT}
_FIELDS: dict[str, Any] = {
    FILE: {"type": "string", "format": "binary", "description": "The recording: any audio, or video with sound."},
    "campaign_id": {"type": "string", "description": "Id or slug. Optional: the key names the campaign."},
    "agent": {
        **_LINE,
        "maxLength": LONGEST_NAME,
        "description": "Who was on the phone: a name, e-mail address or dialler id.",
    },
    "called_at": {
        "type": "string",
        "format": "date-time",
        "description": "When the call took place, in ISO 8601. Without a zone it is the campaign's time.",
    },
    "external_id": {**_LINE, "maxLength": LONGEST_ID, "description": "The call's id in your system."},
    "metadata": {"type": "object", "additionalProperties": True, "description": "Facts of your own, as JSON."},
    "accept_truncated": {"type": "boolean", "description": "Take a recording that is cut short."},
    "bulk_job_id": {
        "type": "integer",
        "minimum": 1,
        "maximum": LARGEST_ID,
        "description": "The bulk job that this is part of.",
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": [FILE],
                    "properties": _FIELDS,
                    "additionalProperties": False,
                }
            }
        },
    }
}
_LOCATION = {"Location": {"description": "Where the call is.", "schema": {"type": "string"}}}
_KEY = Header(
    alias="Idempotency-Key",
    description="Any text of yours. A request sent again with it within 24 hours is answered as the first was.",
)
KeyText = Annotated[str, Field(max_length=LONGEST_KEY, pattern=r"^[\x21-\x7e]+$")]


@router.post(
    "/upload",
    status_code=CREATED,
    summary="Upload a recording",
    response_model=Accepted,
    responses={
        CREATED: {"description": "A new call.", "headers": _LOCATION},
        FOUND: {"model": Accepted, "description": "The campaign had the same bytes already.", "headers": _LOCATION},
        **problems(
            *("bad-request", "bad-metadata", "forbidden", "wrong-campaign", "too-slow", "idempotency-conflict"),
            *("just-deleted", "cancelled", "too-large", "not-a-recording", "wrong-media-type", "invalid"),
            "storage-away",
        ),
    },
    openapi_extra=_BODY,
)
async def upload_recording(
    request: Request,
    caller: CallerHere,
    idempotency_key: Annotated[KeyText | Nothing, _KEY] = None,
) -> Response:
    """Take a recording in. It is checked while you wait, and processed afterwards: ask for the call, or use webhooks.

    The body may be of any size; it is never held in memory. Nothing stays behind when the line breaks.
    """
    _expect_to_fit(request)
    content_type = request.headers.get("content-type", "")
    reception = await in_thread(Reception, caller, content_type, idempotency_key or "")
    try:
        async for block in megabytes(request):
            await in_thread(reception.feed, block)
        answer = await in_thread(reception.finish)
    except ClientDisconnect:
        return Response(status_code=499)  # nobody reads it
    except Refused as refused:
        await in_thread(reception.note, refused)
        await linger(request)
        raise
    except Problem:
        await linger(request)
        raise
    finally:
        await in_thread(reception.abandon)
    return _answer(answer)


def _answer(answer: Answer) -> Response:
    headers = {"Location": f"/api/v1/calls/{answer.body['id']}"}
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    return JSONResponse(answer.body, answer.status, headers)


def _expect_to_fit(request: Request) -> None:
    """What says that it is too large is refused before it is sent."""
    limit, length = settings().max_upload_bytes, request.headers.get("content-length", "")
    if limit and length.isdecimal() and int(length) > limit + FORM_ROOM:
        raise too_large(limit)
