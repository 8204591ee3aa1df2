"""Connections that are kept for a moment for whoever asks next, each used by one thread at a time."""

from collections.abc import Callable
from threading import Lock, Timer
from time import monotonic
from typing import Generic, Protocol, TypeVar

IDLE_S = 30.0


class Poolable(Protocol):
    """What can be kept."""

    @property
    def usable(self) -> bool: ...

    def close(self) -> None: ...


One = TypeVar("One", bound=Poolable)


class Pool(Generic[One]):
    """May be asked by any thread. Nothing is kept longer than IDLE_S, for servers count their connections."""

    def __init__(self, make: Callable[[], One]) -> None:
        self._make = make
        self._lock = Lock()
        self._idle: list[tuple[One, float]] = []
        self._timer: Timer | None = None
        self._closed = False

    def take(self) -> One:
        """One that was given back last, or a new one. Raises what making one raises."""
        while True:
            with self._lock:
                kept = self._idle.pop()[0] if self._idle else None
            if kept is None:
                return self._make()
            if kept.usable:
                return kept
            kept.close()

    def give_back(self, one: One) -> None:
        """Keep it, or close it where it is of no further use."""
        with self._lock:
            keep = one.usable and not self._closed
            if keep:
                self._idle.append((one, monotonic()))
                self._watch()
        if not keep:
            one.close()

    def close(self) -> None:
        """Close all that nobody uses now; the others when they are given back."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            idle, self._idle = self._idle, []
        for one, _ in idle:
            one.close()

    def _watch(self) -> None:
        if self._timer is None:
            self._timer = Timer(IDLE_S, self._expire)
            self._timer.daemon = True
            self._timer.start()

    def _expire(self) -> None:
        with self._lock:
            self._timer = None
            limit = monotonic() - IDLE_S
            old = [one for one, since in self._idle if since <= limit]
            self._idle = [kept for kept in self._idle if kept[1] > limit]
            if self._idle and not self._closed:
                self._watch()
        for one in old:
            one.close()
