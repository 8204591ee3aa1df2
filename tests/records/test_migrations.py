import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from config import settings
from records import db, migrate, schema
from records.tables import METADATA, compared
from tests import postgres

ROOT = Path(__file__).resolve().parents[2]
COMPARED = {"compare_type": True, "compare_server_default": True, "include_object": compared}


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request, monkeypatch, tmp_path):
    """An address at which nothing has been migrated."""
    monkeypatch.setenv("TOTALVIEW_HOME", str(tmp_path))
    settings.cache_clear()
    if request.param == "sqlite":
        yield db.url()
        return
    with postgres.database(request.getfixturevalue("postgres_server")) as address:
        monkeypatch.setenv("DATABASE_URL", address)
        settings.cache_clear()
        yield db.url()
        db.forget_engines()


def asked(question):
    """What `question(connection)` answers on a connection of its own."""
    engine = create_engine(db.url())
    try:
        with engine.connect() as connection:
            return question(connection)
    finally:
        engine.dispose()


def tables() -> set[str]:
    names = asked(lambda connection: inspect(connection).get_table_names())
    return {name for name in names if compared(None, name)}


def revision() -> str | None:
    return asked(lambda connection: MigrationContext.configure(connection).get_current_revision())


def head() -> str | None:
    return ScriptDirectory.from_config(migrate._config()).get_current_head()


def downgrade(to: str) -> None:
    def do(connection: Connection) -> None:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.downgrade(config, to)

    asked(do)


def differences(connection: Connection) -> list:
    context = MigrationContext.configure(connection, opts=COMPARED)
    return compare_metadata(context, METADATA)


def test_up_from_nothing_to_what_the_models_say(nothing: str):
    assert schema.behind()
    migrate.upgrade()
    assert not schema.behind()
    assert tables() == {*METADATA.tables, "alembic_version"}
    assert asked(differences) == []


def test_migrating_again_changes_nothing_and_keeps_every_row(nothing: str):
    migrate.upgrade()
    with db.writing() as session:
        session.execute(text("INSERT INTO agent (name, team, active, created_at) VALUES ('A', '', true, '2026-01-01')"))
    migrate.upgrade()
    with db.reading() as session:
        assert session.execute(text("SELECT count(*) FROM agent")).scalar_one() == 1


def test_a_difference_between_models_and_schema_would_be_seen(nothing: str):
    migrate.upgrade()
    with db.writing() as session:
        session.execute(text("DROP INDEX ix_call_created"))
        session.execute(text("ALTER TABLE agent ADD COLUMN surplus INTEGER"))
    kinds = {difference[0] for difference in asked(differences)}
    assert kinds == {"add_index", "remove_column"}


def test_down_to_nothing_and_up_again(nothing: str):
    migrate.upgrade()
    downgrade("base")
    assert (tables() - {"alembic_version"}, revision()) == (set(), None)
    assert schema.behind()
    migrate.upgrade()
    assert (tables(), revision()) == ({*METADATA.tables, "alembic_version"}, head())
    assert asked(differences) == []


def test_a_migration_s_file_begins_with_its_revision_as_is_asked_without_alembic():
    history = ScriptDirectory.from_config(migrate._config())
    steps = {step.revision for step in history.walk_revisions()}
    assert {each for each in steps if schema.knows(each)} == steps
    assert schema.newest() == history.get_current_head()
    assert len(list((schema.MIGRATIONS / "versions").glob("[0-9]*.py"))) == len(steps)


def test_each_step_goes_down_and_up_by_itself(nothing: str):
    steps = [step.revision for step in ScriptDirectory.from_config(migrate._config()).walk_revisions()]
    migrate.upgrade()
    for step in steps[1:]:
        downgrade(step)
        assert revision() == step
        assert schema.behind()
        migrate.upgrade()
        assert asked(differences) == []


def test_several_processes_may_migrate_at_once(nothing: str):
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.records.migration_work"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    for process in begun:
        assert process.stdout.readline() == b"ready\n"
    for process in begun:
        process.stdin.write(b"\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=120)[1].decode() for process in begun]
    assert ([process.returncode for process in begun], errors) == ([0] * 4, [""] * 4)
    assert tables() == {*METADATA.tables, "alembic_version"}
    assert revision() == head()


def test_the_history_is_one_line(nothing: str):
    history = ScriptDirectory.from_config(migrate._config())
    assert len(history.get_heads()) == len(history.get_bases()) == 1


def test_a_migration_that_breaks_leaves_the_old_schema_and_no_lock(nothing: str, monkeypatch):
    def break_down(*_args: object) -> None:
        raise RuntimeError("no more")

    with monkeypatch.context() as patch:
        patch.setattr("alembic.operations.Operations.create_table", break_down)
        with pytest.raises(RuntimeError, match="no more"):
            migrate.upgrade()
    assert tables() <= {"alembic_version"}
    migrate.upgrade()
    assert revision() == head()
