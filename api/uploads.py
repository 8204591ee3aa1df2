"""/uploads: resumable uploads by the tus protocol."""

import asyncio
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from api import tus
from api import tus_pages as pages
from api.adding import add
from api.blocks import in_thread
from api.caller import KEYS, Caller, CallerHere
from api.facts import FIELDS, bulk_job_of, facts_of
from api.problems import Problem
from jobs import enqueue
from pipeline import announced, finishing, resumable
from pipeline.announced import Announced
from pipeline.resumable import TooMuch, WrongOffset
from records.db import reading
from records.lines import clean_name
from records.statuses import Source
from records.uploads import ResumableUpload, UploadHeld

HERE = "/api/v1/uploads"
WAIT_S, GLANCE_S = 20.0, 0.25  # for another request that makes a call of the upload just now
STOOD, CREATED, DONE = 200, 201, 204

router = APIRouter(tags=["Resumable uploads"])
_open = APIRouter(route_class=tus.OpenTus)
_keyed = APIRouter(route_class=tus.Tus, dependencies=[*KEYS, Depends(tus.expect_version)])

UploadId = Annotated[str, Path(description="As the header Location told it.", max_length=64)]


@_open.options("/{_upload}", include_in_schema=False)  # noqa: FAST003  the answer is the same for all
@_open.options("/", include_in_schema=False)
@_open.options("", status_code=DONE, summary="Ask what the server can do", responses=pages.OPTIONS)
def get_upload_abilities() -> Response:
    """The protocol's version and extensions, and the largest recording taken in. Needs no key."""
    return Response(status_code=DONE, headers=tus.abilities())


@_keyed.post("/", include_in_schema=False)
@_keyed.post(
    "",
    status_code=CREATED,
    summary="Begin an upload",
    response_class=Response,
    responses=pages.CREATED,
    openapi_extra=pages.CREATING,
)
async def begin_upload(request: Request, caller: CallerHere) -> Response:
    """Announce a recording and its facts, which are checked here. The body may be the recording's first bytes."""
    tus.expect_plain(request)
    brings, checksum = tus.brings_bytes(request), tus.checksum(request)
    size, words = tus.number(request, "Upload-Length"), request.headers.get("upload-metadata", "")
    upload = await run_in_threadpool(_begin, caller, size, words)
    if brings:
        try:
            await add(request, caller.owner, upload.id, 0, checksum)
        except BaseException:  # nobody has heard of this upload, so that nobody could go on with it
            await in_thread(finishing.give_up, caller.owner, upload.id)
            raise
        upload = await run_in_threadpool(resumable.look, caller.owner, upload.id)
    return Response(status_code=CREATED, headers={"Location": f"{HERE}/{upload.id}"} | tus.standing(upload))


@_keyed.head(
    "/{upload_id}",
    summary="Ask how far it has come",
    response_class=Response,
    responses=pages.STOOD,
    openapi_extra=pages.ASKING,
)
async def get_upload_offset(upload_id: UploadId, caller: CallerHere) -> Response:
    """Where to go on. Of an upload that has come whole, the call."""
    upload = await _settled(caller.owner, upload_id)
    about = {"Upload-Length": str(upload.size), "Cache-Control": "no-store"}
    if words := announced.of(upload).words:
        about["Upload-Metadata"] = words
    return Response(status_code=STOOD, headers=about | tus.standing(upload))


@_keyed.patch("/{upload_id}", status_code=DONE, summary="Add bytes", responses=pages.ADDED, openapi_extra=pages.ADDING)
async def append_to_upload(upload_id: UploadId, request: Request, caller: CallerHere) -> Response:
    """Add the body. Whatever comes is kept, also when the line breaks. With the last byte it becomes a call."""
    if not tus.brings_bytes(request):
        raise Problem("wrong-media-type", f"Content-Type: send {tus.BODY}.")
    offset, checksum = tus.number(request, "Upload-Offset"), tus.checksum(request)
    upload = await run_in_threadpool(resumable.look, caller.owner, upload_id)
    _expect_room(request, upload, offset)
    if upload.call_id is None:
        await add(request, caller.owner, upload_id, offset, checksum)
        upload = await run_in_threadpool(resumable.look, caller.owner, upload_id)
    return Response(status_code=DONE, headers=tus.standing(upload))


@_keyed.delete(
    "/{upload_id}", status_code=DONE, summary="Give an upload up", responses=pages.ENDED, openapi_extra=pages.ASKING
)
async def delete_upload(upload_id: UploadId, caller: CallerHere) -> Response:
    """Forget it, and what has come of it. A call that it has become stays."""
    await in_thread(finishing.give_up, caller.owner, upload_id)
    return Response(status_code=DONE)


@_keyed.post(
    "/{upload_id}",
    status_code=DONE,
    summary="Do any of these by POST",
    responses=pages.OVERRIDDEN,
    openapi_extra=pages.OVERRIDING,
)
async def upload_by_post(upload_id: UploadId, request: Request, caller: CallerHere) -> Response:
    """For clients behind something that lets no PATCH or DELETE through."""
    match request.headers.get("x-http-method-override", "").upper():
        case "PATCH":
            return await append_to_upload(upload_id, request, caller)
        case "DELETE":
            return await delete_upload(upload_id, caller)
        case "HEAD":
            return await get_upload_offset(upload_id, caller)
    words = "Use PATCH, HEAD or DELETE, or name one of them in the header X-HTTP-Method-Override."
    raise Problem("method-not-allowed", words, headers={"Allow": "HEAD, PATCH, DELETE, OPTIONS, POST"})


def _begin(caller: Caller, size: int, words: str) -> ResumableUpload:
    given = tus.metadata(words)
    fields = {key: tus.text_of(key, given[key]) for key in (*FIELDS, "filename", "name") if key in given}
    with reading() as session:
        facts, job = facts_of(session, caller, fields), bulk_job_of(session, caller, fields)
    name = clean_name(fields.get("filename") or fields.get("name", ""))
    announcement = Announced(name, size, facts, job, words, source=_source(caller, job))
    return resumable.begin(caller.who, caller.owner, caller.campaign, announcement)


def _source(caller: Caller, job: int | None) -> Source:
    """A program's uploads come by the API, one file of a person by the UI, several as a bulk job."""
    if caller.key_id is not None:
        return Source.API
    return Source.UI if job is None else Source.BULK_JOB


def _expect_room(request: Request, upload: ResumableUpload, offset: int) -> None:
    """Refuse what does not go on here, or says itself that it is too long, before it is sent."""
    length = request.headers.get("content-length", "0")
    end = offset + (int(length) if length.isdecimal() else 0)
    if offset != upload.received:
        raise WrongOffset(upload.received)
    if end > upload.size:
        raise TooMuch(f"This upload was announced with {upload.size:,} bytes, and would have {end:,} then.")


async def _settled(owner: str, upload_id: str) -> ResumableUpload:
    """The upload as it stands; one that has come whole becomes its call first, whoever was to see to it."""
    until = monotonic() + WAIT_S
    while True:
        upload = await run_in_threadpool(resumable.look, owner, upload_id)
        if upload.call_id is not None or not upload.complete:
            return upload
        try:
            await in_thread(finishing.finish, upload_id, enqueue.first)
        except UploadHeld:
            if monotonic() > until:
                raise
            await asyncio.sleep(GLANCE_S)


router.include_router(_open, prefix="/uploads")
router.include_router(_keyed, prefix="/uploads")
