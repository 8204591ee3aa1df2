"""The orders that a list of calls comes in, and places in them: pages are read by key, forth and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, literal, tuple_
from sqlalchemy.orm import Mapped
from sqlmodel import Float, Integer, col
from sqlmodel.sql.sqltypes import UTCDateTime

from records.calls import Call

Value = float | int | datetime | None


class Sort(StrEnum):
    """What comes first. Calls of which it cannot be said (no score, not decoded yet) come last."""

    NEWEST = "newest"  # by when they were added
    OLDEST = "oldest"
    LOWEST = "lowest"  # effective score
    HIGHEST = "highest"
    LONGEST = "longest"
    SHORTEST = "shortest"
    CALLED_LAST = "called_last"  # by when the call took place
    CALLED_FIRST = "called_first"

    @property
    def up(self) -> bool:
        """From the smallest."""
        return self in _UP

    def of(self, call: Any) -> Value:  # noqa: ANN401  a Call, or a row with its figures
        """What a call is sorted by besides when it was added."""
        name = _NAMES.get(self)
        found: Value = getattr(call, name) if name else None
        return found


_UP = {Sort.OLDEST, Sort.LOWEST, Sort.SHORTEST, Sort.CALLED_FIRST}
_NAMES = {
    **dict.fromkeys((Sort.LOWEST, Sort.HIGHEST), "effective_score"),
    **dict.fromkeys((Sort.LONGEST, Sort.SHORTEST), "duration_ms"),
    **dict.fromkeys((Sort.CALLED_LAST, Sort.CALLED_FIRST), "called_at"),
}
_COLUMNS: dict[str, tuple[Mapped[Any], Any]] = {
    "effective_score": (col(Call.effective_score), Float()),
    "duration_ms": (col(Call.duration_ms), Integer()),
    "called_at": (col(Call.called_at), UTCDateTime()),
}


@dataclass(frozen=True)
class Place:
    """A row's place in an order: pages begin behind one."""

    created_at: datetime
    id: str
    value: Value = None  # what the order goes by; None where it goes by created_at alone, and where nothing is known


class Part(NamedTuple):
    """A stretch of the ordered list that an index holds in this order."""

    within: ColumnElement[bool] | None
    keys: tuple[Mapped[Any], ...]
    ascending: bool

    def order(self, keys: Iterable[Any] = ()) -> list[ColumnElement[Any]]:
        """By these columns, which hold what `keys` does; without any by those themselves."""
        return [key.asc() if self.ascending else key.desc() for key in keys or self.keys]


def parts(sort: Sort, *, behind: Place | None = None, before: Place | None = None) -> list[Part]:
    """What is behind a place, in the list's order, or before it, in the order's reverse; everything without one.

    Calls without a value are a part of their own: the databases do not agree whether nothing is more or less.
    """
    at, ascending = before or behind, sort.up is (before is None)
    name = _NAMES.get(sort)
    if name is None:
        return [_by_time(None, at, ascending=ascending)]
    column, kind = _COLUMNS[name]
    keys = (column, col(Call.created_at), col(Call.id))
    beyond = None
    if at and at.value is not None:
        beyond = _beyond(keys, (literal(at.value, kind), *_of(at)), ascending=ascending)
    known = Part(column.is_not(None) if beyond is None else beyond, keys, ascending)
    unknown = _by_time(column.is_(None), at if at and at.value is None else None, ascending=ascending)
    if at is None:
        return [known, unknown]
    if at.value is None:
        return [unknown] if before is None else [unknown, known]
    return [known, unknown] if before is None else [known]


def _by_time(within: ColumnElement[bool] | None, at: Place | None, *, ascending: bool) -> Part:
    keys = (col(Call.created_at), col(Call.id))
    conditions = [] if within is None else [within]
    if at:
        conditions.append(_beyond(keys, _of(at), ascending=ascending))
    return Part(and_(*conditions) if conditions else None, keys, ascending)


def _beyond(keys: tuple[Any, ...], at: tuple[Any, ...], *, ascending: bool) -> ColumnElement[bool]:
    found: ColumnElement[bool] = tuple_(*keys) > tuple_(*at) if ascending else tuple_(*keys) < tuple_(*at)
    return found


def _of(place: Place) -> tuple[ColumnElement[Any], ...]:
    return literal(place.created_at, UTCDateTime()), literal(place.id)
