"""A request's body in blocks of a megabyte, and the threads in which each is dealt with."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from fastapi import Request

from api.problems import Problem

BLOCK = 1 << 20
SILENCE_S = 60.0  # a body that brings nothing for this long is given up
THREADS = 16  # a block each; a recording that comes slowly holds none between its blocks
LINGER_BYTES, LINGER_S = 64 << 20, 5.0

P = ParamSpec("P")
Result = TypeVar("Result")

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="upload")  # their own: readers never wait behind uploads


async def megabytes(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes, a megabyte at a time. Raises Problem after a long silence, ClientDisconnect."""
    gathered = bytearray()
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(SILENCE_S):
                part = await anext(stream, None)
        except TimeoutError as error:
            words = f"Nothing came for {SILENCE_S:.0f} seconds, so that the request was given up."
            raise Problem("too-slow", words, headers={"Connection": "close"}) from error
        if part is None:
            break
        gathered += part
        if len(gathered) >= BLOCK:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


async def in_thread(function: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
    """Its result, from one of the threads for uploads. Whoever is cancelled waits for it: half a block helps nobody."""
    future = asyncio.get_running_loop().run_in_executor(_threads, lambda: function(*args, **kwargs))
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise


async def linger(request: Request) -> None:
    """Read on for a moment: who is answered in the middle of sending would see a broken line instead of the answer."""
    left = LINGER_BYTES
    try:
        async with asyncio.timeout(LINGER_S):
            async for part in request.stream():
                left -= len(part)
                if left < 0:
                    return
    except (TimeoutError, RuntimeError):  # starlette's word for a stream that has been read
        return
