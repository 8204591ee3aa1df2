"""Bytes to a browser by ranges, read a block at a time while it takes them."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

BLOCK = 256 << 10
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Unsatisfiable(Exception):  # noqa: N818  what it is
    """The range begins behind the end."""


def ranged(request: Request, file: BinaryIO, size: int, media_type: str, headers: Mapping[str, str]) -> Response:
    """The answer to a GET or HEAD for this file, which is closed with it. An ETag in the headers serves `If-Range`."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    try:
        part = span(_wanted(request, headers.get("ETag", "")), size)
    except Unsatisfiable:
        file.close()
        return PlainTextResponse("This range begins behind the end.", 416, {"Content-Range": f"bytes */{size}"})
    if part is None:
        return _Streamed(file, range(size), 200, media_type, headers)
    headers["Content-Range"] = f"bytes {part[0]}-{part[-1]}/{size}"
    return _Streamed(file, part, 206, media_type, headers)


def span(asked: str, size: int) -> range | None:
    """The bytes that a Range header asks for; None, which is everything, for what is no single range of bytes."""
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    start, end = found.groups() if found else ("", "")
    if not (start or end) or (start and end and int(end) < int(start)):
        return None
    first, last = (int(start), int(end or size)) if start else (size - int(end), size)
    part = range(max(first, 0), min(last + 1, size))
    if not part:
        raise Unsatisfiable
    return part


def _wanted(request: Request, etag: str) -> str:
    """The Range header, unless it is meant for other bytes than these."""
    meant_for = request.headers.get("if-range")
    return request.headers.get("range", "") if meant_for in {None, etag} else ""


class _Streamed(StreamingResponse):
    def __init__(self, file: BinaryIO, part: range, status: int, media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(_blocks(file, part), status, {**headers, "Content-Length": str(len(part))}, media_type)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] == "HEAD":
                await Response(None, self.status_code, self.headers)(scope, receive, send)
            else:
                await super().__call__(scope, receive, send)
        finally:
            self._file.close()


async def _blocks(file: BinaryIO, part: range) -> AsyncIterator[bytes]:
    await run_in_threadpool(file.seek, part.start)
    left = len(part)
    while left > 0:
        block = await run_in_threadpool(file.read, min(BLOCK, left))
        if not block:
            return
        left -= len(block)
        yield block
