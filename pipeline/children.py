"""Hostile or heavy work in pooled child processes: a file that kills its reader fails alone."""

import multiprocessing.process
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

from pebble import ProcessExpired

from pipeline import child
from pipeline.child_pool import Pool

MEMORY = 2 << 30  # bytes of address space; the local recogniser's child was seen to reserve 356 MB, a decoder's 250
ATTEMPTS = 3  # pools that may break under a call before it is given up
BELIEVED = 2  # deaths under a call; of one, pebble may blame the child's last call, whose answer it had not read yet

Result = TypeVar("Result")


class ChildFailed(Exception):  # noqa: N818  the kinds below read as what happened
    """The child process could not finish. What the work itself raises is raised as it is."""


class ChildDied(ChildFailed):
    """The child was killed, crashed, or needed more memory than it may have."""


class ChildTimedOut(ChildFailed):
    """The work took longer than it was given."""


class ChildNotStarted(ChildFailed):
    """No child could be started, or the pool was closed."""


def run(function: Callable[..., Result], *args: object, timeout_s: float) -> Result:
    """`function(*args)` in a child. It must stand in a module; arguments and result must pickle.

    Time spent waiting for a free child does not count. Raises ChildFailed, or what the function raised.
    May be called from any thread.
    """
    return run_all(function, [args], timeout_s)[0]


def run_all(function: Callable[..., Result], calls: Iterable[Sequence[object]], timeout_s: float) -> list[Result]:
    """`function(*args)` for each args of `calls`, as many at once as there are children; results in order.

    `timeout_s` holds for each call. The first failure is raised, and what has not finished by then is given up.
    """
    if getattr(function, "__module__", None) == "__main__":
        raise ValueError("A child does not run the main program, so it cannot find a function that stands in it.")
    begun: list[_Call] = []
    try:
        begun.extend(_Call.begin(pickle.dumps((function, tuple(args))), timeout_s) for args in calls)
        return [call.result() for call in begun]
    finally:
        for call in begun:
            call.future.cancel()


def configure(*, workers: int | None = None, memory: int | None = MEMORY) -> None:
    """How many children (None: as many as cores) of how many bytes of address space each (None: no bound)."""
    close()
    _house.workers, _house.memory = workers, memory


def close() -> None:
    """End this process's children; the next call starts new ones."""
    with _house.lock:
        pool, _house.pool = _house.pool, None
    if pool is not None:
        pool.close()


@dataclass
class _House:
    """What this process has: its pool, and how the next one is made."""

    lock: threading.Lock
    pool: Pool | None = None
    workers: int | None = None
    memory: int | None = MEMORY
    watching_forks: bool = False

    def open_pool(self) -> Pool:
        with self.lock:
            if self.pool is None or not self.pool.open:
                if not self.watching_forks:
                    os.register_at_fork(after_in_child=_forget)
                    self.watching_forks = True
                self.pool = Pool(self.workers or os.cpu_count() or 1, self.memory)
            return self.pool


_house = _House(threading.Lock())


def _forget() -> None:
    """In a forked process: the parent's children are not ours, to use or to end."""
    _house.lock = threading.Lock()
    _house.pool = None
    multiprocessing.process._children = set()  # type: ignore[attr-defined]  # noqa: SLF001  what multiprocessing's own forks do


@dataclass
class _Call:
    """One call, through as many pools as it takes."""

    payload: bytes
    timeout_s: float
    pool: Pool
    future: Future[bytes]

    @classmethod
    def begin(cls, payload: bytes, timeout_s: float) -> "_Call":
        return cls(payload, timeout_s, *_scheduled(payload, timeout_s))

    def result(self) -> Any:  # noqa: ANN401  whatever the function answers
        deaths = 0
        for _ in range(ATTEMPTS):
            try:
                return _opened(self.future.result())
            except BrokenProcessPool:
                self.pool.gone.wait()  # until then its child may still be at the work
                if self.pool.closed:
                    raise ChildNotStarted("The work was given up, because the program is closing.") from None
                self.pool, self.future = _scheduled(self.payload, self.timeout_s)
            except ProcessExpired as death:
                deaths += 1
                if deaths == BELIEVED:
                    raise ChildDied(_cause(death.exitcode)) from None
                self.pool, self.future = _scheduled(self.payload, self.timeout_s)
            except TimeoutError:
                raise ChildTimedOut(f"The work was not done in {self.timeout_s:g} s, and was ended.") from None
        raise ChildDied("The processes that do the work ended again and again, with no reason given.")


def _scheduled(payload: bytes, timeout_s: float) -> tuple[Pool, Future[bytes]]:
    for _ in range(ATTEMPTS):
        try:
            pool = _house.open_pool()
            return pool, pool.schedule(payload, timeout_s)
        except (BrokenProcessPool, OSError) as error:
            reason = error.__cause__ or error
    raise ChildNotStarted(f"No process could be started for the work ({reason}).")


def _opened(answer: bytes) -> Any:  # noqa: ANN401  whatever the function answers
    how, value = pickle.loads(answer)  # noqa: S301  our own child wrote it
    if how == child.OUT_OF_MEMORY:
        raise ChildDied("The work needed more memory than it may have.")
    if how == child.RAISED:
        raise value
    return value


def _cause(exitcode: int) -> str:
    if exitcode == -signal.SIGKILL:
        return "The process that did the work was killed; perhaps the machine ran out of memory."
    if exitcode < 0:
        return f"The process that did the work crashed ({signal.strsignal(-exitcode)})."
    return f"The process that did the work ended itself (code {exitcode})."
