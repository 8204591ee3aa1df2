"""The rows of every table out of one snapshot, and into an empty database in one transaction."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Table, func, insert, inspect, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from pipeline.backup import values
from pipeline.backup.archive import damaged
from pipeline.backup.manifest import BackupRefused, Rows
from pipeline.backup.values import LEFT_OUT, Row
from records.tables import METADATA

READ_AT_ONCE = 50  # rows: a transcript of two hours is megabytes
ROWS_AT_ONCE, TEXT_AT_ONCE = 500, 4 << 20  # rows, or characters of their lines, in one statement


def tables() -> list[Table]:
    """Those that an archive holds, in the order in which they can be filled."""
    return [each for each in METADATA.sorted_tables if each.name not in LEFT_OUT]


def dump(connection: Connection, of: Table) -> Iterator[str]:
    """A table's rows as lines, by its key: a row may point to one before it."""
    columns = values.kinds(of)
    wanted = select(*(values.read(name, kind) for name, kind in columns.items())).select_from(table(of.name))
    in_order = wanted.order_by(*(text(f'"{key.name}"') for key in of.primary_key))
    for found in connection.execute(in_order, execution_options={"yield_per": READ_AT_ONCE}).mappings():
        yield values.line(columns, dict(found))


def first_with_rows(connection: Connection) -> str:
    """A table that is not empty; '' where all are."""
    there = set(inspect(connection).get_table_names())
    for each in METADATA.sorted_tables:
        if each.name in there and connection.execute(select(text("1")).select_from(table(each.name)).limit(1)).first():
            return each.name
    return ""


def hold_all(connection: Connection) -> None:
    """Let nobody else write before this transaction ends. SQLite's begins so."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{name}"' for name in sorted(inspect(connection).get_table_names()))
        connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def expect_room(connection: Connection, manifest_tables: Iterable[Rows]) -> None:
    """Raises BackupRefused where the archive has a table or a column that this schema has not."""
    there = inspect(connection)
    names = set(there.get_table_names())
    for each in manifest_tables:
        known = {column["name"] for column in there.get_columns(each.table)} if each.table in names else set()
        if each.table in LEFT_OUT or not set(each.columns) <= known:
            raise BackupRefused(f"The archive's table '{each.table}' does not fit its own version. Repeat the export.")


def fill(connection: Connection, of: Rows, lines: Iterable[str], moment: datetime) -> None:
    """Insert a table's rows, as they are where nothing is under way. Raises BackupRefused."""
    into = insert(table(of.table, *(values.stored(name, kind) for name, kind in of.columns.items())))
    first = 1
    for together in _batches(of, lines, moment):
        try:
            connection.execute(into, together)
        except SQLAlchemyError as error:
            why = str(getattr(error, "orig", None) or error).splitlines()[0]
            where = f"'{of.table}', rows {first} to {first + len(together) - 1}"
            raise BackupRefused(f"This database does not take rows of the archive ({where}): {why}.") from error
        first += len(together)


def number_on(connection: Connection, manifest_tables: Iterable[Rows]) -> None:
    """Let PostgreSQL's sequences go on after the highest number; SQLite looks by itself."""
    if connection.dialect.name != "postgresql":
        return
    numbered = text("SELECT pg_get_serial_sequence(quote_ident(:name), 'id')")
    for each in manifest_tables:
        sequence = "id" in each.columns and connection.execute(numbered, {"name": each.table}).scalar_one()
        if sequence:
            highest = select(func.max(values.stored("id", "number"))).select_from(table(each.table))
            highest_id = connection.execute(highest).scalar_one()
            if highest_id is not None:
                connection.execute(
                    text("SELECT setval(:sequence, :number)"), {"sequence": sequence, "number": highest_id}
                )


def ask_for_words(connection: Connection) -> None:
    """Put every call with a result on the list of those whose words are to be read. An older schema has no list yet."""
    if "unread_call" in inspect(connection).get_table_names():
        connection.execute(text("INSERT INTO unread_call (call_id) SELECT id FROM call WHERE version_number > 0"))


def _batches(of: Rows, lines: Iterable[str], moment: datetime) -> Iterator[list[Row]]:
    together: list[Row] = []
    size = 0
    for line in lines:
        try:
            together.append(values.settled(of.table, values.row(of.columns, line), moment))
        except (ValueError, KeyError, TypeError) as error:
            raise damaged(Path(of.file)) from error
        size += len(line)
        if len(together) >= ROWS_AT_ONCE or size >= TEXT_AT_ONCE:
            yield together
            together, size = [], 0
    if together:
        yield together
