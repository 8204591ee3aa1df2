"""The API described by itself: the OpenAPI document, in which every error is a problem document."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.problems import MEDIA_TYPE, problems

ABOUT = """Recordings of phone calls in, transcripts, checks and scores out.

Every request brings a key of one campaign: `Authorization: Bearer tv_...`. A key sees that campaign and nothing else.
Errors are problem documents (RFC 9457) whose `type` is stable and whose `detail` says what to do."""

_INVALID = problems("invalid")[422]["description"]
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")  # its form of a 422, which this API never answers
_PROBLEM = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
_SECONDS = {"type": "string", "pattern": "^[0-9]+$"}
_RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": _SECONDS, "required": True}}
_ALWAYS: dict[str, dict[str, Any]] = {
    "401": {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}, "required": True}},
    "423": _RETRY,
    "429": _RETRY,
    "503": _RETRY,
}
_RATES = {
    "RateLimit-Limit": {"description": "Requests that this key may make a minute.", "schema": _SECONDS},
    "RateLimit-Remaining": {"description": "How many of them are left.", "schema": _SECONDS},
    "RateLimit-Reset": {"description": "Seconds until there are more again.", "schema": _SECONDS},
}


class Described(FastAPI):
    """FastAPI describes errors as its own, and under `application/json`; these are problem documents."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            for operation, status, response in _responses(document):
                _mend_content(response)
                rates = _RATES if "security" in operation and status != "401" else {}
                headers = {**response.get("headers", {}), **rates, **_ALWAYS.get(status, {})}
                if headers:
                    response["headers"] = headers
            for name in _FASTAPIS_OWN:
                document["components"]["schemas"].pop(name, None)
        return self.openapi_schema or {}


def operation_id(route: APIRoute) -> str:
    """The function's name, which becomes the name of a generated client's function."""
    return route.name


def _mend_content(response: dict[str, Any]) -> None:
    content = response.get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if schema.get("$ref", "").endswith(_FASTAPIS_OWN[0]):
        response |= {"description": _INVALID, "content": {MEDIA_TYPE: _PROBLEM}}
    elif MEDIA_TYPE in content:
        content[MEDIA_TYPE] = content.pop("application/json")


def _responses(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Every operation with each of its statuses and what is answered then."""
    for path in document.get("paths", {}).values():
        for operation in path.values():
            for status, response in operation.get("responses", {}).items():
                yield operation, status, response
