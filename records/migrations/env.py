"""Alembic's entry: runs on the connection that records/migrate.py hands over."""

from typing import Any, Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from records.tables import METADATA, compared


def spell(kind: str, item: Any, _context: Any) -> str | Literal[False]:  # noqa: ANN401  Alembic's own signature
    """How a new migration writes SQLModel's types: by names that the type checker knows."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return "UTCDateTime()" if kind == "type" and isinstance(item, UTCDateTime) else False


connection = context.config.attributes["connection"]
if connection.dialect.name == "sqlite":
    # One migrates, the others wait here and then find nothing to do.
    connection.connection.driver_connection.isolation_level = None
    connection.exec_driver_sql("BEGIN IMMEDIATE")
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
    render_item=spell,
    include_object=compared,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
