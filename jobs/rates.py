"""How many requests somebody has made in the last minute, over all web processes: counted in Redis."""

import logging
import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import RateLimiter, SlidingWindowCounterRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from jobs.connection import connect
from pipeline.clients import Kept

log = logging.getLogger(__name__)

PREFIX = "totalview-rate"
AWAY = (RedisError, OSError)  # how it shows that Redis does not answer
SILENCE_S = 1.0
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
    if is_away():
        return None
    limit = RateLimitItemPerMinute(per_minute)
    try:
        limiter = _limiter.get()
        allowed = limiter.hit(limit, who)
        window = limiter.get_window_stats(limit, who)
    except AWAY as error:
        note_away()
        log.warning("Redis is away, so that requests are not counted just now: %s", error)
        return None
    seconds = max(math.ceil(window.reset_time - time.time()), 1)
    return Standing(allowed, per_minute, window.remaining, seconds)


def is_away() -> bool:
    """True for a moment after Redis did not answer."""
    return time.monotonic() < _Away.until


def note_away() -> None:
    """Redis has just not answered, so that it is not asked for a moment."""
    _Away.until = time.monotonic() + AWAY_S


def storage() -> RedisStorage:
    """Where counts are kept. Somebody stands at a door meanwhile, so that a silent server is given up on soon."""
    pool = connect().connection_pool
    once = Retry(NoBackoff(), 1)
    pool.connection_kwargs.update(socket_timeout=SILENCE_S, socket_connect_timeout=SILENCE_S, retry=once)
    return RedisStorage("redis://", connection_pool=pool, key_prefix=PREFIX)


def close(limiter: RateLimiter) -> None:
    """Let go of what a limiter keeps open."""
    kept = limiter.storage
    if isinstance(kept, RedisStorage):
        kept.storage.connection_pool.disconnect()


class _Away:
    until = float("-inf")


def _make() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(storage())


_limiter = Kept(_make, close)
