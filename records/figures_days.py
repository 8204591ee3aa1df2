"""Whole days by somebody's own clock, and which of them a moment falls on, said in portable SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, literal
from sqlalchemy.orm import Mapped

Column = ColumnElement[Any] | Mapped[Any]
MOST = 366  # days of one range: a chart of more shows nothing, and the database would be asked for more than it shows


@dataclass(frozen=True)
class Days:
    """Days from `first` to `last`, both included, as a clock in `zone` counts them."""

    first: date
    last: date
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not self.first <= self.last < self.first + timedelta(days=MOST):
            raise ValueError(f"A range has 1 to {MOST} days, and this goes from {self.first} to {self.last}.")

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=n) for n in range(len(self)))

    @property
    def before(self) -> "Days":
        """As many days, just before these."""
        return Days(self.first - timedelta(days=len(self)), self.first - timedelta(days=1), self.zone)

    @property
    def begin(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment that does not belong to them."""
        return midnight(self.last + timedelta(days=1), self.zone)


def midnight(day: date, zone: str) -> datetime:
    """When a day begins there. Days of 23 and 25 hours come out right: each midnight is looked up by itself."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def place(moment: Column, bounds: Sequence[datetime]) -> ColumnElement[int]:
    """How many of these ascending bounds the moment has reached.

    A tree of comparisons: nine decide among 366 days, on every database alike and for every time zone. SQLite knows
    no time zones, and hours in UTC do not add up to days where clocks are half an hour apart.
    """
    return _between(moment, bounds, 0, len(bounds))


def _between(moment: Column, bounds: Sequence[datetime], least: int, most: int) -> ColumnElement[int]:
    if least == most:
        return literal(least)
    middle = (least + most) // 2
    below, above = _between(moment, bounds, least, middle), _between(moment, bounds, middle + 1, most)
    return case((moment < bounds[middle], below), else_=above)
