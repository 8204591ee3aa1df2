"""/healthz: the process is up. /readyz: what it needs is there, part by part, in words that give nothing away."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.routing import Route

log = logging.getLogger(__name__)

Check = Callable[[], object]
"""Looks at one part; returns when it is there, raises when it is not."""

PATIENCE_S = 5.0  # an orchestrator's own limit is often 10
FRESH_S = 1.0  # anybody may ask, and a look costs a write to storage: one look serves all who ask within this time
AMISS = "Not as it should be. Run `totalview doctor` on the server: it says what is wrong and what to do."
SLOW = f"No answer within {PATIENCE_S:.0f} seconds. Run `totalview doctor` on the server."
_NO_CACHE = {"Cache-Control": "no-store"}


class Readiness:
    """Looks at every part at once, and remembers for a moment what it saw."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._seen: dict[str, str] = {}
        self._seen_at = float("-inf")
        self._looking: asyncio.Task[dict[str, str]] | None = None

    async def look(self) -> dict[str, str]:
        """'ok' or a sentence, by part."""
        if time.monotonic() - self._seen_at < FRESH_S:
            return self._seen
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_now())
        return await asyncio.shield(self._looking)

    async def _look_now(self) -> dict[str, str]:
        words = await asyncio.gather(*(_word(name, check) for name, check in self._checks.items()))
        self._seen, self._seen_at = dict(zip(self._checks, words, strict=True)), time.monotonic()
        return self._seen


def routes(checks: Mapping[str, Check]) -> list[Route]:
    """The two addresses; `checks` are what readiness means here."""
    readiness = Readiness(checks)

    async def ready(_request: Request) -> JSONResponse:
        seen = await readiness.look()
        fine = all(word == "ok" for word in seen.values())
        return _answer({"status": "ready" if fine else "not ready", "checks": seen}, 200 if fine else 503)

    return [Route("/healthz", _up), Route("/readyz", ready)]


async def _up(_request: Request) -> JSONResponse:
    return _answer({"status": "up"}, 200)


def _answer(body: dict[str, Any], status: int) -> JSONResponse:
    return JSONResponse(body, status, _NO_CACHE)


async def _word(name: str, check: Check) -> str:
    """A part that hangs is not ready either. What is wrong goes to the log: the sentence may name hosts and paths."""
    try:
        await asyncio.wait_for(asyncio.to_thread(check), PATIENCE_S)
    except TimeoutError:
        log.warning("Not ready: %s did not answer within %s s.", name, PATIENCE_S)
        return SLOW
    except Exception as error:  # noqa: BLE001  whatever a check raises means 'not ready', and is logged
        log.warning("Not ready: %s: %s", name, error)
        return AMISS
    return "ok"
