"""How much room the database takes."""

from sqlalchemy import text
from sqlmodel import Session


def database_bytes(session: Session) -> int:
    """The size of the database on its disk, without SQLite's log beside it."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())
