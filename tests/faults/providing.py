"""The three simulated providers with latencies like real ones, and a bill that says which recording was paid for."""

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from tests.realparts import QUICKLY, Providers
from tests.simulators import assemblyai, deepgram
from tests.simulators.assemblyai import AssemblyAISimulator
from tests.simulators.claude import Asked, ClaudeSimulator
from tests.simulators.deepgram import Deepgram

Range = tuple[float, float]  # seconds, at least and at most
Said = tuple[int, str]

MARK = 8  # digits of a recording's SHA-256 by which bills know it
HEXADECIMAL, LETTERS = "0123456789abcdef", "ghijklmnopqrstuv"  # letters, so that nothing takes them for a number
_SAID_MARK = re.compile(rf"\bmark ([{LETTERS[0]}-{LETTERS[-1]}]{{{MARK}}})\b", re.IGNORECASE)
_BILLED = re.compile(rf" of ([0-9a-f]{{{MARK}}})$")


@dataclass(frozen=True)
class Pace:
    """How long things take: what providers need, how long a fault lasts, and the settings that go with it."""

    name: str
    assemblyai: Range  # a job
    deepgram: Range  # a request
    claude: Range  # a request
    fault_s: float
    silence_s: float  # of providers that say nothing
    patience_s: float  # from the fault's end until whoever is not done is given up
    settings: Mapping[str, str] = field(default_factory=dict)
    times: int = 6  # that something is killed or emptied within a fault's time


# As it comes, but for the providers' limits (so that 500 calls take a minute and not five), and for how long an answer
# is waited for (so that five silent minutes use up a call's tries).
REAL = Pace(
    "real",
    assemblyai=(10.0, 60.0),
    deepgram=(3.0, 15.0),
    claude=(2.0, 10.0),
    fault_s=60.0,
    silence_s=300.0,
    patience_s=420.0,
    settings={"DEEPGRAM_CALLS": "90", "ANTHROPIC_CALLS": "90", "TOTALVIEW_PROVIDER_SECONDS": "30"},
)
QUICK = Pace(
    "quick",
    assemblyai=(1.0, 4.0),
    deepgram=(0.3, 2.0),
    claude=(0.2, 1.0),
    fault_s=8.0,
    silence_s=60.0,
    patience_s=300.0,
    settings={**QUICKLY, "TOTALVIEW_PROVIDER_SECONDS": "8"},
)


class SlowAssemblyAI(AssemblyAISimulator):
    """Each job takes its time."""

    def __init__(self, job_s: Range, chance: random.Random) -> None:
        super().__init__()
        self.job_s, self.chance, self.statuses = job_s, chance, ("queued",)

    def extra_s(self) -> float:
        return self.chance.uniform(*self.job_s)

    def said_in(self, upload: assemblyai.Upload) -> Sequence[Said]:
        return marked(self.conversation, upload.sha256)


class SlowDeepgram(Deepgram):
    """Each request takes its time."""

    def __init__(self, request_s: Range, chance: random.Random) -> None:
        super().__init__()
        self.request_s, self.chance = request_s, chance

    def takes(self, _path: str) -> float:
        return self.chance.uniform(*self.request_s)

    def said_in(self, audio: deepgram.Audio) -> Sequence[Said]:
        return marked(self.says, audio.sha256)


class SlowClaude(ClaudeSimulator):
    """Each judgement takes its time, and its line of the bill names the recording whose transcript was judged."""

    def __init__(self, request_s: Range, chance: random.Random) -> None:
        super().__init__()
        self.request_s, self.chance = request_s, chance

    def takes(self, path: str) -> float:
        return self.chance.uniform(*self.request_s) if path.endswith("/messages") else 0.0

    def _answer(self, body: dict[str, Any]) -> Response:
        lines = len(self.paid)
        answer = super()._answer(body)
        for line in range(lines, len(self.paid)):
            self.paid[line] += f" of {mark_in(Asked.of(body).text)}"
        return answer


def simulated(pace: Pace, chance: random.Random) -> Providers:
    """The three, at this pace."""
    return Providers(
        SlowAssemblyAI(pace.assemblyai, chance), SlowDeepgram(pace.deepgram, chance), SlowClaude(pace.claude, chance)
    )


def marked(conversation: Sequence[Said], sha256: str) -> Sequence[Said]:
    """The conversation, and at its end a word by which whoever reads it knows the recording."""
    speaker, last = conversation[-1]
    word = sha256[:MARK].translate(str.maketrans(HEXADECIMAL, LETTERS))
    return [*conversation[:-1], (speaker, f"{last} mark {word}")]


def mark_in(text: str) -> str:
    """The recording that a transcript was made of."""
    found = _SAID_MARK.search(text)
    return found[1].lower().translate(str.maketrans(LETTERS, HEXADECIMAL)) if found else "?"


def bills(providers: Providers) -> dict[str, Counter[str]]:
    """How often each recording was paid for at each provider."""
    return {name: _by_recording(simulator.paid) for name, simulator in providers.all.items()}


def _by_recording(lines: Sequence[str]) -> Counter[str]:
    return Counter(found[1] if (found := _BILLED.search(line)) else "?" for line in lines)
