"""A real installation for tests: Redis, workers, scheduler, each a process that can be killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis.exceptions import RedisError

from jobs import redis_server
from jobs.connection import connect
from tests.house_rules import ROOT

QUICK = {"TOTALVIEW_LEASE_SECONDS": "2", "TOTALVIEW_RESCUE_SECONDS": "1", "TOTALVIEW_RETRY_SECONDS": "0.2"}
PATIENCE_S = 180.0


@dataclass
class Installation:
    """Processes over one home, and where their words go."""

    home: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str | Path) -> subprocess.Popen[bytes]:
        """Start a process in the home's environment."""
        log = (self.home / "log.txt").open("ab")
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        log.close()
        self.running.append(process)
        return process

    def totalview(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `totalview ...`."""
        return self.start(sys.executable, "-m", "cli", *arguments)

    def redis(self) -> subprocess.Popen[bytes]:
        """Start the Redis server of this home, and wait until it answers."""
        process = self.start(*redis_server.command())
        until(answers, "Redis answers")
        return process

    def workers(self) -> None:
        """A worker for every queue, and the scheduler."""
        self.totalview("worker")
        self.totalview("scheduler")

    def words(self) -> str:
        """Everything that the processes said."""
        return (self.home / "log.txt").read_text(encoding="utf-8", errors="replace")

    def end(self) -> None:
        for process in reversed(self.running):
            for pid in [*descendants(process.pid), process.pid]:
                kill(pid)
            process.wait(60)


@contextmanager
def installed(home: Path) -> Iterator[Installation]:
    """An installation with nothing but Redis; everything ends with the block."""
    installation = Installation(home)
    try:
        installation.redis()
        yield installation
    finally:
        installation.end()
        connect().close()


def until(reached: Callable[[], bool], what: str, seconds: float = PATIENCE_S) -> None:
    """Wait for it; a failure says what was waited for."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain until {what}")
        time.sleep(0.05)


def answers() -> bool:
    client = connect()
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()


def descendants(pid: int) -> list[int]:
    """Children's children included, deepest first; a child is in the books of the thread that started it."""
    try:
        listed = [path.read_text(encoding="ascii") for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    children = " ".join(listed).split()
    return [deep for child in map(int, children) for deep in [*descendants(child), child]]


def parts(root: int, *words: str) -> list[int]:
    """The processes below one whose command lines hold these words; the first of them is the program's name."""
    return [pid for pid in descendants(root) if all(word.encode() in _command_line(pid) for word in words)]


def _command_line(pid: int) -> list[bytes]:
    try:
        program, *arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:  # it has just ended
        return []
    return [program.split(b" ")[0].rsplit(b"/", 1)[-1], *arguments]


def kill(pid: int) -> None:
    """SIGKILL, which nobody can handle."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
