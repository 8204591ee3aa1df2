"""/metrics: the installation's figures, for a Prometheus with the token and people who may see the System page."""

import asyncio
from hmac import compare_digest

from fastapi.security.utils import get_authorization_scheme_param
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from config import settings
from jobs.metrics import Metrics
from records.identity import Identity
from records.roles import Permission, scope_of

PATH = "/metrics"
REFUSED = (
    "Send the value of TOTALVIEW_METRICS_TOKEN as 'Authorization: Bearer ...', "
    "or sign in as somebody who may see the System page."
)
_NO_CACHE = {"Cache-Control": "no-store"}


def route() -> Route:
    """The address. Where a gate stands in front, it has said who is signed in."""
    metrics = Metrics()

    async def answer(request: Request) -> Response:
        if not _may(request):
            return PlainTextResponse(REFUSED, 401, {"WWW-Authenticate": "Bearer", **_NO_CACHE})
        text = await asyncio.to_thread(metrics.text)
        return Response(text, headers=_NO_CACHE, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return Route(PATH, answer)


def _may(request: Request) -> bool:
    token = settings().metrics_token
    scheme, given = get_authorization_scheme_param(request.headers.get("authorization"))
    if token and scheme.lower() == "bearer" and compare_digest(given.encode(), token.encode()):
        return True
    who: Identity | None = request.scope.get("state", {}).get("who")
    return who is not None and scope_of(who.role, Permission.SYSTEM_READ) is not None
