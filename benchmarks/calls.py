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
from tests.postgres import free_port

MEMORY_MB, WORKERS = 2048.0, 2
WARM, CALLS, MANY = 64, 1_500, 400  # `MANY` calls in flight at once tell what one of them takes
PLAIN_S = 150.0  # two calls of each worker
SETTINGS = {"ASSEMBLYAI_CALLS": "600", "ANTHROPIC_CALLS": "120", "TOTALVIEW_WORKER_THREADS": "64"}
GOAL_TIMES, GOAL_A_MINUTE, GOAL_CPU_MS, GOAL_FLIGHT_KB = 20, 300, 300, 100


@dataclass
class Watched:
    """What was seen of the installation while it worked."""

    done: list[tuple[float, int]] = field(default_factory=list)  # when, calls done
    peak_mb: float = 0.0
    with_many: tuple[int, float] = (0, 0.0)  # calls in flight, MB

    @property
    def a_minute(self) -> float:
        """Calls a minute while it was neither filling nor emptying: between a tenth and nine tenths of all."""
        most = self.done[-1][1]
        middle = [(when, count) for when, count in self.done if 0.1 * most <= count <= 0.9 * most]
        (begun, first), (ended, last) = middle[0], middle[-1]
        return (last - first) / (ended - begun) * 60


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
        quiet_mb, cpu_before = processes.memory_mb(processes.family(up)), processes.cpu_s(up)
        watched = Watched()
        _take_in(range(WARM, WARM + CALLS), between=lambda: _look(up, watched))
        while _done() < WARM + CALLS:
            _look(up, watched)
            time.sleep(1)
        _look(up, watched)
        cpu_ms = (processes.cpu_s(up) - cpu_before) / CALLS * 1000
    in_flight, mb = watched.with_many
    one_more_kb = (mb - quiet_mb) * 1024 / in_flight
    print(f"quiet {quiet_mb:.0f} MB, at most {watched.peak_mb:.0f} MB, {mb:.0f} MB with {in_flight}", file=sys.stderr)
    results.keep(
        Result("calls beside plain RQ in 2 GB", watched.a_minute, plain, GOAL_TIMES, "calls/min"),
        Result("calls on 2 cores", watched.a_minute, None, GOAL_A_MINUTE, "calls/min"),
        Result("memory of all processes at most", watched.peak_mb, None, MEMORY_MB, "MB"),
        Result("CPU a call", cpu_ms, None, GOAL_CPU_MS, "ms"),
        Result("memory of one more call in flight", one_more_kb, None, GOAL_FLIGHT_KB, "KB"),
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
    if in_flight > MANY and not watched.with_many[0]:
        watched.with_many = in_flight, mb


def _done() -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).where(col(Call.status) == CallStatus.COMPLETED)).one()


if __name__ == "__main__":
    main()
