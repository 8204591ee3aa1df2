"""A program that speaks tus by hand."""

import base64
from typing import Any

import httpx

from api.app import PREFIX

UPLOADS = f"{PREFIX}/uploads"
VERSION = {"Tus-Resumable": "1.0.0"}
BODY = "application/offset+octet-stream"


def said(**facts: str | bytes) -> dict[str, str]:
    """Upload-Metadata of these facts."""
    pairs = ((key, value.encode() if isinstance(value, str) else value) for key, value in facts.items())
    return {"Upload-Metadata": ",".join(f"{key} {base64.b64encode(value).decode()}" for key, value in pairs)}


def begin(client: httpx.Client, size: int, data: bytes | None = None, **headers: str) -> httpx.Response:
    given = {**VERSION, "Upload-Length": str(size), **headers}
    if data is None:
        return client.post(UPLOADS, headers=given)
    return client.post(UPLOADS, headers={"Content-Type": BODY, **given}, content=data)


def begun(client: httpx.Client, size: int, **facts: str) -> str:
    """The upload's address."""
    answer = begin(client, size, data=None, **said(**facts))
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def patch(client: httpx.Client, where: str, data: Any, offset: int = 0, **headers: str) -> httpx.Response:
    given = {**VERSION, "Content-Type": BODY, "Upload-Offset": str(offset), **headers}
    return client.patch(where, content=data, headers=given)


def head(client: httpx.Client, where: str) -> httpx.Response:
    return client.head(where, headers=VERSION)


def delete(client: httpx.Client, where: str) -> httpx.Response:
    return client.delete(where, headers=VERSION)


def kind(answer: httpx.Response) -> tuple[int, str]:
    """Status and kind of a problem."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:totalview:problem:")
