"""AssemblyAI and Claude, simulated in a process of their own, which take as long as real ones do.

`python -m benchmarks.slow_providers` says its two addresses on a line each, and serves until its input ends.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE, Popen
from typing import NamedTuple

from benchmarks.results import ROOT
from tests.simulators.assemblyai import AssemblyAISimulator
from tests.simulators.claude import ClaudeSimulator
from tests.simulators.server import serving

TRANSCRIPTION_S, ANALYSIS_S = 60.0, 10.0


class Addresses(NamedTuple):
    """Where the two are."""

    assemblyai: str
    claude: str

    @property
    def environment(self) -> dict[str, str]:
        """What makes TotalView, and the SDKs, go there."""
        key = AssemblyAISimulator().key
        return {
            "ASSEMBLYAI_BASE_URL": self.assemblyai,
            "ASSEMBLYAI_API_KEY": key,
            "ANTHROPIC_BASE_URL": self.claude,
            "ANTHROPIC_API_KEY": key,
        }


@contextmanager
def running() -> Iterator[Addresses]:
    """The two, for as long as the block lasts."""
    command = [sys.executable, "-m", "benchmarks.slow_providers"]
    with Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as process:  # noqa: S603  our own words
        if process.stdin is None or process.stdout is None:
            raise AssertionError("asked for")
        yield Addresses(process.stdout.readline().strip(), process.stdout.readline().strip())
        process.stdin.close()


def main() -> None:
    assemblyai, claude = AssemblyAISimulator(), ClaudeSimulator()
    assemblyai.submitted, assemblyai.statuses = "queued", ("queued", "processing")  # all that the SDK knows
    assemblyai.takes_s, claude.latency_s = TRANSCRIPTION_S, ANALYSIS_S
    with serving(assemblyai), serving(claude):
        print(assemblyai.url, claude.url, sep="\n", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
