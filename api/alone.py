"""The API without the dashboard: for machines that only take recordings in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from api import health, metrics
from api.app import PREFIX, build
from api.astray import Below, Nowhere
from jobs import health as parts


def app() -> Starlette:
    """The API, its health and its figures; all else is not found."""
    api = build()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with api.router.lifespan_context(api):  # a mounted app's own lifespan is never run
            yield

    checks = {name: parts.CHECKS[name] for name in parts.READY}
    about = [*health.routes(checks), metrics.route()]
    return Starlette(routes=[*about, Below(PREFIX, api), Below("", Nowhere())], lifespan=lifespan)
