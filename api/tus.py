"""The words of tus 1.0, the protocol of resumable uploads: its headers, read and written."""

import base64
import hashlib
import re
from collections.abc import Callable
from email.utils import format_datetime

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from api.door import Handler, Streaming
from api.early import Line
from api.problems import Problem
from config import settings
from pipeline.resumable import Digest, TooMuch, UploadGone, WrongChecksum, WrongOffset
from records.uploads import ResumableUpload, UploadHeld

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
ALGORITHMS: dict[str, Callable[[], Digest]] = {
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
    "md5": lambda: hashlib.md5(usedforsecurity=False),
}
BODY = "application/offset+octet-stream"
LONGEST_NUMBER = 15  # digits of a length or an offset
OF_UPLOADS = (UploadHeld, UploadGone, WrongOffset, WrongChecksum, TooMuch)
CALL_ID, DUPLICATE = "TotalView-Call-Id", "TotalView-Duplicate"

_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")  # ASCII without space and comma
_SENT = 'Send it as "filename Y2FsbC53YXY=,agent QWRh": keys, each with its value in Base64.'


class OpenTus(APIRoute):
    """A route of the protocol that asks nobody who they are. Its version stands on every answer, problems too."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        line = Line(scope, receive, send)

        async def speak(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Tus-Resumable"] = VERSION
            await line.send(message)

        await super().handle(scope, line.receive, speak)


class Tus(OpenTus, Streaming):
    """A route of the protocol, for those with a key, or signed in, and the right version."""

    takes_people = True

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def in_words(request: Request) -> Response:
            try:
                return await handle(request)
            except OF_UPLOADS as error:
                raise problem_of(error) from error

        return in_words


def expect_version(request: Request) -> None:
    """Refuse another version of the protocol, and whoever does not speak it."""
    given = request.headers.get("tus-resumable", "")
    if given != VERSION:
        words = f"This server speaks tus {VERSION}: send Tus-Resumable: {VERSION}."
        raise Problem("wrong-version", words, headers={"Tus-Version": VERSION})


def abilities() -> dict[str, str]:
    """What OPTIONS answers."""
    limit = settings().max_upload_bytes
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        **({"Tus-Max-Size": str(limit)} if limit else {}),
    }


def standing(upload: ResumableUpload) -> dict[str, str]:
    """How far an upload has come, in headers."""
    headers = {
        "Upload-Offset": str(upload.received),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
    }
    if upload.call_id:
        headers |= {CALL_ID: upload.call_id, DUPLICATE: str(upload.duplicate).lower()}
    return headers


def number(request: Request, header: str) -> int:
    """A length or an offset."""
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdecimal()):
        raise Problem("bad-request", f"{header}: send a number of bytes.")
    if len(text.lstrip("0")) > LONGEST_NUMBER:
        raise Problem("too-large", f"{header}: no recording has so many bytes.")
    return int(text)


def expect_plain(request: Request) -> None:
    """Refuse ways of beginning that this server does not have, before they are taken for the plain one."""
    if "upload-concat" in request.headers:
        raise Problem(
            "bad-request", "Upload-Concat: uploads are not put together here. Send a recording as one upload."
        )
    if "upload-defer-length" in request.headers:
        raise Problem("bad-request", "Upload-Defer-Length: send Upload-Length, the recording's bytes, at once.")


def brings_bytes(request: Request) -> bool:
    """Whether the body is bytes of the recording. Raises Problem where it is something else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != BODY and (request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers):
        raise Problem("wrong-media-type", f"Content-Type: send the recording's bytes as {BODY}.")
    return kind == BODY


def metadata(header: str) -> dict[str, bytes]:
    """Upload-Metadata as keys and values. Raises Problem."""
    found: dict[str, bytes] = {}
    for pair in filter(None, (part.strip(" ") for part in header.split(","))):
        key, _, value = pair.partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise Problem("bad-metadata", f"Upload-Metadata: a key is empty, strange, or there twice. {_SENT}")
        try:
            found[key] = base64.b64decode(value, validate=True)
        except ValueError as error:
            raise Problem(
                "bad-metadata", f"Upload-Metadata: the value of '{key[:60]}' is no Base64. {_SENT}"
            ) from error
    return found


def text_of(key: str, value: bytes) -> str:
    """A value of Upload-Metadata that is text."""
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Problem("bad-metadata", f"Upload-Metadata: the value of '{key}' is no text in UTF-8.") from error


def checksum(request: Request) -> tuple[Digest, bytes] | None:
    """A fresh hash, and what it has to come to; None where the request states no checksum."""
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    name, _, value = header.strip().partition(" ")
    if name not in ALGORITHMS:
        raise Problem("bad-request", f"Upload-Checksum: use one of {', '.join(ALGORITHMS)}.")
    digest = ALGORITHMS[name]()
    try:
        expected = base64.b64decode(value, validate=True)
    except ValueError:
        expected = b""
    if len(expected) != len(digest.digest()):
        raise Problem("bad-request", f'Upload-Checksum: send it as "{name}", a space, and the hash in Base64.')
    return digest, expected


def problem_of(error: Exception) -> Problem:
    """What the pipeline says of an upload, in the API's words."""
    match error:
        case UploadHeld():
            return Problem("upload-held", str(error), headers={"Retry-After": "2"})
        case UploadGone():
            return Problem("upload-gone", str(error))
        case WrongOffset():
            return Problem("wrong-offset", str(error), headers={"Upload-Offset": str(error.offset)})
        case WrongChecksum():
            return Problem("wrong-checksum", f"{error} Send them again, from the same offset.")
        case TooMuch():
            return Problem("too-large", str(error))
    raise TypeError(f"No problem is made of {type(error)}.")
