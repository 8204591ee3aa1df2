"""Errors of the HTTP API: RFC 9457 problem documents, with words that say what to do."""

from collections.abc import Mapping

from fastapi.responses import JSONResponse

NOT_FOUND = "There is nothing at this address. The addresses of the API begin with /api/v1/."


def problem(
    status: int, kind: str, title: str, detail: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """One problem document. `kind` is the last part of its stable type."""
    body = {"type": f"urn:totalview:problem:{kind}", "title": title, "status": status}
    return JSONResponse(
        body | ({"detail": detail} if detail else {}), status, headers, media_type="application/problem+json"
    )
