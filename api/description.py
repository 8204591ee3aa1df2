"""The API described by itself: the OpenAPI document, in which every error is a problem document."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.problems import MEDIA_TYPE

ABOUT = """Recordings of phone calls in, transcripts, checks and scores out.

Every request brings a key of one campaign: `Authorization: Bearer tv_...`. A key sees that campaign and nothing else.
Errors are problem documents (RFC 9457) whose `type` is stable and whose `detail` says what to do."""


class Described(FastAPI):
    """FastAPI puts every model of an answer under `application/json`; problems are of a type of their own."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            for response in _responses(super().openapi()):
                content = response.get("content", {})
                if MEDIA_TYPE in content:
                    content[MEDIA_TYPE] = content.pop("application/json")
        return self.openapi_schema or {}


def operation_id(route: APIRoute) -> str:
    """The function's name, which becomes the name of a generated client's function."""
    return route.name


def _responses(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document.get("paths", {}).values():
        for operation in path.values():
            yield from operation.get("responses", {}).values()
