"""A customer's program that sends recordings by the API, and sends again whatever was not answered as it should be."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import httpx

from tests import realparts
from tests.faults.providing import MARK

AT_ONCE = 4  # requests
AGAIN_S = 0.5
ANSWER_S = 60.0
ACCEPTED = (200, 202)
NOT_NOW = (408, 429, 503)


@dataclass
class Client:
    """`accepted` holds what was answered as taken in, by the name under which bills know a recording."""

    address: str
    keys: Mapping[str, str]  # by campaign
    accepted: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)  # refusals for good, mistakes of the server's, and what has no words
    over: Event = field(default_factory=Event)

    def send(self, numbers: Sequence[int], *, over_s: float = 0.0) -> list[Future[None]]:
        """Send these, spread over some seconds; what is answered may be looked at before all are."""
        pool = ThreadPoolExecutor(AT_ONCE)
        began, gap = time.monotonic(), over_s / max(len(numbers), 1)
        sent = [pool.submit(self._send, number, not_before=began + gap * place) for place, number in enumerate(numbers)]
        pool.shutdown(wait=False)
        return sent

    def _send(self, number: int, *, not_before: float) -> None:
        self.over.wait(max(not_before - time.monotonic(), 0.0))
        campaign = realparts.CAMPAIGNS[number % len(realparts.CAMPAIGNS)]
        data = realparts.recording(number, channels=1)
        name = hashlib.sha256(data).hexdigest()[:MARK]
        while not self.over.is_set() and not self._try(name, campaign, data):
            self.over.wait(AGAIN_S)

    def _try(self, name: str, campaign: str, data: bytes) -> bool:
        """Whether there is no more to do about this one."""
        try:
            answer = httpx.post(
                f"{self.address}/api/v1/calls/upload",
                files={"file": (f"{name}.wav", data)},
                headers={"Authorization": f"Bearer {self.keys[campaign]}"},
                timeout=ANSWER_S,
            )
        except httpx.TransportError:
            return False
        if answer.status_code in ACCEPTED:
            self.accepted.add(name)
            return True
        words = _words(answer)
        if answer.status_code not in NOT_NOW or not words:
            self.wrong.append(f"{name}: {answer.status_code} {words or answer.text[:100]}")
        return False


def _words(answer: httpx.Response) -> str:
    """What a refusal says to a person; empty where it says nothing."""
    if "application/problem+json" not in answer.headers.get("content-type", ""):
        return ""
    return str(answer.json().get("detail", ""))
