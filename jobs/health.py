"""Is each part there: a check a part, which returns what it found or raises Trouble in words that say what to do."""

import os
from collections.abc import Callable
from uuid import uuid4

from redis.exceptions import AuthenticationError, ReadOnlyError, RedisError, ResponseError
from rq import Worker
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from config import settings
from jobs.connection import shared
from jobs.enqueue import QUEUES, STAGE_QUEUES
from pipeline.storage import StorageAway, storage
from records.db import reading
from records.schema import NewerDatabase, knows, newest, revision

OLDEST_REDIS = (6, 2)
KEEPS = "noeviction"
CHECK_KEPT_S = 10


class Trouble(Exception):  # noqa: N818  what it is
    """A part is not as it should be; the message says what is wrong and what to do."""


def database() -> str:
    """Reachable, can be written, and of this version's schema."""
    try:
        kind = _database()
    except (SQLAlchemyError, OSError) as error:
        cause = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise Trouble(f"The database cannot be used: {cause.rstrip('.')}. {_about_database()}") from error
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(kind, kind)


def _database() -> str:
    _check_folder()
    with reading() as session:
        connection = session.connection()
        kind = connection.dialect.name
        shut = kind == "postgresql" and connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on"
    if shut:
        raise Trouble(
            "The database takes no writing: it is a standby, or set to read only. "
            "Set DATABASE_URL to the primary (with several hosts in it: target_session_attrs=read-write)."
        )
    _check_schema(revision())
    return kind


def _check_folder() -> None:
    """SQLite itself finds out only when it writes, and says little then."""
    folder = settings().folder
    kept = [folder, *folder.glob("totalview.db*")]
    if not settings().database_url and folder.exists() and not all(os.access(path, os.W_OK) for path in kept):
        raise Trouble(f"The database in {folder} cannot be written. {_about_database()}")


def _check_schema(seen: str | None) -> None:
    if seen is None:
        raise Trouble("The database has no tables yet. Run `totalview migrate`.")
    if not knows(seen):
        raise Trouble(str(NewerDatabase(seen)))
    if seen != newest():
        raise Trouble("The database is of an older version. Run `totalview migrate`.")


def _about_database() -> str:
    if settings().database_url:
        return "Check DATABASE_URL and that the server runs."
    return "Check that TOTALVIEW_HOME can be written and is not full; docs/backup.md says how to restore."


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
    """Redis answers, is new enough, and takes what is written."""
    about = "Check REDIS_URL and that the server runs" if settings().redis_url else "Start it with `totalview up`"
    try:
        client = shared()
        version = str(client.info("server")["redis_version"])
        client.set("totalview:check", "written", ex=CHECK_KEPT_S)
    except AuthenticationError as error:
        raise Trouble(f"Redis does not let us in ({_said(error)}). Check the password in REDIS_URL.") from error
    except ReadOnlyError as error:
        raise Trouble("Redis takes no writing: it is a replica. Set REDIS_URL to the primary.") from error
    except ResponseError as error:  # out of memory, a disk that is full
        raise Trouble(f"Redis takes no writing ({_said(error)}). Give it room, or look into its log.") from error
    except (RedisError, OSError) as error:
        raise Trouble(f"Redis cannot be reached ({_said(error)}). {about}.") from error
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        raise Trouble(f"Redis {version} is too old; 6.2 or newer is needed.")
    return f"Redis {version}"


def keeping() -> None:
    """Redis never throws away what it holds. What it lost costs a minute each time, so that this is no outage."""
    memory = shared().info("memory")
    policy = memory.get("maxmemory_policy", KEEPS)
    if memory.get("maxmemory") and policy != KEEPS:
        raise Trouble(f"Redis throws jobs away when its memory is full (maxmemory-policy {policy}). Set it to {KEEPS}.")


def _said(error: Exception) -> str:
    return str(error).rstrip(".")


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
        return [name for worker in Worker.all(connection=shared()) for name in worker.queue_names()]
    except (RedisError, OSError):
        return []


def pipeline_served() -> bool:
    """True when somebody takes calls through every stage."""
    return set(STAGE_QUEUES) <= set(served_queues())


CHECKS: dict[str, Callable[[], str]] = {"database": database, "storage": recordings, "queue": queue, "workers": workers}
READY = ("database", "storage", "queue")  # what a web process needs to answer requests
