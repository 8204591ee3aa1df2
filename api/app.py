"""The public HTTP API, mounted at /api/v1; whatever is not there answers in the API's own words."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Route

from api import callbacks
from api.errors import NOT_FOUND, problem

PREFIX = "/api/v1"
_ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def build() -> FastAPI:
    """The API. Its documentation pages would load scripts from outside, so there are none."""
    api = FastAPI(title="TotalView", docs_url=None, redoc_url=None, openapi_url=None)
    api.include_router(callbacks.router)
    api.add_exception_handler(HTTPException, _refused)
    return api


async def nothing_here(_request: Request) -> JSONResponse:
    """For addresses below /api that no version has; else the dashboard's page would answer them, with 200."""
    return problem(404, "not-found", "Not found", NOT_FOUND)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException) or error.status_code == 404:  # noqa: PLR2004  HTTP's own number
        return await nothing_here(request)
    title = str(error.detail)
    return problem(error.status_code, title.lower().replace(" ", "-"), title, headers=error.headers)


STRAY = (Route("/api", nothing_here, methods=_ANY), Route("/api/{rest:path}", nothing_here, methods=_ANY))
