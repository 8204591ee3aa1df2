"""How many connections a process opens to PostgreSQL, and what happens when all are taken."""

from threading import Barrier, Thread

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select, text

from records import db
from records.agents import Agent


def names() -> set[str]:
    with db.reading() as session:
        return set(session.exec(select(Agent.name)))


def add(name: str) -> None:
    with db.writing() as session:
        session.add(Agent(name=name))


def connections() -> int:
    with db.reading() as session:
        opened = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return session.execute(opened).scalar_one()


def test_the_server_compiles_no_question_and_hears_of_a_host_that_is_gone(on_postgres: str):
    with db.reading() as session:
        assert session.execute(text("SHOW jit")).scalar() == "off"
        assert session.execute(text("SHOW tcp_keepalives_idle")).scalar() == "10"


def test_more_threads_than_connections_take_turns(on_postgres: str):
    start = Barrier(32)

    def work(number: int) -> None:
        start.wait()
        for turn in range(4):
            add(f"{number}-{turn}")
            names()

    threads = [Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names()) == 128
    assert connections() == db.CONNECTIONS


def test_no_connection_to_spare_is_told_as_a_database_that_is_away(on_postgres: str, monkeypatch):
    monkeypatch.setattr(db, "_open", db._open.opens)  # an engine of its own
    monkeypatch.setattr(db, "CONNECTIONS", 1)
    monkeypatch.setattr(db, "PATIENCE_S", 0.05)
    with db.writing() as session:
        session.add(Agent(name="Ann"))
        session.flush()
        for other in (names, lambda: add("Bob")):
            with pytest.raises(OperationalError, match="limit of size 1"):
                other()
    assert names() == {"Ann"}
