"""Clients of providers: one a process, for each keeps connections. Another configuration closes the one before."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

Client = TypeVar("Client")


class Kept(Generic[Client]):
    """Makes a client when it is first wanted, and keeps it. May be asked by any thread."""

    def __init__(self, make: Callable[..., Client], close: Callable[[Client], Any]) -> None:
        self._make, self._close = make, close
        self._lock = Lock()
        self._key: tuple[Hashable, ...] | None = None
        self._client: Client | None = None
        _all.append(self)

    def get(self, *configuration: Hashable) -> Client:
        """The client of this configuration, which is what it is made from."""
        with self._lock:
            if self._client is None or self._key != configuration:
                self._forget()
                self._client = self._make(*configuration)
                self._key = configuration
            return self._client

    def forget(self) -> None:
        """Close it; the next one who asks gets a new one."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        if self._client is not None:
            self._close(self._client)
        self._key = self._client = None


def forget_all() -> None:
    """Close every client of this process."""
    for kept in _all:
        kept.forget()


_all: list[Kept[Any]] = []
