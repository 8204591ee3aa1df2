"""Headers that every answer carries: what a browser may load, from where, and who may frame it."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.storage import browser_origin

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class Headers:
    """Pure ASGI. An answer that brings a header of its own keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _standard(browser_origin()).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


@lru_cache(maxsize=1)
def _standard(recordings: str) -> Mapping[str, str]:
    return {
        "Content-Security-Policy": _policy(recordings),
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        # Not `no-referrer`: browsers then send `Origin: null` with forms, which tells our own page from no other.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def _policy(recordings: str) -> str:
    """For Streamlit's page: its own files only, recordings from their bucket, and nothing from anywhere else.

    Components arrive as blobs, styles are made at run time, and the one script written into the page is known by hash.
    Charts compile their expressions, and so do the tools by which people's scripts drive a page: both need eval.
    """
    media = " ".join(filter(None, ("'self'", "blob:", recordings)))
    scripts = " ".join(f"'sha256-{digest}'" for digest in _inline_scripts())
    return (
        "default-src 'self'; "
        f"script-src 'self' blob: 'unsafe-eval' {scripts}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        f"media-src {media}; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


def _inline_scripts() -> list[str]:
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    return [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in _INLINE_SCRIPT.findall(page)
    ]
