"""What the newest results of some days' calls say: which checks fail most, and how long the stages took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from sqlmodel import Session, and_, case, col, func, select

from records.call_filters import Filters, narrowed
from records.calls import Call
from records.figures_days import Days
from records.identity import Identity
from records.results import CheckResult, Version
from records.statuses import Verdict

CHECKS_SHOWN = 10
SAMPLE = 2_000  # newest calls whose times are looked at: neither database has the same percentiles as the other
STAGES = ("transcription", "analysis")


@dataclass(frozen=True)
class FailedCheck:
    """A check by its name, as the newest version of each call judged it."""

    name: str
    failed: int
    judged: int  # passed or failed

    @property
    def share(self) -> float:
        return self.failed / self.judged


@dataclass(frozen=True)
class StageTime:
    """How long a stage took, in seconds."""

    calls: int
    median: float
    p95: float


def most_failed(
    session: Session, who: Identity, days: Days, campaigns: frozenset[str] = frozenset()
) -> tuple[FailedCheck, ...]:
    """The checks that most calls failed, at most CHECKS_SHOWN."""
    wanted = Filters(campaigns=campaigns, added_from=days.begin, added_until=days.end)
    calls = narrowed(who, wanted).with_only_columns(col(Call.id), col(Call.version_number)).subquery()
    newest = and_(col(Version.call_id) == calls.c.id, col(Version.number) == calls.c.version_number)
    failed = func.sum(case((col(CheckResult.verdict) == Verdict.FAIL, 1), else_=0)).label("failed")
    query = (
        select(CheckResult.name, failed, func.count())
        .select_from(calls)
        .join(Version, newest)
        .join(CheckResult, col(CheckResult.run_id) == Version.run_id)
        .where(col(CheckResult.verdict).in_((Verdict.PASS, Verdict.FAIL)))
        .group_by(col(CheckResult.name))
        .having(failed > 0)
        .order_by(failed.desc(), col(CheckResult.name))
        .limit(CHECKS_SHOWN)
    )
    return tuple(FailedCheck(*row) for row in session.execute(query))


def stage_times(
    session: Session, who: Identity, days: Days, campaigns: frozenset[str] = frozenset()
) -> Mapping[str, StageTime]:
    """By stage; of the newest SAMPLE calls with a result, and without those stages that none of them went through."""
    wanted = Filters(campaigns=campaigns, added_from=days.begin, added_until=days.end)
    judged = narrowed(who, wanted).where(col(Call.version_number) > 0)
    newest = judged.order_by(col(Call.created_at).desc()).limit(SAMPLE)  # first these: to join all is ten times slower
    calls = newest.with_only_columns(col(Call.id), col(Call.version_number)).subquery()
    theirs = and_(col(Version.call_id) == calls.c.id, col(Version.number) == calls.c.version_number)
    found = list(session.execute(select(Version.stage_seconds).join(calls, theirs)).scalars())
    taken = {stage: [seconds[stage] for seconds in found if stage in seconds] for stage in STAGES}
    return {stage: spread(times) for stage, times in taken.items() if times}


def spread(times: Sequence[float]) -> StageTime:
    """The middle and the slow end: 95 of 100 took no longer."""
    ordered = sorted(times)
    return StageTime(len(ordered), median(ordered), ordered[ceil(0.95 * len(ordered)) - 1])
