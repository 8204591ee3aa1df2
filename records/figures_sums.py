"""What is counted of calls: the figures of some of them, and how a database adds them up."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import add
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Select, case
from sqlalchemy import select as rows_of
from sqlmodel import and_, col, func
from sqlmodel.sql.expression import SelectOfScalar

from records.call_filters import not_cancelled
from records.calls import Call
from records.figures_days import Column
from records.results import CheckResult, Version
from records.statuses import CallStatus, Verdict

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Tally:
    """Some calls, counted. A call that was called off counts as a call, and not as a failure."""

    calls: int = 0
    completed: int = 0
    failed: int = 0
    judged: int = 0  # have a result
    flagged: int = 0
    scored: int = 0
    points: float = 0.0  # of those scored, added up

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Tally)))

    @property
    def score(self) -> float | None:
        """The average; None where nothing has a score, and never 0."""
        return self.points / self.scored if self.scored else None

    @property
    def flag_rate(self) -> float | None:
        """Of those with a result."""
        return self.flagged / self.judged if self.judged else None

    @property
    def failed_share(self) -> float | None:
        """Of those that have come to an end."""
        ended = self.completed + self.failed
        return self.failed / ended if ended else None


NOTHING = Tally()


@dataclass(frozen=True)
class FailedCheck:
    """A check by its name, as the newest version of each call judged it."""

    name: str
    failed: int
    judged: int  # passed or failed

    @property
    def share(self) -> float:
        return self.failed / self.judged


def tallied(calls: SelectOfScalar[Call], **by: Column) -> Select[Any]:
    """For each group: what it is grouped by, then the sums in the order of a Tally's fields.

    A query within a query: PostgreSQL does not see that a grouping with parameters is the same in two places.
    """
    failed = and_(col(Call.status) == CallStatus.FAILED, not_cancelled())
    each = calls.with_only_columns(
        *(column.label(name) for name, column in by.items()),
        _one(col(Call.status) == CallStatus.COMPLETED).label("completed"),
        _one(failed).label("failed"),
        _one(col(Call.version_number) > 0).label("judged"),
        _one(col(Call.flagged)).label("flagged"),
        col(Call.effective_score).label("score"),
    ).subquery()
    groups = [each.c[name] for name in by]
    sums = (func.sum(each.c[name]) for name in ("completed", "failed", "judged", "flagged"))
    points = func.coalesce(func.sum(each.c.score), 0.0)
    return rows_of(*groups, func.count(), *sums, func.count(each.c.score), points).group_by(*groups)


def checked(calls: SelectOfScalar[Call], **by: Column) -> Select[Any]:
    """For each check of each group: what it is grouped by, then name, failed and judged, by the newest versions.

    Each call's version is looked up: to join them, PostgreSQL reads all versions that there are.
    """
    newest = and_(col(Version.call_id) == Call.id, col(Version.number) == Call.version_number)
    run = rows_of(col(Version.run_id)).where(newest).scalar_subquery()
    columns = (column.label(name) for name, column in by.items())
    these = calls.with_only_columns(run.label("run_id"), *columns).subquery()
    groups = [*(these.c[name] for name in by), col(CheckResult.name)]
    failed = func.sum(_one(col(CheckResult.verdict) == Verdict.FAIL))
    return (
        rows_of(*groups, failed, func.count())
        .select_from(these)
        .join(CheckResult, col(CheckResult.run_id) == these.c.run_id)
        .where(col(CheckResult.verdict).in_((Verdict.PASS, Verdict.FAIL)))
        .group_by(*groups)
    )


def count(sums: dict[Key, Sequence[float]], key: Key, numbers: Sequence[float]) -> None:
    """Add these, a Tally's fields in their order, to what the key has."""
    so_far = sums.get(key)
    sums[key] = numbers if so_far is None else tuple(map(add, so_far, numbers))


def tallies(sums: Mapping[Key, Sequence[float]]) -> dict[Key, Tally]:
    """What was counted, with names."""
    return {key: Tally(*numbers) for key, numbers in sums.items()}  # type: ignore[arg-type]  # counts stay whole


def _one(condition: Column) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
