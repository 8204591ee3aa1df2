"""Programs that upload: each sends small recordings over one kept connection, one after the other."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from time import monotonic

import httpx

from benchmarks.load_tally import Trial

KIND = "Upload by the API"
PATIENCE_S = 60.0


async def client(trial: Trial, key: str, recording: Callable[[], bytes], pause_s: float) -> None:
    """Upload until then. Anything but 202 is an error: every recording is new."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=trial.address, headers=headers, timeout=PATIENCE_S) as line:
        while monotonic() < trial.until:
            data, began = recording(), monotonic()
            try:
                answer = await line.post("/api/v1/calls/upload", files={"file": ("call.wav", data, "audio/wav")})
            except httpx.HTTPError as error:
                trial.tally.failed(KIND, type(error).__name__)
                await asyncio.sleep(1)
                continue
            if answer.status_code == HTTPStatus.ACCEPTED:
                trial.tally.done(KIND, monotonic() - began)
            else:
                trial.tally.failed(KIND, f"{answer.status_code} {answer.text[:200]}")
            await asyncio.sleep(pause_s)
