"""`totalview up` on a fresh machine: samples Completed, parts that die come back, and a clean stop."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.house_rules import ROOT
from tests.installation import descendants, kill, until
from tests.postgres import free_port


class Up:
    """A running `totalview up` over a home of its own."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home, self.port = home, free_port()
        environment = {**os.environ, "TOTALVIEW_HOME": str(home), "TOTALVIEW_PORT": str(self.port)}
        environment |= {"TOTALVIEW_LEASE_SECONDS": "2", "TOTALVIEW_RESCUE_SECONDS": "1"}
        home.mkdir(exist_ok=True)
        self.words_file = home / "words.txt"
        with self.words_file.open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli", "up", *arguments], cwd=ROOT, env=environment, stdout=words, stderr=words
            )
        until(lambda: "Stop with Ctrl-C." in self.words or self.process.poll() is not None, "everything is up")

    @property
    def words(self) -> str:
        return self.words_file.read_text(encoding="utf-8")

    def calls(self) -> dict[str, tuple[str, float | None, int]]:
        connection = sqlite3.connect(self.home / "totalview.db")
        try:
            rows = connection.execute("select filename, status, score, flagged from call").fetchall()
        finally:
            connection.close()
        return {name: (status, score, flagged) for name, status, score, flagged in rows}

    def get(self, path: str) -> tuple[int, bytes]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read()

    def part(self, *words: str) -> int:
        """The process id of a part, by words of its command line."""
        for pid in descendants(self.process.pid):
            line = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if all(word.encode() in line for word in words):
                return pid
        return 0

    def end(self) -> None:
        for pid in [*descendants(self.process.pid), self.process.pid]:
            kill(pid)
        self.process.wait(10)


@pytest.fixture
def up(tmp_path: Path):
    running = Up(tmp_path / "home")
    yield running
    running.end()


def test_a_fresh_start_shows_two_completed_samples_and_stops_cleanly(up: Up):
    assert re.search(rf"http://localhost:{up.port}/setup\?token=\S+", up.words)
    assert f"TotalView is ready at http://localhost:{up.port}" in up.words
    until(lambda: {status for status, *_ in up.calls().values()} == {"completed"}, "both samples are Completed")
    calls = up.calls()
    assert calls["good_call.opus"] == ("completed", 100.0, 0)
    assert calls["flagged_call.opus"][2] == 1
    status, body = up.get("/readyz")
    assert (status, json.loads(body)["status"]) == (200, "ready")

    began = time.monotonic()
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(15) == 0
    assert time.monotonic() - began < 10  # the promise of docs/command-line.md
    assert "Traceback" not in up.words


def test_a_part_that_is_killed_is_there_again(up: Up):
    for part in (("web",), ("worker", "analysis"), ("scheduler",)):
        until(lambda part=part: up.part(*part), f"{part} runs")
        killed = up.part(*part)
        kill(killed)
        until(lambda part=part, killed=killed: up.part(*part) not in (0, killed), f"{part} runs again")
    until(lambda: answers(up), "the web process answers again")
    until(lambda: {status for status, *_ in up.calls().values()} == {"completed"}, "both samples are Completed")


def answers(up: Up) -> bool:
    try:
        return up.get("/healthz")[0] == 200
    except OSError:
        return False


def test_without_samples_there_is_nothing_and_a_second_start_is_refused_in_words(tmp_path: Path):
    first = Up(tmp_path / "home", "--no-sample")
    try:
        assert first.calls() == {}
        second = Up(tmp_path / "home")
        assert second.process.wait(10) == 1
        assert "TotalView runs already with" in second.words
    finally:
        first.end()


def test_a_taken_port_is_one_sentence(tmp_path: Path, totalview):
    first = Up(tmp_path / "home", "--no-sample")
    try:
        told = totalview("up", TOTALVIEW_PORT=str(first.port))
        assert told.returncode == 1
        assert told.stderr.startswith(f"Port {first.port} on 127.0.0.1 cannot be used")
        assert len(told.stderr.splitlines()) == 1
    finally:
        first.end()
