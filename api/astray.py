"""Addresses that are not there, and methods that an address does not have: answered by the API, whatever the method."""

import re

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.routing import Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Problem

NOWHERE = "There is nothing at this address. The addresses of the API begin with /api/v1/."
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Below(Mount):
    """All addresses below a path. Starlette's own leaves out those with a line break in them."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app=app)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


class FixedAddress(APIRoute):
    """A route whose address no other one takes: for other methods too, it is this one that says no."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        if match is Match.PARTIAL:
            raise Problem("method-not-allowed", headers={"Allow": ", ".join(sorted(self.methods or ()))})
        return match, child_scope


class Nowhere:
    """No address at all."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Problem("not-found", NOWHERE).answer()(scope, receive, send)


STRAY = (Route("/api", Nowhere()), Below("/api", Nowhere()))
"""For addresses that no version of the API has; else the dashboard's page would answer them, with 200."""


def allowed(request: Request) -> str:
    """The methods of the request's address, as `Allow` names them; each may be a route of its own."""
    return ", ".join(method for method in METHODS if _takes(request, method))


def _takes(request: Request, method: str) -> bool:
    asked = {**request.scope, "method": method}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)
