"""The list's order, and the place in it, as its address writes them. Nothing here draws."""

from datetime import UTC, datetime, timedelta
from math import isfinite

from records.call_order import Place, Sort, Value
from records.db import LARGEST_ID

SORT, AFTER, BEFORE = "sort", "after", "before"  # what comes first; the place that the page is behind, or before
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST = 20  # digits of a moment


def sort_of(given: str) -> Sort:
    """The order of this name; the newest first for nonsense."""
    return Sort(given) if given in set(Sort) else Sort.NEWEST


def written_place(place: Place) -> str:
    """'1763467200000000-0123abcd', and what the list is sorted by: '...-70.5'."""
    value = _moment(place.value) if isinstance(place.value, datetime) else place.value
    return "-".join([str(_moment(place.created_at)), place.id, *([] if value is None else [repr(value)])])


def place_of(given: str, sort: Sort) -> Place | None:
    """The place that is written here; None for none, and for nonsense."""
    moment, call_id, value = [*given.split("-", 2), "", ""][:3]  # a number may hold a dash too: 1e-05
    created_at = _read_moment(moment)
    if created_at is None or not (call_id.isascii() and call_id.isalnum()):
        return None
    return Place(created_at, call_id, _read_value(value, sort))


def _read_value(given: str, sort: Sort) -> Value:
    match sort:
        case Sort.LOWEST | Sort.HIGHEST:
            try:
                return score if isfinite(score := float(given)) else None
            except ValueError:
                return None
        case Sort.LONGEST | Sort.SHORTEST:
            return min(int(given), LARGEST_ID) if _is_number(given) else None
        case Sort.CALLED_LAST | Sort.CALLED_FIRST:
            return _read_moment(given)
    return None


def _moment(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _read_moment(given: str) -> datetime | None:
    try:
        return _EPOCH + int(given) * _MICROSECOND if _is_number(given) else None
    except OverflowError:
        return None


def _is_number(given: str) -> bool:
    return given.isascii() and given.isdecimal() and len(given) <= _LONGEST
