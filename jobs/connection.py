"""The connection to Redis: REDIS_URL, or the socket of our own server."""

from functools import lru_cache

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError  # noqa: A004  Redis's own, which its Retry looks for
from redis.retry import Retry

from config import settings
from jobs.redis_server import socket

CONNECTIONS = 5_000  # of one process: each of its threads holds one while it waits for a job, and may be 500 a stage


def shared() -> Redis:
    """The client of the whole process, whose connections stay open: to open one costs more than to ask for a job."""
    return _shared(_address())


def connect() -> Redis:
    """A client of one's own; it connects at its first command. Short retries ride out a restart of the server.

    A server that is silent is waited for once, 5 s as the library has it: five times over, somebody who uploads would
    wait for half a minute.
    """
    restarts = Retry(ExponentialBackoff(cap=0.5, base=0.02), 4, supported_errors=(ConnectionError,))
    return Redis.from_url(_address(), retry=restarts, health_check_interval=30, max_connections=CONNECTIONS)


def _address() -> str:
    return settings().redis_url or f"unix://{socket()}"


@lru_cache(maxsize=1)
def _shared(_of: str) -> Redis:
    return connect()
