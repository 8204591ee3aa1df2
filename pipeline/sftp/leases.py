"""What one process holds for as long as it works: renewed by a thread, so that no long step looks like a dead one."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from config import settings

log = logging.getLogger(__name__)

Writing = Callable[[], Any]  # a transaction of whoever sweeps; it is refused where another one has taken over


def length() -> timedelta:
    """How long something is held without a sign of life."""
    return timedelta(seconds=settings().lease_seconds)


class Hands:
    """The claims of this process, each under a token, renewed by `renew(token)` for as long as its block lasts."""

    def __init__(self, name: str, renew: Callable[[str], object]) -> None:
        self._name, self._renew = name, renew
        self._lock, self._tokens = Lock(), set[str]()

    def tokens(self) -> list[str]:
        """What is held now."""
        with self._lock:
            return list(self._tokens)

    @contextmanager
    def holding(self, token: str) -> Iterator[None]:
        """Hold the claim of this token while the block runs."""
        done = Event()
        thread = Thread(target=self._beat, args=(token, done), name=self._name, daemon=True)
        with self._lock:
            self._tokens.add(token)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            with self._lock:
                self._tokens.discard(token)

    def _beat(self, token: str, done: Event) -> None:
        while not done.wait(length().total_seconds() / 3):
            try:
                self._renew(token)
            except SQLAlchemyError as error:
                log.warning("%s could not be renewed just now: %s", self._name, error)
