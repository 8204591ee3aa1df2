"""How many requests somebody has made in the last minute, over all web processes: counted in Redis."""

import logging
import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from jobs.connection import connect
from pipeline.clients import Kept

log = logging.getLogger(__name__)

PREFIX = "totalview-rate"
AWAY_S = 5.0  # while Redis is away nobody waits for it with every request


@dataclass(frozen=True)
class Standing:
    """Where somebody stands: so many more are allowed, and in `reset_s` seconds there are more again."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int


def count(who: str, per_minute: int) -> Standing | None:
    """Count one request. None while Redis is away: nothing is refused for want of a counter."""
    if time.monotonic() < _Away.until:
        return None
    limit = RateLimitItemPerMinute(per_minute)
    try:
        limiter = _limiter.get()
        allowed = limiter.hit(limit, who)
        window = limiter.get_window_stats(limit, who)
    except (RedisError, OSError) as error:
        _Away.until = time.monotonic() + AWAY_S
        log.warning("Redis is away, so that requests are not counted just now: %s", error)
        return None
    seconds = max(math.ceil(window.reset_time - time.time()), 1)
    return Standing(allowed, per_minute, window.remaining, seconds)


class _Away:
    until = float("-inf")


def _make() -> SlidingWindowCounterRateLimiter:
    pool = connect().connection_pool
    return SlidingWindowCounterRateLimiter(RedisStorage("redis://", connection_pool=pool, key_prefix=PREFIX))


def _close(limiter: SlidingWindowCounterRateLimiter) -> None:
    storage = limiter.storage
    if isinstance(storage, RedisStorage):
        storage.storage.connection_pool.disconnect()


_limiter = Kept(_make, _close)
