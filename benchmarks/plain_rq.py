"""The baseline of calls a minute: RQ as most people write it, one job a call, which calls the SDKs and waits.

Nothing here is TotalView's. `run` says how many calls a minute as many workers finish as fit the same memory.
"""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import assemblyai
from anthropic import Anthropic
from redis import Redis
from rq import Queue

from benchmarks import processes
from benchmarks.results import ROOT
from jobs.redis_server import binary
from tests.installation import until

SAMPLE = 2  # workers by which one's memory is measured
SCORECARD = """<check number="1">
<name>Help</name>
<criterion>
The agent says "help you".
</criterion>
</check>"""
QUESTION = "\n\nJudge, of the scorecard, check 1, and no other."


def handle(path: str, database: str) -> None:
    """One call from the file to the verdict, as a job."""
    assemblyai.settings.api_key = os.environ["ASSEMBLYAI_API_KEY"]
    assemblyai.settings.base_url = os.environ["ASSEMBLYAI_BASE_URL"]
    transcript = assemblyai.Transcriber(config=assemblyai.TranscriptionConfig(multichannel=True)).transcribe(path)
    said = "\n".join(f"{turn.speaker}: {turn.text}" for turn in transcript.utterances or [])
    with Anthropic(api_key=os.environ["ANTHROPIC_API_KEY"], base_url=os.environ["ANTHROPIC_BASE_URL"]) as claude:
        verdict = claude.messages.create(
            model="claude-haiku-5-5",
            max_tokens=1024,
            system=[{"type": "text", "text": SCORECARD}],
            messages=[{"role": "user", "content": [{"type": "text", "text": said + QUESTION}]}],
        )
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        connection.execute("INSERT INTO done VALUES (?, ?, ?)", (path, said, verdict.model_dump_json()))


def run(recordings: list[Path], folder: Path, memory_mb: float, seconds: float) -> tuple[float, int]:
    """Calls a minute once all workers are at work, measured for `seconds`; and how many workers fit `memory_mb`."""
    folder.mkdir()
    database = folder / "done.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE done (path, said, verdict)")
    with _redis(folder) as address:
        queue = Queue(connection=Redis(unix_socket_path=address))
        for path in recordings:
            queue.enqueue(handle, str(path), str(database), job_timeout=600)
        with _workers(SAMPLE, address) as some:
            until(lambda: _at_work(queue, SAMPLE), "the first workers are at work")
            time.sleep(10)  # until their children have imported the SDKs and begun
            each = processes.memory_mb(processes.family(*some)) / SAMPLE
            workers = int(memory_mb / each)
            with _workers(workers - SAMPLE, address):
                until(lambda: _at_work(queue, workers), "all workers are at work")
                return _rate(database, seconds), workers


def _rate(database: Path, seconds: float) -> float:
    """Calls a minute, from one that ends to the last that ends in the time: so whole calls are counted."""
    with closing(sqlite3.connect(database, timeout=60)) as connection:

        def done() -> int:
            return int(connection.execute("SELECT count(*) FROM done").fetchone()[0])

        first = done()
        until(lambda: done() > first, "a call is done", 600)
        begun = last = time.monotonic()
        counted = reached = done()
        while time.monotonic() < begun + seconds:
            time.sleep(0.2)
            if done() > reached:
                reached, last = done(), time.monotonic()
    return (reached - counted) / (last - begun) * 60


def _at_work(queue: Queue, workers: int) -> bool:
    return bool(queue.started_job_registry.count >= workers)


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    address = str(folder / "redis.sock")
    command = [binary(), "--port", "0", "--unixsocket", address, "--dir", str(folder), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603  our own words
        try:
            until(lambda: Path(address).exists(), "Redis answers")
            yield address
        finally:
            process.terminate()


@contextmanager
def _workers(number: int, address: str) -> Iterator[list[int]]:
    command = [sys.executable, "-m", "rq.cli", "worker", "--quiet", "--url", f"unix://{address}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603  our own words
        for _ in range(number)
    ]
    try:
        yield [process.pid for process in started]
    finally:
        for process in started:
            for pid in reversed(processes.family(process.pid)):
                os.kill(pid, 9)
            process.wait()
