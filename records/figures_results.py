"""What the newest results of some days' calls say: which checks fail most, and how long the stages took."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil
from statistics import median

from sqlmodel import Session, and_, col, select

from records.call_filters import Filters, narrowed
from records.calls import Call
from records.figures_days import Days
from records.figures_kept import NOTHING_KEPT, DayCheck, KeptFigures, within
from records.figures_sums import FailedCheck, checked
from records.identity import Identity
from records.results import Version

CHECKS_SHOWN = 10
SAMPLE = 1_000  # newest calls whose times are looked at: neither database has the same percentiles as the other
STAGES = ("transcription", "analysis")


@dataclass(frozen=True)
class StageTime:
    """How long a stage took, in seconds."""

    calls: int
    median: float
    p95: float


def most_failed(
    session: Session,
    who: Identity,
    days: Days,
    campaigns: frozenset[str] = frozenset(),
    kept: KeptFigures = NOTHING_KEPT,
) -> tuple[FailedCheck, ...]:
    """The checks that most calls failed, at most CHECKS_SHOWN."""
    when = within(col(Call.created_at), kept.missing(days.dates), days.zone)
    fresh = session.execute(checked(narrowed(who, Filters(campaigns=campaigns)).where(when)))
    old = kept.sums(session, who, DayCheck, days.dates, campaigns, "name")
    failed, judged = Counter[str](), Counter[str]()
    for name, no, all_of_it in chain(fresh, old):
        failed[name] += no
        judged[name] += all_of_it
    found = [FailedCheck(name, number, judged[name]) for name, number in failed.items() if number]
    return tuple(sorted(found, key=lambda check: (-check.failed, check.name))[:CHECKS_SHOWN])


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
