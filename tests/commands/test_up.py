"""`totalview up` on a fresh machine: samples Completed, parts that die come back, and a clean stop."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from jobs import enqueue
from pipeline import children, intake
from pipeline.intake import Arrival
from records import db
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import create
from records.statuses import Source
from tests.audio import encode, speech
from tests.house_rules import ROOT
from tests.installation import descendants, kill, parts, until
from tests.ports import free_port


class Up:
    """A running `totalview up` over a home of its own."""

    def __init__(self, home: Path, *arguments: str, **variables: str) -> None:
        self.port = free_port()
        environment = {**os.environ, "TOTALVIEW_PORT": str(self.port), **variables}
        self.words_file = home.with_name(f"words of {self.port}.txt")
        with self.words_file.open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli", "up", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=words,
                stderr=words,
                process_group=0,  # as a shell starts it
            )
        until(lambda: "Stop with Ctrl-C." in self.words or self.process.poll() is not None, "everything is up")

    @property
    def words(self) -> str:
        return self.words_file.read_text(encoding="utf-8")

    def calls(self) -> dict[str, tuple[str, float | None, bool]]:
        with db.reading() as session:
            return {call.filename: (call.status, call.score, call.flagged) for call in session.exec(select(Call))}

    def get(self, path: str) -> tuple[int, bytes]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read()

    def part(self, *words: str) -> int:
        """The process id of a part, by words of its command line."""
        return next(iter(parts(self.process.pid, *words)), 0)

    def end(self) -> None:
        for pid in [*descendants(self.process.pid), self.process.pid]:
            kill(pid)
        self.process.wait(60)


@pytest.fixture
def up(nothing_set_up: Path) -> Iterator[Up]:
    running = Up(nothing_set_up)
    yield running
    running.end()


@pytest.fixture
def without_samples(nothing_set_up: Path) -> Iterator[Up]:
    running = Up(nothing_set_up, "--no-sample", TOTALVIEW_LEASE_SECONDS="2", TOTALVIEW_RESCUE_SECONDS="1")
    yield running
    running.end()


def test_a_fresh_start_shows_two_completed_samples_and_stops_cleanly(up: Up):
    assert re.search(rf"http://localhost:{up.port}/setup\?token=\S+", up.words)
    assert f"TotalView is ready at http://localhost:{up.port}" in up.words
    until(lambda: {status for status, *_ in up.calls().values()} == {"completed"}, "both samples are Completed", 200)
    calls = up.calls()
    assert calls["good_call.opus"] == ("completed", 100.0, False)
    assert calls["flagged_call.opus"][2]
    status, body = up.get("/readyz")
    assert (status, json.loads(body)["status"]) == (200, "ready")

    os.killpg(up.process.pid, signal.SIGINT)  # as a terminal does it
    assert up.process.wait(60) == 0
    assert not re.search("Traceback|Redis is away|could not connect", up.words), "nobody misses what stopped too early"


def test_parts_that_are_killed_are_there_again(without_samples: Up):
    up, names = without_samples, ("web", "worker", "scheduler")
    until(lambda: all(map(up.part, names)), "every part runs")
    killed = {part: up.part(part) for part in names}
    for pid in killed.values():
        kill(pid)
    until(lambda: all(up.part(part) not in (0, killed[part]) for part in names), "every part runs again")
    until(lambda: answers(up), "the web process answers again")
    with db.writing() as session:
        create(session, COMMAND_LINE, "Support")
    recording = encode(speech().samples[:, : 16_000 * 2], 16_000)
    intake.receive(COMMAND_LINE, Arrival("support", "call.wav", [recording], Source.BULK_JOB), enqueue.first)
    children.close()
    until(lambda: {status for status, *_ in up.calls().values()} == {"completed"}, "a call is Completed")


def answers(up: Up) -> bool:
    try:
        return up.get("/healthz")[0] == 200
    except OSError:
        return False


@pytest.mark.long
def test_without_samples_there_is_nothing_and_a_second_start_is_refused_in_words(
    without_samples: Up, nothing_set_up: Path
):
    assert without_samples.calls() == {}
    second = Up(nothing_set_up)
    assert second.process.wait(60) == 1
    assert "TotalView runs already with" in second.words


def test_a_taken_port_is_one_sentence(nothing_set_up: Path, totalview):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = totalview("up", TOTALVIEW_PORT=str(port))
    assert told.returncode == 1
    assert told.stderr.startswith(f"Port {port} is taken by another program.")
    assert len(told.stderr.splitlines()) == 1
