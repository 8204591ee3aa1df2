"""Sessions on the one database: SQLite in TOTALVIEW_HOME, or PostgreSQL by DATABASE_URL."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, Enum, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlmodel import Session, SQLModel, create_engine

from config import settings

if TYPE_CHECKING:
    import psycopg  # which takes a twentieth of a second, and SQLite needs none of it

# PostgreSQL takes 100 unless told otherwise; `totalview up` starts five processes, and twice the workers make seven.
# More would not be faster: 32 threads wait for providers, and hold a connection for milliseconds.
CONNECTIONS = 10  # of one process
PATIENCE_S = 30.0  # for one that another thread holds
BUSY_S = 30  # SQLite: for another process's writer
WRITER_GLANCE_S = 0.001
# A server that is cut off says nothing, and Linux would wait for it for 15 minutes, with no end while it owes an answer
# to what it has confirmed. So it is given up within 20 s: well before a worker's lease runs out (45 s).
SILENCE = {
    "connect_timeout": 10,
    "tcp_user_timeout": 15_000,  # milliseconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
_SERVERS_END = (  # for two hours it would hold the rows of a host that is cut off while it writes
    "SET tcp_user_timeout = 15000; SET tcp_keepalives_idle = 10; "
    "SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2"
)
_NO_COMPILING = "SET jit = off"  # of the 37 ms that Home asked for its checks at a million calls, it took 14
_SILENT = {"hide_parameters": True}  # what is stored is repeated by no error: it may be what somebody said
UNSEEN = {"synchronize_session": False}  # of an UPDATE or DELETE whose rows nobody reads again in its session
LARGEST_ID = 2**31 - 1  # that every database takes for a row's number


def url() -> str:
    """The database's address; `postgresql://` is spoken by psycopg 3."""
    given = settings().database_url
    if given:
        return "postgresql" + given[len("postgres") :] if given.startswith("postgres://") else given
    return f"sqlite:///{_made(settings().folder) / 'totalview.db'}"


@contextmanager
def writing() -> Iterator[Session]:
    """One transaction that writes: committed at the end, rolled back by any exception.

    Never make a network call inside: on SQLite nobody else can write meanwhile.
    """
    with (
        _turn(),
        _all_taken_is_away(),
        Session(_engine(writes=True), expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """A session that only reads; on SQLite it never waits for writers."""
    with _all_taken_is_away(), Session(_engine(writes=False), expire_on_commit=False) as session:
        yield session


@contextmanager
def snapshot() -> Iterator[Session]:
    """A session that only reads, and sees all as it was at its first look, however much is written meanwhile."""
    with reading() as session:
        if not url().startswith("sqlite"):  # there a transaction that reads is one by itself
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def connect_args(address: str, *, busy_s: int = 30) -> dict[str, object]:
    """How long a connection waits for whom; what the address itself says of that goes before ours."""
    if address.startswith("sqlite"):
        return {"timeout": busy_s}
    given = make_url(address).query
    return {name: value for name, value in SILENCE.items() if name not in given}


def forget_engines() -> None:
    """Close every connection of this process; the next session opens new ones. A fork leaves its parent's alone."""
    for key in [key for key in _engines if key[1] == os.getpid()]:
        _engines.pop(key).dispose()


def stored_as_value(kind: type[StrEnum]) -> Enum:
    """SQLAlchemy stores enum *names* unless told otherwise; the database holds values, as text."""
    return Enum(
        kind, native_enum=False, length=24, values_callable=lambda members: [member.value for member in members]
    )


def stored_id(number: int | None) -> int:
    """The id of a row that has been stored: the type says None only because a new row has none yet."""
    if number is None:
        raise ValueError("This row has not been stored.")
    return number


def insert_into(session: Session, table: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say what is to happen where the row is there already, in this database's own words."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(table)


def now() -> datetime:
    """This moment, aware, in UTC: how every time is stored."""
    return datetime.now(UTC)


@lru_cache(maxsize=1)
def _made(folder: Path) -> Path:
    """Once a process: one that vanishes under a running program is not to come back empty."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def _turn() -> Iterator[None]:
    """On SQLite, this process's writers one by one: its own busy wait let one of 32 threads wait for 11 s."""
    if not url().startswith("sqlite"):
        yield
        return
    with _writers.setdefault(os.getpid(), Lock()):
        yield


_writers: dict[int, Lock] = {}  # by process id, as below
_engines: dict[tuple[str, int, bool], Engine] = {}  # by process id too: a forked worker must not share connections
_opening: dict[int, Lock] = {}  # by process id: a fork may happen while another thread holds the parent's


@contextmanager
def _all_taken_is_away() -> Iterator[None]:
    """A database that has no connection to spare is as good as away, and is waited out like one."""
    try:
        yield
    except NoneFree as error:
        raise OperationalError(None, None, error) from error


def _engine(*, writes: bool) -> Engine:
    address = url()
    key = (address, os.getpid(), writes and address.startswith("sqlite"))  # PostgreSQL begins both alike
    with _opening.setdefault(os.getpid(), Lock()):
        if key not in _engines:
            _engines[key] = _open(*key)
        return _engines[key]


def _open(address: str, _pid: int, writes: bool) -> Engine:
    if not address.startswith("sqlite"):
        pool = {"pool_pre_ping": True, "pool_size": CONNECTIONS, "max_overflow": 0, "pool_timeout": PATIENCE_S}
        engine = create_engine(address, **_SILENT, **pool, connect_args=connect_args(address))
        event.listen(engine, "connect", _prepare_postgres)
        return engine
    engine = create_engine(address, **_SILENT, connect_args=connect_args(address))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate if writes else _begin_deferred)
    return engine


def _prepare_postgres(connection: "psycopg.Connection", _record: object) -> None:
    # Not by the connection's `options`, which poolers such as PgBouncer refuse.
    connection.execute(f"{_SERVERS_END}; {_NO_COMPILING}")
    connection.commit()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not open transactions by itself: `begin` below decides which kind.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_S * 1000}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    _turn_to_wal(connection)


def _turn_to_wal(connection: sqlite3.Connection) -> None:
    """The file's first switch to WAL fails at once where another process writes: no busy timeout covers it."""
    until = monotonic() + 30
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.02)
        else:
            return


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that turns writer late fails with 'locked' at once instead of waiting its turn. SQLite's
    # own wait for another process's writer sleeps ever longer, up to 100 ms, while nobody writes.
    raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # _open made it
    until = monotonic() + BUSY_S
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while _another_writes(raw) and monotonic() < until:
            sleep(WRITER_GLANCE_S)
        if not raw.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, so that it fails in SQLAlchemy's words
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_S * 1000}")


def _another_writes(raw: sqlite3.Connection) -> bool:
    """Whether another process keeps us from beginning to write; else we have begun, or something is wrong."""
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
