"""A request's body on its way into a resumable upload: whatever comes is kept, however the request ends."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Message

from api.blocks import BLOCK, SILENCE_S, in_thread
from api.problems import Problem
from jobs import enqueue
from pipeline import finishing
from pipeline.resumable import Addition, Digest

FLUSH_S = 2.0  # what has come is written at least so often, and made safe in a pause of this length
_PAUSED = b""


async def add(request: Request, owner: str, upload_id: str, offset: int, checksum: tuple[Digest, bytes] | None) -> None:
    """Add the body to the upload, and make a call of it when that was the rest.

    Raises what api.tus.OF_UPLOADS are, NotFound, Refused, JobCancelled, StorageAway, ClientDisconnect, Problem.
    """
    addition = await in_thread(Addition, owner, upload_id, offset, checksum)
    try:
        await _keep_body(request, addition)
        await in_thread(addition.end)
        if addition.complete:
            known = addition.sha256.hexdigest() if addition.sha256 else ""
            await in_thread(finishing.finish_held, upload_id, addition.token, enqueue.first, known)
            addition.over()
    finally:
        await in_thread(addition.close)


async def _keep_body(request: Request, addition: Addition) -> None:
    try:
        async for block in _arriving(request):
            if block is _PAUSED:
                await in_thread(addition.pause)
            else:
                await in_thread(addition.write, block)
    except (ClientDisconnect, Problem, asyncio.CancelledError):  # the line's fault, not that of the bytes
        if not addition.checked:
            await in_thread(addition.end)
        raise


async def _arriving(request: Request) -> AsyncIterator[bytes]:
    """The body in blocks of up to a megabyte, and _PAUSED in pauses. Nothing that came is held back for long.

    Raises ClientDisconnect, and Problem after a long silence.
    """
    gathered, flushed_at, quiet_s, more = bytearray(), monotonic(), 0.0, True
    while more:
        message = await _next(request)
        quiet_s = 0.0 if message else quiet_s + FLUSH_S
        if message:
            gathered += message.get("body", b"")
            more = message.get("more_body", False)
        due = not message or not more or len(gathered) >= BLOCK or monotonic() - flushed_at >= FLUSH_S
        if due and gathered:
            yield bytes(gathered)
            gathered.clear()
            flushed_at = monotonic()
        if not message:
            yield _PAUSED
        elif message["type"] == "http.disconnect":
            raise ClientDisconnect
        if quiet_s >= SILENCE_S:
            words = (
                f"Nothing came for {SILENCE_S:.0f} seconds. What came before is kept: ask for the offset, go on there."
            )
            raise Problem("too-slow", words, headers={"Connection": "close"})


async def _next(request: Request) -> Message | None:
    """What comes next; None when nothing does for a moment."""
    try:
        async with asyncio.timeout(FLUSH_S):
            return await request.receive()
    except TimeoutError:
        return None
