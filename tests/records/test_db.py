import os
import signal
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlmodel import func, select, text

from config import settings
from records import db
from records.agents import Agent
from records.people import User
from records.roles import Role
from tests.records import made


def names() -> set[str]:
    with db.reading() as session:
        return set(session.exec(select(Agent.name)))


def add(name: str) -> None:
    with db.writing() as session:
        session.add(Agent(name=name))


def test_writing_commits(database: str):
    add("Ann")
    assert names() == {"Ann"}


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_any_exception_rolls_everything_back(database: str, kind: type[BaseException]):
    with pytest.raises(kind):
        made.broken_off(lambda session: made.agent(session, "Ann"), kind)
    assert names() == set()


def test_the_next_transaction_works_after_one_that_broke(database: str):
    with pytest.raises(RuntimeError), db.writing():
        raise RuntimeError
    add("Ann")
    assert names() == {"Ann"}


def test_reading_sees_nothing_that_is_not_committed(database: str):
    written, looked = Event(), Event()

    def write() -> None:
        with db.writing() as session:
            session.add(Agent(name="Ann"))
            session.flush()
            written.set()
            looked.wait(20)

    writer = Thread(target=write)
    writer.start()
    assert written.wait(20)
    during = names()  # does not wait for the writer either
    looked.set()
    writer.join()
    assert (during, names()) == (set(), {"Ann"})


def test_one_reading_sees_one_state_of_the_database_on_sqlite(about_sqlite):
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(Agent)).one() == 0
        add("Ann")
        assert session.exec(select(func.count()).select_from(Agent)).one() == 0
    assert names() == {"Ann"}


def test_rows_stay_usable_after_their_session(database: str):
    with db.writing() as session:
        row = made.agent(session, "Ann")
    assert (row.name, row.active) == ("Ann", True)


def test_eight_threads_write_at_once_and_lose_nothing(database: str):
    start, errors = Barrier(8), []

    def work(number: int) -> None:
        start.wait()
        try:
            for turn in range(12):
                with db.writing() as session:
                    session.exec(select(func.count()).select_from(Agent)).one()  # read first, as real work does
                    session.add(Agent(name=f"{number}-{turn}"))
        except Exception as error:
            errors.append(error)
            raise

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert names() == {f"{number}-{turn}" for number in range(8) for turn in range(12)}


def test_read_and_raise_by_eight_threads_counts_to_the_end_on_sqlite(about_sqlite):
    """A read inside `writing` already holds the one write lock, so that nothing is lost in between."""
    with db.writing() as session:
        row = made.agent(session, "0")

    def work() -> None:
        for _ in range(10):
            with db.writing() as session:
                mine = session.get_one(Agent, row.id)
                mine.name = str(int(mine.name) + 1)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names() == {"80"}


def test_a_time_without_a_zone_is_refused(database: str):
    with pytest.raises((StatementError, ValueError)), db.writing() as session:
        session.add(Agent(name="Ann", created_at=datetime(2026, 1, 2)))  # noqa: DTZ001  the mistake under test
    assert names() == set()


