"""Where providers bring their answers: the address holds a secret, and each run has at most one that is open."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.problems import Problem
from jobs import enqueue
from pipeline import callbacks

LARGEST = 64 << 20  # bytes; the words of ten hours with all their times are a third of it

router = APIRouter(prefix="/callbacks", include_in_schema=False)


@router.post("/{run_id}/{secret}")
async def bring(run_id: int, secret: str, request: Request) -> Response:
    """Keep the answer, and let a worker look at it at once. An address that is not open is not there."""
    if not await asyncio.to_thread(callbacks.is_open, run_id, secret):  # before a stranger fills our memory
        raise Problem("not-found")
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST:
            raise Problem("too-large", f"An answer may have at most {LARGEST:,} bytes.")
    kept = await asyncio.to_thread(_keep, run_id, secret, bytes(body))
    if not kept:
        raise Problem("not-found")
    return Response(status_code=204)


def _keep(run_id: int, secret: str, body: bytes) -> bool:
    kept, again = callbacks.bring(run_id, secret, body)
    if again:
        enqueue.look(again)
    return kept
