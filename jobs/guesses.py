"""Wrong guesses of passwords and one-time links: counted in Redis for all web processes, and here while it is away."""

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from jobs import rates
from pipeline.clients import Kept

log = logging.getLogger(__name__)

T = TypeVar("T")
MINUTES = 15
NAMESPACE = "guess"


@dataclass(frozen=True)
class Bound:
    """So many wrong guesses are let through in a quarter of an hour; `whose` tells one count from another."""

    name: str
    most: int
    whose: tuple[str, ...]
    forgiven: bool = False  # by a right guess

    @property
    def limit(self) -> RateLimitItemPerMinute:
        return RateLimitItemPerMinute(self.most, MINUTES, namespace=NAMESPACE)


class TooMany(Exception):  # noqa: N818  what there were
    """No guess is let through before `wait_s` seconds have passed."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"Too many wrong guesses; the next in {wait_s} s.")
        self.wait_s = wait_s


def check(bounds: Sequence[Bound]) -> None:
    """Raises TooMany where a bound has been reached. Ask just before the guess is tried, right or wrong."""
    wait = _asked(lambda limiter: max((_wait_s(limiter, bound) for bound in bounds), default=0))
    if wait:
        raise TooMany(wait)


def wrong(bounds: Sequence[Bound]) -> None:
    """Count a wrong guess."""

    def hit(limiter: MovingWindowRateLimiter) -> list[Bound]:
        for bound in bounds:
            limiter.hit(bound.limit, bound.name, *bound.whose)
        return [bound for bound in bounds if _wait_s(limiter, bound)]

    for bound in _asked(hit):
        log.warning("%d wrong guesses in %d minutes: the bound '%s' is reached", bound.most, MINUTES, bound.name)


def right(bounds: Sequence[Bound]) -> None:
    """Forget the wrong guesses of whoever has now guessed right, where the bound is about that person alone."""

    def clear(limiter: MovingWindowRateLimiter) -> None:
        for bound in bounds:
            if bound.forgiven:
                limiter.clear(bound.limit, bound.name, *bound.whose)

    _asked(clear)


def _wait_s(limiter: MovingWindowRateLimiter, bound: Bound) -> int:
    """Seconds until this bound lets a guess through; 0 at once."""
    window = limiter.get_window_stats(bound.limit, bound.name, *bound.whose)
    return 0 if window.remaining > 0 else max(math.ceil(window.reset_time - time.time()), 1)


def _asked(work: Callable[[MovingWindowRateLimiter], T]) -> T:
    """What Redis answers; while it is away, what this process remembers by itself: the door is never without bounds."""
    if not rates.is_away():
        try:
            return work(_in_redis.get())
        except rates.AWAY as error:
            rates.note_away()
            log.warning("Redis is away, so that wrong guesses are counted in this process alone: %s", error)
    return work(_in_memory())


def _make() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(rates.storage())


@lru_cache(maxsize=1)
def _in_memory() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(MemoryStorage())


_in_redis = Kept(_make, rates.close)
