"""The door of every route: who asks, whether too often, and how much comes, before anything reads the body."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.types import Message

from api.caller import authenticate, person, secret_of
from api.problems import Problem
from config import settings
from jobs import rates
from records.identity import Identity

SMALL = 1 << 20  # bytes of a JSON body
CAMPAIGN = "campaign_id"  # in the query, by which a person's page says where it uploads to

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Guarded(APIRoute):
    """A route for those with a key. FastAPI would read the body first, and ask for the key then."""

    largest_body: int | None = SMALL
    takes_people = False  # True: the dashboard's own pages may ask too, by the session of whoever is signed in

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            await _admit(request, takes_people=self.takes_people)
            if self.largest_body is not None:
                request = await _with_body(request, self.largest_body)
            response = await handle(request)
            response.headers.update(request.state.rate_headers)
            return response

        return guarded


class Streaming(Guarded):
    """A guarded route that takes a body of any size, because it never holds it."""

    largest_body = None


async def _admit(request: Request, *, takes_people: bool) -> None:
    """Let the request in, with its caller and the headers about its rate in its state."""
    secret, who = secret_of(request), request.scope.get("state", {}).get("who")
    if takes_people and not secret and isinstance(who, Identity):  # said by the gate, which asked where it comes from
        caller = await run_in_threadpool(person, who, request.query_params.get(CAMPAIGN, ""))
    else:
        caller = await run_in_threadpool(authenticate, secret)
    request.state.caller = caller
    standing = await run_in_threadpool(rates.count, caller.owner, caller.rate or settings().api_rate)
    request.state.rate_headers = _headers(standing) if standing else {}
    if standing and not standing.allowed:
        words = f"This key may make {standing.limit} requests a minute. Try again in {standing.reset_s} seconds."
        raise Problem("too-many-requests", words, headers={"Retry-After": str(standing.reset_s)})


def _headers(standing: rates.Standing) -> dict[str, str]:
    """The IETF draft's two fields, and the three of its earlier versions, which most clients know."""
    return {
        "RateLimit-Policy": f'"minute";q={standing.limit};w=60',
        "RateLimit": f'"minute";r={standing.remaining};t={standing.reset_s}',
        "RateLimit-Limit": str(standing.limit),
        "RateLimit-Remaining": str(standing.remaining),
        "RateLimit-Reset": str(standing.reset_s),
    }


async def _with_body(request: Request, largest: int) -> Request:
    """The request with its whole body in hand. FastAPI takes whatever is raised while it reads for bad JSON."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > largest:
            raise Problem("too-large", f"The body of this request may have at most {largest:,} bytes.")
    messages: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else await request.receive()

    return Request(request.scope, receive)
