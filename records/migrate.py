"""Brings the database to the newest schema, whoever calls and however many at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, text

from records.db import url

_LOCK = 7_205_759  # any number, the same in every process: PostgreSQL lets one migrate, the others wait


def upgrade() -> None:
    """Run every migration that the database has not seen."""
    # No pool: the connection, and PostgreSQL's lock with it, must end here even when a migration breaks.
    patience = {"timeout": 60} if url().startswith("sqlite") else {}
    engine = create_engine(url(), connect_args=patience, poolclass=NullPool)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def behind() -> bool:
    """True when the database has not seen the newest migration."""
    with create_engine(url(), poolclass=NullPool).connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current != ScriptDirectory.from_config(_config()).get_current_head()


def draft(words: str) -> None:
    """Write a new migration from what the tables say and this database does not: `make migration WORDS="..."`."""
    upgrade()
    with create_engine(url(), poolclass=NullPool).connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        newest = ScriptDirectory.from_config(config).get_current_head() or "0000"
        command.revision(config, words, autogenerate=True, rev_id=f"{int(newest) + 1:04d}")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
