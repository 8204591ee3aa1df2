"""Brings the database to the newest schema, whoever calls and however many at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, NullPool, create_engine, text

from records.db import connect_args, url

_LOCK = 7_205_759  # any number, the same in every process: PostgreSQL lets one migrate, the others wait


class NewerDatabase(Exception):  # noqa: N818  what it is
    """A newer version has worked on this database; the message says what to do."""

    def __init__(self, seen: str) -> None:
        super().__init__(
            f"The database is of a newer version ({seen}) than this program ({newest()}). "
            "Install the newer version on this machine too, and restart what runs here."
        )


def upgrade() -> None:
    """Run every migration that the database has not seen. Raises NewerDatabase."""
    seen = revision()
    if seen is not None and not knows(seen):
        raise NewerDatabase(seen)
    with _migrating() as config:
        command.upgrade(config, "head")


def empty_at(revision: str) -> None:
    """Give an empty database the schema of an earlier version, for rows that were exported from one."""
    with _migrating() as config:
        command.downgrade(config, revision)


def newest() -> str:
    """The revision that this version's tables have."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def knows(revision: str) -> bool:
    """Whether it is this version's, or one before it."""
    return revision in {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}


def behind() -> bool:
    """True when the database has not seen the newest migration."""
    return revision() != newest()


def revision() -> str | None:
    """The one that the database's tables have; None while there are no tables."""
    with _engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def draft(words: str) -> None:
    """Write a new migration from what the tables say and this database does not: `make migration WORDS="..."`."""
    upgrade()
    with _engine().connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, words, autogenerate=True, rev_id=f"{int(newest()) + 1:04d}")


@contextmanager
def _migrating() -> Iterator[Config]:
    """The one who migrates, on a connection that ends here."""
    with _engine().connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        yield config


def _engine() -> Engine:
    """No pool: the connection, and PostgreSQL's lock with it, must end with its block even when a migration breaks."""
    address = url()
    return create_engine(address, connect_args=connect_args(address, busy_s=60), poolclass=NullPool)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
