"""The public HTTP API, mounted at /api/v1; whatever is not there answers in the API's own words."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api import acts, arriving, bulk_jobs, callbacks, calls, campaign, docs, downloads, uploads
from api.astray import NOWHERE, allowed
from api.description import ABOUT, Described, operation_id
from api.problems import Problem
from pipeline.intake import Refused
from pipeline.storage import StorageAway
from records.bulk import JobCancelled
from records.identity import NotAllowed, NotFound

log = logging.getLogger(__name__)

PREFIX = "/api/v1"
EXPECTED = (
    Problem,
    NotFound,
    NotAllowed,
    Refused,
    JobCancelled,
    StorageAway,
    OperationalError,
    RequestValidationError,
    HTTPException,
    ClientDisconnect,
)
_AWAY = {"Retry-After": "10"}
_REFUSALS = {  # else it is not a recording
    "too_large": "too-large",
    "bad_metadata": "bad-metadata",
    "gone": "just-deleted",
    "archived": "forbidden",
}


def build() -> FastAPI:
    """The API."""
    api = Described(
        title="TotalView API",
        version="1.0",
        description=ABOUT,
        generate_unique_id_function=operation_id,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
    )
    for part in (callbacks, docs, arriving, uploads, calls, acts, downloads, bulk_jobs, campaign):
        api.include_router(part.router)
    api.include_router(downloads.links)
    for error in EXPECTED:
        api.add_exception_handler(error, _answer)
    api.add_exception_handler(Exception, _broken)
    return api


async def _answer(request: Request, error: Exception) -> Response:
    response = problem_of(error).answer()
    response.headers.update(getattr(request.state, "rate_headers", {}))
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = allowed(request)
    return response


async def _broken(request: Request, error: Exception) -> Response:
    log.error("%s %s broke.", request.method, request.url.path, exc_info=error)
    return Problem("internal").answer()


def problem_of(error: Exception) -> Problem:  # noqa: C901, PLR0911  a table that needs each error's own facts
    """What an error is to whoever called."""
    match error:
        case Problem():
            return error
        case NotFound():
            return Problem("not-found", str(error))
        case NotAllowed():
            return Problem("forbidden", str(error))
        case JobCancelled():
            return Problem("cancelled", str(error))
        case StorageAway():
            return Problem("storage-away", str(error), headers=_AWAY)
        case OperationalError():
            return Problem("database-away", headers=_AWAY)
        case Refused():
            kind = _REFUSALS.get(error.code)
            return Problem(kind, str(error)) if kind else Problem("not-a-recording", str(error), reason=error.code)
        case RequestValidationError():
            return _of_parameters(error)
        case HTTPException():
            return _of_http(error)
        case ClientDisconnect():
            return Problem("bad-request", "The line broke before the request was here.")  # nobody reads it
    raise TypeError(f"No problem is made of {type(error)}.")


def _of_parameters(error: RequestValidationError) -> Problem:
    found = [{"where": list(one["loc"]), "what": one["msg"]} for one in error.errors()]
    words = "; ".join(f"{'.'.join(map(str, one['where']))}: {one['what']}" for one in found)
    return Problem("invalid", f"Mend these: {words}.", errors=found)


def _of_http(error: HTTPException) -> Problem:
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return Problem("not-found", NOWHERE)
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return Problem("method-not-allowed")
    return Problem("bad-request", f"{error.detail}.".replace("..", "."), headers=error.headers)
