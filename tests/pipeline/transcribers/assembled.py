"""A desk for tests of AssemblyAI: a simulated account, a recording, and a run's memory that may die."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.outcome import Done, ProviderError, Wait
from pipeline.sound.contract import Layout, Sound, Stretch
from pipeline.transcribers.assemblyai import AssemblyAI
from pipeline.transcribers.contract import Callback, Order, Transcript, Wishes
from tests.audio import mono_speech, pcm_wav, speech
from tests.pipeline.staging import Killed
from tests.simulators.assemblyai import AssemblyAISimulator
from tests.simulators.server import serving

SECONDS = 19.4  # of the recordings here


@dataclass
class Memory:
    """A run's memory. `dies_before` names a fact: the process dies before it is committed."""

    facts: dict[str, str] = field(default_factory=dict)
    dies_before: str = ""
    dies_after: str = ""
    commits: int = 0

    def remember(self, **facts: str) -> None:
        self._die(self.dies_before, facts)
        self.facts |= facts
        self.commits += 1
        self._die(self.dies_after, facts)

    def _die(self, fact: str, facts: dict[str, str]) -> None:
        if fact and fact in facts:
            self.dies_before = self.dies_after = ""
            raise Killed


@dataclass
class Desk:
    """Everything at hand; `look` is one look of the pipeline, `finish` looks until there is a transcript."""

    simulator: AssemblyAISimulator
    folder: Path
    memory: Memory = field(default_factory=Memory)
    key: str = "sk-simulated"
    url: str = ""
    layout: Layout = Layout.DUAL
    seconds: float = SECONDS
    callback: Callback | None = None
    silence_s: float = 20.0
    speaks: bool = True
    data: bytes = b""
    wishes: dict[str, Any] = field(default_factory=dict)

    @property
    def theirs(self) -> AssemblyAI:
        return AssemblyAI(self.key, self.url or self.simulator.url, silence_s=self.silence_s, first_look_s=0.01)

    def order(self) -> Order:
        voices = 2 if self.layout is Layout.DUAL else 1
        spoken = (Stretch(start_ms=0, end_ms=9_000),) if self.speaks else ()
        sound = Sound(duration_ms=round(self.seconds * 1000), layout=self.layout, speech=(spoken,) * voices)
        return Order(self.recording, sound, Wishes(**self.wishes), self.memory, self.folder, self.callback)

    @contextmanager
    def recording(self) -> Iterator[Path]:
        path = self.folder / "recording"
        if self.data or not path.exists():
            path.write_bytes(self.data or dual() if self.layout is Layout.DUAL else self.data or mono())
        yield path

    def look(self) -> Done[Transcript] | Wait:
        return self.theirs.transcribe(self.order())

    def finish(self, most: int = 6) -> Transcript:
        for _ in range(most):
            outcome = self.look()
            if isinstance(outcome, Done):
                return outcome.value
        raise AssertionError("there is no transcript yet")

    def dies(self) -> None:
        with pytest.raises(Killed):
            self.finish()

    def refusal(self, act: Callable[[], object] | None = None) -> ProviderError:
        """The error of a look; its words are fit for people, and hold no key."""
        with pytest.raises(ProviderError) as caught:
            (act or self.finish)()
        words = str(caught.value)
        assert words.endswith(".")
        assert self.key.strip() not in words or not self.key.strip()
        assert str(self.folder) not in words
        return caught.value

    def asked(self) -> dict[str, Any]:
        """The newest request for a transcript."""
        return self.simulator.jobs[-1].request

    def submissions(self) -> int:
        return len(self.simulator.jobs)


@cache
def dual() -> bytes:
    samples, rate, _ = speech()
    return pcm_wav(samples, rate)


@cache
def mono() -> bytes:
    return pcm_wav(*mono_speech())


@contextmanager
def account() -> Iterator[AssemblyAISimulator]:
    """A simulated account for the tests of a module."""
    with serving(AssemblyAISimulator()) as simulator:
        assert isinstance(simulator, AssemblyAISimulator)
        yield simulator


def desk_at(simulator: AssemblyAISimulator, folder: Path) -> Desk:
    """A desk, and nothing left of what other tests did to the account."""
    port = simulator.port
    AssemblyAISimulator.__init__(simulator)
    simulator.port = port
    return Desk(simulator, folder)
