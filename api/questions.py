"""What may stand in an address: ids, versions, times and texts, each within what every database takes."""

import base64
import binascii
import struct
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BeforeValidator, Field
from pydantic.json_schema import SkipJsonSchema

from api.problems import Problem
from records.call_order import Place
from records.db import LARGEST_ID

TEXT = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]*$"  # what records.lines shows; no database breaks on it

Nothing = SkipJsonSchema[None]  # what is left out of an address; a `null` cannot be written there
CallId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="A call's id.")]
BulkJobId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="A bulk job's id.")]
VersionNumber = Annotated[
    Annotated[int, Field(ge=1, le=LARGEST_ID)] | Nothing,
    Query(description="One of the call's versions; without it, the newest."),
]


def _whole(given: Any) -> Any:  # noqa: ANN401  whatever comes; pydantic says no to the rest
    """JSON knows one kind of number: 3.0 is a whole one."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


Whole = Annotated[int, Field(strict=True), BeforeValidator(_whole)]
"""A whole number in a body; neither a text nor a yes or no is one."""


def _moment(given: Any) -> Any:  # noqa: ANN401  whatever comes; pydantic says no to the rest
    """ISO 8601 and nothing else: pydantic alone would take `2026` for a second of the year 1970."""
    if not isinstance(given, str):
        return given
    try:
        found = datetime.fromisoformat(given.strip().upper().replace(" ", "+"))  # in an address a bare + is a space
    except ValueError as error:
        raise ValueError("write a time in ISO 8601, such as 2026-03-04T14:05:00Z") from error
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:  # the first and the last day of all
        return found.replace(tzinfo=UTC)


Moment = Annotated[datetime, BeforeValidator(_moment)]


def Line(longest: int, description: str) -> Any:  # noqa: N802, ANN401  beside pydantic's own Field
    """A text in one line."""
    return Field(default="", max_length=longest, pattern=TEXT, description=description)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = struct.Struct(">q16s")  # microseconds, the call's id


def cursor_of(place: Place) -> str:
    """A place in the list as text that nobody needs to read."""
    passed = (place.created_at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(_PLACE.pack(passed, bytes.fromhex(place.id))).decode()


def place_of(cursor: str) -> Place | None:
    """The place behind a cursor; None for an empty one. Raises Problem for what no list has given."""
    if not cursor:
        return None
    try:
        passed, call_id = _PLACE.unpack(base64.b64decode(cursor, altchars=b"-_", validate=True))
        return Place(_EPOCH + timedelta(microseconds=passed), call_id.hex())
    except (binascii.Error, struct.error, ValueError, OverflowError) as error:
        words = "This cursor is none that a list has given. Begin again without `cursor`."
        raise Problem("bad-cursor", words) from error


def invalid(field: str, words: str) -> Problem:
    """The refusal of a field of the body, for what no schema can say."""
    return Problem("invalid", words, errors=[{"where": ["body", field], "what": words}])
