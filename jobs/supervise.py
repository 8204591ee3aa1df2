"""Keeps the parts of an installation running: a part that dies is started again; a stop stops all of them."""

import ctypes
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from config import settings

log = logging.getLogger(__name__)

CLOSING_S = 4.0  # from a worker's last answer to its end: under ten seconds with the time that it has by default
QUICK_DEATH_S = 5.0
LONGEST_PAUSE_S = 30.0
GLANCE_S = 0.2
PR_SET_PDEATHSIG = 1


@dataclass
class Part:
    """One process of an installation, and how its starts went."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] | None = None  # the next part waits for it
    early: bool = False  # starts before all others, since it takes long; it is waited for when it is its turn
    once: bool = False  # has done its part when it ends without an error
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0
    start_at: float = field(default=0.0)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def finished(self) -> bool:
        return self.once and self.process is not None and self.process.poll() == 0


class Supervisor:
    """Runs parts in order, until told to stop."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._stopped = False

    def run(self, when_up: Callable[[], None] = lambda: None) -> None:
        """Start everything, call `when_up` once, and look after it until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            for part in self._parts:
                if part.early:
                    self._start(part)
            for part in self._parts:
                if not part.early:
                    self._start(part)
                self._wait_until_ready(part)
            if not self._stopped:
                when_up()
            while not self._stopped:
                self._look_after()
                time.sleep(GLANCE_S)
        finally:
            self._end()

    def _look_after(self) -> None:
        for part in self._parts:
            if part.process is None or part.alive or part.finished:
                continue
            if not part.start_at:
                part.start_at = time.monotonic() + self._pause(part)
                log.warning("%s stopped (exit code %s); it is started again.", part.name, part.process.returncode)
            elif time.monotonic() >= part.start_at:
                self._start(part)

    @staticmethod
    def _pause(part: Part) -> float:
        """At once after a long life; longer and longer for a part that cannot stay up."""
        if time.monotonic() - part.started > QUICK_DEATH_S:
            part.quick_deaths = 0
            return 0.0
        part.quick_deaths += 1
        return min(2.0 ** (part.quick_deaths - 1), LONGEST_PAUSE_S)

    @staticmethod
    def _start(part: Part) -> None:
        # A group of its own: Ctrl-C reaches all of the terminal's, and Redis would go before those who need it.
        part.process = subprocess.Popen(part.command, process_group=0, preexec_fn=_end_with_parent)  # noqa: S603, PLW1509  our own command; no thread runs here
        part.started, part.start_at = time.monotonic(), 0.0

    def _wait_until_ready(self, part: Part) -> None:
        while part.ready and not self._stopped and not part.ready():
            self._look_after()
            time.sleep(GLANCE_S / 4)

    def _end(self) -> None:
        """The last started is stopped first, so that nobody misses Redis before Redis goes."""
        deadline = time.monotonic() + patience_s()
        *others, first = reversed(self._parts)
        for group in (others, [first]):
            alive = [part.process for part in group if part.process is not None and part.alive]
            for process in alive:
                process.terminate()
            for process in alive:
                _finish(process, deadline)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopped = True


def patience_s() -> float:
    """Seconds between the friendly signal and the deadly one."""
    return settings().stop_seconds + CLOSING_S


def _finish(process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        process.wait(max(deadline - time.monotonic(), 0.5))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_with_parent() -> None:
    """Asks the kernel to stop this part when its supervisor is killed, so that nothing runs unsupervised."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
