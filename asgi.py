"""The web process: dashboard at /, HTTP API at /api/v1, sign-in and health beside them, the gate in front of all."""

import gc
import importlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import streamlit as st
from sqlalchemy.exc import OperationalError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from api import health, metrics
from api.app import PREFIX, build
from api.astray import STRAY, Below
from config import settings
from dashboard import mishap, renewals, streamlit_log
from dashboard.audit import export
from dashboard.calls import export as call_export
from dashboard.calls import recordings
from dashboard.door import routes
from dashboard.door.gate import Gate
from dashboard.door.headers import Headers
from dashboard.system import board
from jobs import health as parts

DASHBOARD = Path(__file__).resolve().parent / "dashboard"
SWITCH_S = 0.0005  # a route's answer behind a busy page: 22 ms at p95 instead of 174 with Python's own 5 ms
_HEAVY = ("pandas", "pyarrow", "plotly.graph_objects")
CHECKS = {name: parts.CHECKS[name] for name in parts.READY}


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Before the first answer, and after the last. What is imported first, no collection looks through again."""
    streamlit_log.join()
    renewals.join()
    sys.setswitchinterval(SWITCH_S)
    public = urlsplit(settings().public_url).hostname
    if public:
        st.config.set_option("browser.serverAddress", public)
    async with api.router.lifespan_context(api):  # a mounted app's own lifespan is never run
        Thread(target=_warm_up, name="warming up", daemon=True).start()
        yield


def _warm_up() -> None:
    """Import what the first page needs, while nobody waits for it: ready is said a second earlier so."""
    for name in _HEAVY:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


async def icon(_request: Request) -> Response:
    return FileResponse(DASHBOARD / "assets" / "icon.png", headers={"Cache-Control": "public, max-age=86400"})


async def database_away(_request: Request, _error: Exception) -> Response:
    words = "The database does not answer. Try again in a minute."
    return PlainTextResponse(words, 503, {"Retry-After": "10", "Cache-Control": "no-store"})


api = build()
app = st.App(
    DASHBOARD / "app.py",
    lifespan=lifespan,
    routes=[
        *health.routes(CHECKS),
        metrics.route(),
        Below(PREFIX, api),
        *STRAY,
        *routes.ROUTES,
        *recordings.ROUTES,
        board.ROUTE,
        *export.ROUTES,
        *call_export.ROUTES,
        Route("/favicon.png", icon),
    ],
    on_script_error=mishap.shown,
    middleware=[Middleware(Headers), Middleware(Gate)],
    exception_handlers={OperationalError: database_away},
)
