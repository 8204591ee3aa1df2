"""Starting: `python -m benchmarks.start` measures `totalview up` to ready beside `streamlit hello`.

Ready is that the web process answers, here with database, queue and storage asked. `totalview up` starts Redis, a
worker and the scheduler besides, and brings the database up to date.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, sleep
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks import processes, results
from benchmarks.results import ROOT, Result
from tests.installation import kill
from tests.ports import free_port

ROUNDS, PATIENCE_S = 3, 120.0
FIRST_GOAL, AGAIN_GOAL = 0.25, 0.5


def main() -> None:
    hello, first, again = [], [], []
    with tempfile.TemporaryDirectory(prefix="totalview-start-", ignore_cleanup_errors=True) as folder:
        for number in range(ROUNDS):
            hello.append(_hello(Path(folder)))
            home = Path(folder) / str(number)
            first.append(_up(home))
            again.append(_up(home))
    print(results.HEAD)
    results.keep(
        Result("the first start, beside `streamlit hello`", min(first), min(hello), FIRST_GOAL, "s"),
        Result("every other start", min(again), min(hello), AGAIN_GOAL, "s"),
    )


def _hello(folder: Path) -> float:
    port = free_port()
    command = ["-m", "streamlit", "hello", "--server.port", str(port), "--server.headless", "true"]
    return _ready([sys.executable, *command], f"http://127.0.0.1:{port}/_stcore/health", {"HOME": str(folder)})


def _up(home: Path) -> float:
    port = free_port()
    environment = {"TOTALVIEW_HOME": str(home), "TOTALVIEW_PORT": str(port), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cli", "up", "--no-sample"]
    return _ready(command, f"http://127.0.0.1:{port}/readyz", environment)


def _ready(command: Sequence[str], address: str, environment: dict[str, str]) -> float:
    """Seconds until the address answers 200."""
    begun = perf_counter()
    with subprocess.Popen(  # noqa: S603  our own words
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while not answers(address):
                if perf_counter() > begun + PATIENCE_S:
                    raise TimeoutError(" ".join(command))
                sleep(0.02)
            return perf_counter() - begun
        finally:
            for pid in reversed(processes.family(process.pid)):
                kill(pid)


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5):  # noqa: S310  our own address
            return True
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    main()
