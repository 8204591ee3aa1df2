"""Brings the database to the newest schema, whoever calls and however many at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from records.schema import MIGRATIONS, NewerDatabase, engine, knows, newest, revision

_LOCK = 7_205_759  # any number, the same in every process: PostgreSQL lets one migrate, the others wait


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


def draft(words: str) -> None:
    """Write a new migration from what the tables say and this database does not: `make migration WORDS="..."`."""
    upgrade()
    with engine().connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, words, autogenerate=True, rev_id=f"{int(newest()) + 1:04d}")


@contextmanager
def _migrating() -> Iterator[Config]:
    """The one who migrates, on a connection that ends here."""
    with engine().connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        yield config


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
