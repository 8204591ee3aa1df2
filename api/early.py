"""Answers that go out while the request is still coming: read at once by the client, and no line is left hanging.

A client reads such an answer only while the line holds, so the rest of its body is read for a moment. Some then stop in
the middle of it and wait for ever: the line is closed after that moment.
"""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from api.blocks import LINGER_BYTES, LINGER_S

ERROR = 400


class Line:
    """A request's line, in the middle of whose body an error may be answered. Its verbs are ASGI's own."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        headers = Headers(scope=scope)
        self._coming = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        self._early = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._coming = self._coming and message["type"] == "http.request" and bool(message.get("more_body"))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= ERROR and self._coming:
            self._early = True
            MutableHeaders(scope=message)["Connection"] = "close"
        if not self._early or message["type"] != "http.response.body" or message.get("more_body"):
            await self._send(message)
            return
        await self._send({**message, "more_body": True})
        await self._read_on()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _read_on(self) -> None:
        left = LINGER_BYTES
        try:
            async with asyncio.timeout(LINGER_S):
                while self._coming and left > 0:
                    left -= len((await self.receive()).get("body", b""))
        except TimeoutError:
            return
