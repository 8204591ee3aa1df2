"""The connection to Redis: REDIS_URL, or the socket of our own server."""

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from config import settings
from jobs.redis_server import socket


def connect() -> Redis:
    """A client; it connects at its first command. Short retries ride out a restart of the server."""
    url = settings().redis_url or f"unix://{socket()}"
    return Redis.from_url(url, retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), 4), health_check_interval=30)
