"""Which schema the database has, and which this version wants: asked without Alembic, which takes 0.2 s to import."""

from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, inspect, text

from records.db import connect_args, url

MIGRATIONS = Path(__file__).with_name("migrations")
VERSION = 4  # digits, with which a migration's file name begins: its revision


class NewerDatabase(Exception):  # noqa: N818  what it is
    """A newer version has worked on this database; the message says what to do."""

    def __init__(self, seen: str) -> None:
        super().__init__(
            f"The database is of a newer version ({seen}) than this program ({newest()}). "
            "Install the newer version on this machine too, and restart what runs here."
        )


def newest() -> str:
    """The revision that this version's tables have."""
    return max(_revisions())


def knows(revision: str) -> bool:
    """Whether it is this version's, or one before it."""
    return revision in _revisions()


def behind() -> bool:
    """True when the database has not seen the newest migration."""
    return revision() != newest()


def revision() -> str | None:
    """The one that the database's tables have; None while there are no tables."""
    with engine().connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        seen: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return seen


def engine() -> Engine:
    """No pool: the connection, and PostgreSQL's lock with it, must end with its block even when a migration breaks."""
    address = url()
    return create_engine(address, connect_args=connect_args(address, busy_s=60), poolclass=NullPool)


def _revisions() -> frozenset[str]:
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return frozenset(each.name[:VERSION] for each in files)