def test_a_time_of_another_zone_comes_back_as_the_same_moment_in_utc(database: str):
    there = datetime(2026, 7, 1, 9, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with db.writing() as session:
        row = Agent(name="Ann", created_at=there)
        session.add(row)
    with db.reading() as session:
        back = session.get_one(Agent, row.id).created_at
    assert (back, back.utcoffset()) == (datetime(2026, 7, 1, 4, 0, 15, 123456, tzinfo=UTC), timedelta(0))


def test_now_is_aware_and_in_utc():
    assert db.now().utcoffset() == timedelta(0)


def test_foreign_keys_hold(database: str):
    with pytest.raises(IntegrityError), db.writing() as session:
        session.add(User(email="a@b", name="A", role=Role.AGENT, agent_id=999))


def test_sqlite_keeps_a_write_ahead_log_and_survives_power_cuts(about_sqlite):
    with db.writing() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_lock_that_is_waited_for_in_vain_fails_as_every_database_does(about_sqlite, monkeypatch):
    monkeypatch.setattr(db, "BUSY_S", 0)
    other = sqlite3.connect(about_sqlite, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        add("Ben")
    other.execute("ROLLBACK")
    add("Ann")
    assert names() == {"Ann"}


def test_a_lock_held_by_another_program_is_waited_for(about_sqlite):
    other = sqlite3.connect(about_sqlite, check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer = Thread(target=add, args=("Ann",))
    writer.start()
    writer.join(0.5)
    assert writer.is_alive()
    other.execute("COMMIT")
    other.close()
    writer.join(20)
    assert names() == {"Ann"}


def in_a_fork(work) -> bytes:
    """What `work` answers in a forked child; its exceptions end the child with code 1."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writes, work())
            os._exit(0)
        except BaseException:  # noqa: BLE001  the child must not go on as a second pytest
            os._exit(1)
    os.close(writes)
    answer = b"".join(iter(lambda: os.read(reads, 4096), b""))
    os.close(reads)
    assert os.waitpid(child, 0)[1] == 0
    return answer


def test_a_forked_child_writes_by_connections_of_its_own(database: str):
    add("parent")
    mine = id(db._engine(writes=True))

    def child() -> bytes:
        add("child")
        return b"own" if id(db._engine(writes=True)) != mine else b"shared"

    assert in_a_fork(child) == b"own"
    add("parent again")
    assert names() == {"parent", "child", "parent again"}


def test_a_forked_child_that_closes_its_connections_leaves_the_parents_alone(database: str):
    def who() -> int:
        with db.reading() as session:
            return session.execute(text("SELECT pg_backend_pid()")).scalar_one() if database == "postgresql" else 0

    def child() -> bytes:
        add("child")
        db.forget_engines()
        return b"done"

    before = who()
    assert in_a_fork(child) == b"done"
    assert who() == before  # the very connection that the parent had
    assert names() == {"child"}


def test_a_fork_in_the_middle_of_another_threads_opening_does_not_hang(home):
    add("parent")  # makes the lock
    held, leave = Event(), Event()

    def hold() -> None:
        with db._opening[os.getpid()]:
            held.set()
            leave.wait(20)

    holder = Thread(target=hold)
    holder.start()
    held.wait(20)

    def child() -> bytes:
        signal.alarm(5)
        add("child")
        return b"done"

    try:
        assert in_a_fork(child) == b"done"
    finally:
        leave.set()
        holder.join()


@pytest.mark.parametrize(
    ("given", "spoken"),
    [
        ("postgresql://u:p@h/d", "postgresql"),
        ("postgres://u:p@h:5432/d?sslmode=require", "postgresql"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg"),
    ],
)
def test_postgresql_is_spoken_by_psycopg_3_however_it_is_written(monkeypatch, given: str, spoken: str):
    monkeypatch.setenv("DATABASE_URL", given)
    settings.cache_clear()
    address = make_url(db.url())
    assert address.drivername == spoken
    assert address.get_dialect().driver == "psycopg"


def test_the_folder_for_sqlite_is_made_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("TOTALVIEW_HOME", str(tmp_path / "deep" / "home"))
    settings.cache_clear()
    assert db.url() == f"sqlite:///{tmp_path}/deep/home/totalview.db"
    assert (tmp_path / "deep" / "home").stat().st_mode & 0o777 == 0o700


def test_an_enum_is_stored_by_its_value(database: str):
    with db.writing() as session:
        campaign = made.stored_campaign(session, "Support")
        call = made.stored_call(session, campaign)
        row = session.execute(text("SELECT status, source FROM call WHERE id = :id"), {"id": call.id}).one()
    assert tuple(row) == ("pending", "api")


def test_an_error_does_not_repeat_what_was_to_be_stored(database: str):
    def again(session) -> None:
        session.add(Agent(id=1, name="what somebody said"))
        session.flush()

    add("Ann")
    with pytest.raises(IntegrityError) as caught:
        made.broken_off(again)
    assert "what somebody said" not in str(caught.value)
