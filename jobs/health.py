"""Is each part there: a check a part, which returns what it found or raises Trouble in words that say what to do."""

from collections.abc import Callable
from uuid import uuid4

from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from config import settings
from jobs.connection import connect
from jobs.enqueue import QUEUES, STAGE_QUEUES
from pipeline.storage import StorageAway, storage
from records.db import reading
from records.migrate import behind

OLDEST_REDIS = (6, 2)


class Trouble(Exception):  # noqa: N818  what it is
    """A part is not as it should be; the message says what is wrong and what to do."""


def database() -> str:
    """Reachable, and of this version's schema."""
    try:
        with reading() as session:
            session.connection().execute(text("SELECT 1"))
            kind = session.connection().dialect.name
        if behind():
            raise Trouble("The database is of an older version. Run `totalview migrate`.")
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", error)).splitlines()[0]
        raise Trouble(
            f"The database cannot be reached: {cause}. Check DATABASE_URL and that the server runs."
        ) from error
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(kind, kind)


def recordings() -> str:
    """Something can be stored, read and deleted."""
    shelf, key = storage(), f"checks/{uuid4().hex}"
    try:
        with shelf.write(key) as sink:
            sink.write(b"totalview")
        with shelf.open(key) as kept:
            if kept.read() != b"totalview":
                raise Trouble(f"What was written to {_place()} came back as other bytes. Do not trust it.")
        shelf.delete(key)
    except (StorageAway, OSError) as error:
        what_to_do = "" if settings().s3_bucket else " Check that TOTALVIEW_HOME can be written and is not full."
        raise Trouble(f"{error}{what_to_do}") from error
    return f"written, read and deleted in {_place()}"


def _place() -> str:
    return f"the bucket '{settings().s3_bucket}'" if settings().s3_bucket else "a folder"


def queue() -> str:
    """Redis answers, and is new enough."""
    try:
        version = str(connect().info("server")["redis_version"])
    except (RedisError, OSError) as error:
        start = "Check REDIS_URL and that the server runs" if settings().redis_url else "Start it with `totalview up`"
        raise Trouble(f"Redis cannot be reached ({str(error).rstrip('.')}). {start}.") from error
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        raise Trouble(f"Redis {version} is too old; 6.2 or newer is needed.")
    return f"Redis {version}"


def workers() -> str:
    """Every queue has a worker."""
    served = served_queues()
    missing = [name for name in QUEUES if name not in served]
    if missing:
        raise Trouble(f"No worker takes jobs from {', '.join(missing)}. Start `totalview up` or `totalview worker`.")
    return ", ".join(f"{name}: {served.count(name)}" for name in QUEUES)


def served_queues() -> list[str]:
    """The queue of each living worker; empty when Redis is away."""
    try:
        return [name for worker in Worker.all(connection=connect()) for name in worker.queue_names()]
    except (RedisError, OSError):
        return []


def pipeline_served() -> bool:
    """True when somebody takes calls through every stage."""
    return set(STAGE_QUEUES) <= set(served_queues())


CHECKS: dict[str, Callable[[], str]] = {"database": database, "storage": recordings, "queue": queue, "workers": workers}
READY = ("database", "storage", "queue")  # what a web process needs to answer requests
