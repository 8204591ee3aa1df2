"""Every address of the web process, read off its own routes: the product's, the API's and Streamlit's."""

from collections.abc import Iterable, Iterator
from unittest.mock import MagicMock

from fastapi.routing import APIRouter
from starlette.routing import BaseRoute, Mount, Route
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes

import asgi

MOUNTED = ("GET", "POST")  # what is asked of a program that tells methods apart by itself
ALL = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def everywhere() -> set[str]:
    """`METHOD /path` for each. HEAD is left out beside a GET, OPTIONS everywhere."""
    return {*_below("", asgi.app._user_routes), *_below("", create_streamlit_routes(MagicMock()))}


def _below(prefix: str, routes: Iterable[BaseRoute]) -> Iterator[str]:
    for route in routes:
        router = getattr(route, "original_router", None)
        path = prefix + getattr(route, "path", "")
        if isinstance(router, APIRouter):
            yield from _below(prefix + route.include_context.prefix, router.routes)
        elif isinstance(route, Mount) and route.routes:
            yield from _below(path, route.routes)
        elif isinstance(route, Mount):
            yield from (f"{method} {path}/" for method in MOUNTED)
        elif isinstance(route, Route) and route.methods:
            yield from (f"{method} {path}" for method in _told_apart(route.methods))
        else:
            yield f"{'GET' if isinstance(route, Route) else 'SOCKET'} {path}"


def _told_apart(methods: set[str]) -> set[str]:
    if len(methods) == len(ALL):  # an address that answers all of them alike
        return {"POST"}
    return methods - {"OPTIONS", *({"HEAD"} if "GET" in methods else ())}
