"""Rows as lines of JSON and back, and what a row becomes in an installation in which nothing is under way yet."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, LargeBinary, Table, Text, cast, column
from sqlalchemy.sql.elements import ColumnClause, ColumnElement
from sqlalchemy.types import JSON, DateTime, Enum, Integer, TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

from pipeline.backup.manifest import Kind

# Said on the command line's page of the docs too.
LEFT_OUT: Mapping[str, str] = {
    "web_session": "nobody is signed in after an import",
    "provider_slot": "whoever works takes a place anew",
    "call_text": "made anew from the transcripts",
    "kept_day": "added up anew when somebody looks",
    "day_tally": "added up anew when somebody looks",
    "day_agent": "added up anew when somebody looks",
    "day_check": "added up anew when somebody looks",
    "unread_call": "the calls whose words are to be read: all of them, after an import",
}
_TYPES: Mapping[Kind, Callable[[], TypeEngine[Any]]] = {
    "text": Text,
    "number": BigInteger,
    "fraction": Float,
    "flag": Boolean,
    "time": UTCDateTime,
    "json": JSON,
    "bytes": LargeBinary,
}
Row = dict[str, Any]


def kinds(table: Table) -> dict[str, Kind]:
    """Of what kind each column is."""
    return {each.name: _kind(each.type) for each in table.columns}


def _kind(kind: TypeEngine[Any]) -> Kind:
    if isinstance(kind, UTCDateTime | DateTime):
        return "time"
    if isinstance(kind, Enum):  # as it is stored: a version that knows other words can read it all the same
        return "text"
    found: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
        (JSON, "json"),
        (Boolean, "flag"),
        (LargeBinary, "bytes"),
        (Float, "fraction"),
        (Integer, "number"),
    )
    return next((name for known, name in found if isinstance(kind, known)), "text")


def stored(name: str, kind: Kind) -> ColumnClause[Any]:
    """A column to insert into."""
    return column(name, _TYPES[kind]())


def read(name: str, kind: Kind) -> ColumnElement[Any]:
    """A column to select. JSON comes as the text that is stored, so that nothing of it is lost by reading it."""
    # PostgreSQL's driver parses JSON unless the server is asked for a text.
    return cast(column(name), Text).label(name) if kind == "json" else stored(name, kind)


def line(columns: Mapping[str, Kind], row: Mapping[str, Any]) -> str:
    """A row as one line of JSON."""
    return "{" + ", ".join(f"{json.dumps(name)}: {_text(kind, row[name])}" for name, kind in columns.items()) + "}\n"


def _text(kind: Kind, value: Any) -> str:  # noqa: ANN401  whatever a database holds
    if value is None:
        return "null"
    if kind == "json":
        return str(value).replace("\n", " ").replace("\r", " ")  # in JSON, a line's end is never part of a text
    if kind == "time":
        return json.dumps(value.astimezone(UTC).isoformat())
    return json.dumps(base64.b64encode(value).decode() if kind == "bytes" else value)


def row(columns: Mapping[str, Kind], text: str) -> Row:
    """The line's row. Raises ValueError, KeyError or TypeError where it is none."""
    told = json.loads(text)
    return {name: _value(kind, told[name]) for name, kind in columns.items()}


def _value(kind: Kind, told: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    if told is None:
        return None
    if kind == "time":
        return datetime.fromisoformat(told)
    return base64.b64decode(told) if kind == "bytes" else told


def settled(table: str, row: Row, moment: datetime) -> Row:
    """The row where nobody holds anything. By new tickets, whatever job an old queue still has is worth nothing."""
    change = _SETTLE.get(table)
    return {**row, **change(row, moment)} if change else row


def _run(row: Row, moment: datetime) -> Row:
    if row["ended_at"] is not None:
        return {}
    held = row["claim"] is not None
    freed = {"claim": None, "lease_until": None, "ticket": row["ticket"] + 1}
    # As when a worker hands it back: the try that was under way had never begun.
    return {**freed, "due_at": moment, "attempts": max(row["attempts"] - 1, 0)} if held else freed


def _delivery(row: Row, _moment: datetime) -> Row:
    waits = row["state"] == "waiting"
    return {"claim": None, "claim_until": None, "ticket": row["ticket"] + 1} if waits else {}


def _unclaimed(_row: Row, _moment: datetime) -> Row:
    return {"claim": None, "claim_until": None}


def _upload(_row: Row, _moment: datetime) -> Row:
    return {"held_by": None, "held_until": None}


_SETTLE: Mapping[str, Callable[[Row, datetime], Row]] = {
    "run": _run,
    "webhook_delivery": _delivery,
    "sftp_file": _unclaimed,
    "sftp_state": _unclaimed,
    "resumable_upload": _upload,
}
