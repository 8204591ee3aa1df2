"""Calls a minute: `python -m benchmarks.calls` measures TotalView beside plain RQ, with providers that take time.

Everything of `totalview up` runs, and counts: web process, Redis, scheduler and workers. Recordings are taken in by
this process, which does not. Each is four seconds long, transcribed in a minute, and judged by Claude in ten seconds.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import col, func, select

from benchmarks import plain_rq, processes, results, slow_providers
from benchmarks.results import Result
from config import settings
from jobs import enqueue, health
from pipeline import intake
from pipeline.intake import Arrival
from records import db, slots
from records.access import COMMAND_LINE
from records.calls import Call
from records.migrate import upgrade
from records.statuses import CallStatus, Source
from tests import realparts
from tests.installation import Installation, until
from tests.ports import free_port

MEMORY_MB, WORKERS = 2048.0, 2
WARM, CALLS = 64, 1_500
FEW, MANY = 20, 500  # calls in flight: what there is more of memory with many than with few is theirs
PLAIN_S = 150.0  # two calls of each worker
SETTINGS = {"ASSEMBLYAI_CALLS": "600", "ANTHROPIC_CALLS": "120", "TOTALVIEW_WORKER_THREADS": "64"}
GOAL_TIMES, GOAL_A_MINUTE, GOAL_CPU_MS, GOAL_FLIGHT_KB = 20, 300, 300, 100


@dataclass
class Watched:
    """What was seen of the installation while it worked."""

    done: list[tuple[float, int]] = field(default_factory=list)  # when, calls done
    peak_mb: float = 0.0
    with_few: tuple[int, float] | None = None  # calls in flight, MB
    with_many: tuple[int, float] | None = None

    @property
    def a_minute(self) -> float:
        """Calls a minute while it was neither filling nor emptying: between a tenth and nine tenths of all."""
        most = self.done[-1][1]
        middle = [(when, count) for when, count in self.done if 0.1 * most <= count <= 0.9 * most]
        (begun, first), (ended, last) = middle[0], middle[-1]
        return (last - first) / (ended - begun) * 60

    @property
    def one_more_kb(self) -> float:
        """What one call in flight takes."""
        if not self.with_few or not self.with_many:
            raise ValueError(f"There were never {MANY} calls in flight.")
        (few, before), (many, after) = self.with_few, self.with_many
        print(f"{before:.0f} MB with {few} calls in flight, {after:.0f} MB with {many}", file=sys.stderr)
        return (after - before) * 1024 / (many - few)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="totalview-calls-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        with slow_providers.running() as addresses:
            os.environ.update(addresses.environment)
            print(results.HEAD)
            recordings = _recordings(home / "recordings", 200)
            plain, workers = plain_rq.run(recordings, home / "plain", MEMORY_MB, PLAIN_S)
            print(f"plain RQ: {workers} workers", file=sys.stderr)
            _measure(home / "home", plain)


def _recordings(folder: Path, number: int) -> list[Path]:
    folder.mkdir()
    paths = [folder / f"{each}.wav" for each in range(number)]
    for each, path in enumerate(paths):
        path.write_bytes(realparts.recording(each))
    return paths


def _measure(home: Path, plain: float) -> None:
    with _installation(home) as up:
        _take_in(range(WARM))
        until(lambda: _done() == WARM, "the first calls are done", 600)
        time.sleep(5)
        cpu_before = processes.cpu_s(up)
        watched = Watched()
        _take_in(range(WARM, WARM + CALLS), between=lambda: _look(up, watched))
        while _done() < WARM + CALLS:
            _look(up, watched)
            time.sleep(1)
        _look(up, watched)
        cpu_ms = (processes.cpu_s(up) - cpu_before) / CALLS * 1000
    results.keep(
        Result("calls beside plain RQ in 2 GB", watched.a_minute, plain, GOAL_TIMES, "calls/min"),
        Result("calls on 2 cores", watched.a_minute, None, GOAL_A_MINUTE, "calls/min"),
        Result("memory of all processes at most", watched.peak_mb, None, MEMORY_MB, "MB"),
        Result("CPU a call", cpu_ms, None, GOAL_CPU_MS, "ms"),
        Result("memory of one more call in flight", watched.one_more_kb, None, GOAL_FLIGHT_KB, "KB"),
    )


@contextmanager
def _installation(home: Path) -> Iterator[int]:
    """`totalview up` with a campaign; the process at its head."""
    home.mkdir()
    os.environ.update(SETTINGS, TOTALVIEW_HOME=str(home), TOTALVIEW_PORT=str(free_port()))
    settings.cache_clear()
    upgrade()
    installation = Installation(home)
    try:
        process = installation.totalview("up", "--no-sample", "--workers", str(WORKERS))
        until(health.pipeline_served, "workers serve every stage")
        realparts.campaigns()
        yield process.pid
    finally:
        installation.end()


def _take_in(numbers: range, between: Callable[[], object] = lambda: None) -> None:
    for number in numbers:
        arrival = Arrival("assemblyai", f"call {number}.wav", [realparts.recording(number)], Source.BULK_JOB)
        intake.receive(COMMAND_LINE, arrival, enqueue.first)
        if number % 20 == 0:
            between()


def _look(up: int, watched: Watched) -> None:
    watched.done.append((time.monotonic(), _done() - WARM))
    mb = processes.memory_mb(processes.family(up))
    watched.peak_mb = max(watched.peak_mb, mb)
    with db.reading() as session:
        in_flight = slots.held(session, "assemblyai")
    if in_flight >= FEW and not watched.with_few:
        watched.with_few = in_flight, mb
    if in_flight >= MANY and not watched.with_many:
        watched.with_many = in_flight, mb


def _done() -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).where(col(Call.status) == CallStatus.COMPLETED)).one()


if __name__ == "__main__":
    main()
