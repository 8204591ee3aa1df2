"""Orders for Deepgram, with a memory and a letter box for callbacks that can be looked into."""

import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.sound.contract import Layout, Sound, Stretch
from pipeline.transcribers.contract import Order, Wishes
from pipeline.transcribers.deepgram import Deepgram
from pipeline.transcribers.deepgram.client import Reach
from tests.audio import pcm_wav, tone
from tests.simulators.deepgram import Deepgram as Simulated
from tests.simulators.server import Simulator

SECONDS = 20.0


class Remembering:
    """A run's memory, and every state that it was in."""

    def __init__(self, **facts: str) -> None:
        self.facts: dict[str, str] = facts
        self.states: list[dict[str, str]] = []

    def remember(self, **facts: str) -> None:
        self.facts = {**self.facts, **facts}
        self.states.append(self.facts)


class LetterBox(Simulator):
    """Our side of a callback: an open address takes one answer, any other gets 404."""

    def __init__(self) -> None:
        super().__init__()
        self.secret = ""
        self.opened: list[str] = []
        self.brought: bytes | None = None
        self.misses = 0
        self.came = threading.Event()

    def open(self) -> str:
        self.secret, self.brought = uuid4().hex, None
        self.came.clear()
        self.opened.append(f"{self.url}/callbacks/{self.secret}")
        return self.opened[-1]

    def missed(self) -> None:
        self.misses += 1

    @property
    def answer(self) -> bytes | None:
        return self.brought

    def routes(self) -> list[Route]:
        return [Route("/callbacks/{secret}", self.handled(self._take), methods=["POST"])]

    def refuses(self, request: Request) -> Response | None:
        return None if request.path_params["secret"] == self.secret else Response(status_code=404)

    async def _take(self, request: Request) -> Response:
        assert request.headers["dg-token"]
        self.brought = await request.body()
        self.came.set()
        return Response(status_code=204)


def fresh(simulator: Any) -> Any:
    """As it was at first, on the same port: starting a server for every test takes its time."""
    port = simulator.port
    simulator.__init__()
    simulator.port = port
    return simulator


def client(simulated: Simulated, seconds: float = 10.0, key: str = "", **how: Any) -> Deepgram:
    return Deepgram(Reach(key or simulated.key, simulated.url, seconds), **how)


def wav(seconds: float = SECONDS, channels: int = 2) -> bytes:
    return pcm_wav(tone(seconds, rate=8000, channels=channels), 8000)


def sound(layout: Layout = Layout.DUAL, seconds: float = SECONDS, *, silent: bool = False) -> Sound:
    """Speech from beginning to end, on every channel."""
    length = round(seconds * 1000)
    speech = () if silent else (Stretch(start_ms=0, end_ms=length),)
    return Sound(duration_ms=length, layout=layout, speech=(speech,) * (2 if layout is Layout.DUAL else 1))


def order(folder: Path, body: bytes = b"", *, heard: Sound | None = None, **facts: Any) -> Order:
    """`memory` and `callback` are the order's own, anything else is a wish."""
    heard = heard or sound()
    path = folder / f"recording-{uuid4().hex}"
    path.write_bytes(body or wav(heard.duration_ms / 1000, 2 if heard.layout is Layout.DUAL else 1))
    memory, callback = facts.pop("memory", None) or Remembering(), facts.pop("callback", None)
    return Order(lambda: nullcontext(path), heard, Wishes(**facts), memory, folder, callback)
