"""People who click: each is signed in and speaks Streamlit's socket, as their browser would."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import NamedTuple

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from benchmarks.load_tally import Tally, Trial

PATIENCE_S = 60.0
THINK_S = (3.0, 8.0)
RENEWAL = "Part of a page, renewed by itself"
FILTERS = ("status=failed", "flagged=yes", "score_from=50", "q=address", "source=api&status=completed")


class Act(NamedTuple):
    """A page that is opened: what the table calls it, its name in the address, and its query."""

    kind: str
    page: str
    query: str = ""


class Failed(Exception):  # noqa: N818  what it is
    """A page did not come as it should."""


def acts(chance: random.Random, calls: Sequence[str]) -> Iterator[Act]:
    """What a person opens, one after the other, without end: mostly lists and calls."""
    while True:
        yield chance.choice((Act("Home", ""), Act("Bulk jobs", "bulk_jobs"), Act("Review", "review")))
        yield Act("Calls", "calls")
        yield Act("Calls, narrowed", "calls", chance.choice(FILTERS))
        for _ in range(chance.randint(1, 3)):
            yield Act("Call", "call", f"id={chance.choice(calls)}")


class Browser:
    """One open page."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._renewed: dict[str, tuple[float, float]] = {}  # fragment -> (every so many seconds, due next)
        self._act, self._page = Act("", ""), ""  # the page is a hash, as Streamlit names it

    async def open(self, act: Act) -> None:
        """Open a page and wait until it is all there. Raises Failed."""
        self._act, self._renewed, self._page = act, {}, ""
        await self._run("")

    async def think(self, seconds: float, tally: Tally) -> None:
        """Look at the page, whose parts renew themselves meanwhile."""
        until = monotonic() + seconds
        while (moment := self._next_due(until)) < until:
            await asyncio.sleep(max(moment - monotonic(), 0.0))
            fragment = min(self._renewed, key=lambda each: self._renewed[each][1])
            began = monotonic()
            await self._run(fragment)
            tally.done(RENEWAL, monotonic() - began)
            if fragment in self._renewed:
                every = self._renewed[fragment][0]
                self._renewed[fragment] = (every, monotonic() + every)
        await asyncio.sleep(max(until - monotonic(), 0.0))

    def _next_due(self, otherwise: float) -> float:
        return min((due for _, due in self._renewed.values()), default=otherwise)

    async def _run(self, fragment: str) -> None:
        ask = BackMsg()
        ask.rerun_script.page_name, ask.rerun_script.query_string = self._act.page, self._act.query
        ask.rerun_script.page_script_hash = self._page
        ask.rerun_script.fragment_id, ask.rerun_script.is_auto_rerun = fragment, bool(fragment)
        await self._line.send(ask.SerializeToString())
        async with asyncio.timeout(PATIENCE_S):
            while not self._heard(ForwardMsg.FromString(await self._line.recv(decode=False))):
                pass

    def _heard(self, message: ForwardMsg) -> bool:
        """Take one message; True for the last of a run."""
        match message.WhichOneof("type"):
            case "auto_rerun":
                every = message.auto_rerun.interval
                self._renewed[message.auto_rerun.fragment_id] = (every, monotonic() + every)
            case "navigation":
                self._page = message.navigation.page_script_hash
            case "delta" if message.delta.new_element.WhichOneof("type") == "exception":
                raise Failed(message.delta.new_element.exception.message)
            case "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise Failed("the page is no program")
                return message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return False


@asynccontextmanager
async def _signed_in(address: str, token: str) -> AsyncIterator[Browser]:
    headers = {"Origin": address, "Cookie": f"tv_session={token}"}
    socket, speaks = address.replace("http", "ws", 1) + "/_stcore/stream", [Subprotocol("streamlit")]
    line = connect(socket, subprotocols=speaks, additional_headers=headers, max_size=None, open_timeout=PATIENCE_S)
    async with line as opened:
        yield Browser(opened)


async def person(trial: Trial, token: str, calls: Sequence[str], seed: int) -> None:
    """Click until the end; whose line drops comes again, as a browser does."""
    chance = random.Random(seed)
    todo, act = acts(chance, calls), Act("Sign-in", "")
    await asyncio.sleep(chance.uniform(0, min(THINK_S[1], (trial.until - monotonic()) / 4)))
    while monotonic() < trial.until:
        try:
            async with _signed_in(trial.address, token) as browser:
                while monotonic() < trial.until:
                    act, began = next(todo), monotonic()
                    await browser.open(act)
                    trial.tally.done(act.kind, monotonic() - began)
                    left = max(trial.until - monotonic(), 0.0)
                    await browser.think(min(chance.uniform(*THINK_S), left), trial.tally)
        except (Failed, TimeoutError, OSError, WebSocketException) as error:
            trial.tally.failed(act.kind, f"{type(error).__name__} {error}")
            await asyncio.sleep(1)
