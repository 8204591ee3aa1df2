"""Uploads by a form, and what is left of them."""

from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.app import PREFIX, build
from api.astray import STRAY, Below
from config import settings
from records import api_keys, db
from records.access import COMMAND_LINE
from records.api_keys import ApiKey
from tests.pipeline.arriving import wav

UPLOAD = f"{PREFIX}/calls/upload"
BOUNDARY = "a-boundary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def key_of(campaign: str = "support", **facts: Any) -> str:
    """A fresh key, as a header's value."""
    with db.writing() as session:
        return api_keys.create(session, COMMAND_LINE, campaign, **facts)[1]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def api() -> TestClient:
    """The API as it is mounted beside the dashboard."""
    return TestClient(Starlette(routes=[Below(PREFIX, build()), *STRAY]))


def upload(client: Any, data: bytes, name: str = "call.wav", **fields: str) -> httpx.Response:
    """`client`: httpx's, or the one of Starlette's tests."""
    answer: httpx.Response = client.post(UPLOAD, files={"file": (name, data)}, data=fields)
    return answer


def part(name: str, value: bytes, *, filename: str | None = None) -> bytes:
    """One part of a form, written by hand."""
    called = f'; filename="{filename}"' if filename is not None else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{called}\r\n\r\n'.encode() + value + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def stored_files() -> list[Path]:
    return sorted(path for path in (settings().folder / "storage").rglob("*") if path.is_file())


def newest_key() -> ApiKey | None:
    with db.reading() as session:
        return session.exec(api_keys.keys(COMMAND_LINE)).first()


def recording(number: int) -> bytes:
    """Unlike that of every other number."""
    return wav(number, seconds=0.2)
