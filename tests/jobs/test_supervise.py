"""The supervisor: what dies is started again, what is done stays done, and a stop stops everything."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.supervise import Part, Supervisor
from tests.house_rules import ROOT
from tests.installation import descendants, kill, until

PARTS = """
import sys
from jobs import supervise
from jobs.supervise import Part, Supervisor
supervise.PATIENCE_S = 2.0
folder, stubborn = sys.argv[1:]
live = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()} '); time.sleep(600)"
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + live
once = "import sys; open(sys.argv[1], 'a').write('x')"
Supervisor([
    Part("first", [sys.executable, "-c", live, folder + "/first"]),
    Part("done", [sys.executable, "-c", once, folder + "/done"], once=True),
    Part("second", [sys.executable, "-c", deaf if stubborn == "yes" else live, folder + "/second"]),
]).run(when_up=lambda: open(folder + "/up", "w").close())
"""


def supervised(folder: Path, *, stubborn: bool = False) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", PARTS, str(folder), "yes" if stubborn else "no"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    until((folder / "up").exists, "everything is up")
    until(lambda: pids(folder, "first") and pids(folder, "second"), "both parts run")
    return process


def pids(folder: Path, name: str) -> list[int]:
    path = folder / name
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def running(tmp_path: Path):
    process = supervised(tmp_path)
    yield process
    for pid in [*descendants(process.pid), process.pid]:
        kill(pid)
    process.wait(60)


def test_a_part_that_is_killed_is_started_again(running, tmp_path: Path):
    [first] = pids(tmp_path, "first")
    kill(first)
    until(lambda: len(pids(tmp_path, "first")) == 2, "the part is there again")
    assert is_alive(pids(tmp_path, "first")[1])
    assert pids(tmp_path, "second") == [pid for pid in pids(tmp_path, "second") if is_alive(pid)]


def test_a_part_that_is_done_is_left_alone(running, tmp_path: Path):
    time.sleep(1.0)
    assert (tmp_path / "done").read_text() == "x"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_stops_everything(running, tmp_path: Path, number):
    running.send_signal(number)
    assert running.wait(60) == 0
    assert not any(is_alive(pid) for name in ("first", "second") for pid in pids(tmp_path, name))


def test_a_part_that_will_not_stop_is_ended_all_the_same(tmp_path: Path):
    process = supervised(tmp_path, stubborn=True)
    process.terminate()
    assert process.wait(20) == 0
    assert not any(is_alive(pid) for pid in pids(tmp_path, "second"))


def test_parts_do_not_outlive_a_killed_supervisor(running, tmp_path: Path):
    kill(running.pid)
    until(lambda: not any(is_alive(pid) for pid in pids(tmp_path, "first")), "the part has gone with its supervisor")


def test_what_takes_long_starts_first_and_is_waited_for_when_it_is_its_turn(monkeypatch: pytest.MonkeyPatch):
    happened: list[str] = []

    def ready(name: str) -> Callable[[], bool]:
        answers = iter([False, True])
        return lambda: happened.append(f"{name} asked") or next(answers)

    parts = [
        Part("queue", [], ready=ready("queue")),
        Part("web", [], ready=ready("web"), early=True),
        Part("worker", []),
    ]
    monkeypatch.setattr(Supervisor, "_start", staticmethod(lambda part: happened.append(part.name)))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    supervisor = Supervisor(parts)
    supervisor.run(when_up=lambda: setattr(supervisor, "_stopped", True))
    assert happened == ["web", "queue", *["queue asked"] * 2, *["web asked"] * 2, "worker"]
