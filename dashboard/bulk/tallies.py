"""What came of bulk jobs, counted at most every so often by one process, however many people look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from sqlmodel import Session

from records import bulk_counts
from records.bulk import BulkJob
from records.bulk_counts import Tally
from records.db import stored_id
from records.statuses import BulkStatus

UNDER_WAY = frozenset({BulkStatus.QUEUED, BulkStatus.PROCESSING})
MOST = 1000  # jobs that are remembered
# To count a job of 10,000 takes some 30 ms: what was counted is kept for this long, and for so many times as long as
# it took. So no job takes more than a few hundredths of one core, whatever its size.
BUSY_S, BUSY_TIMES = 1.5, 25
IDLE_S, IDLE_TIMES = 10.0, 100


@dataclass(frozen=True)
class _Counted:
    tally: Tally
    until: float


_Key = tuple[object, ...]
_counting = Lock()  # whoever comes second finds what the first has counted
_kept: dict[_Key, _Counted] = {}


def of(session: Session, jobs: Sequence[BulkJob]) -> dict[int, Tally]:
    """Of these jobs, which the asking person was let see, by their ids."""
    with _counting:
        moment = monotonic()
        stale = [job for job in jobs if (kept := _kept.get(_key(job))) is None or kept.until <= moment]
        if stale:
            _count(session, stale, moment)
        return {stored_id(job.id): _kept[_key(job)].tally for job in jobs}


def status(job: BulkJob, tally: Tally) -> BulkStatus:
    """Where the job stands."""
    cancelled = job.cancelled_at is not None
    return bulk_counts.standing(tally.counts, cancelled=cancelled, overdue=bulk_counts.overdue(job))


def moving(job: BulkJob, tally: Tally) -> bool:
    """Whether something of it is on its way still; of a cancelled one too, what had begun."""
    return status(job, tally) in UNDER_WAY or tally.counts.on_their_way > 0


def forget() -> None:
    """Count anew: something was done to a job."""
    with _counting:
        _kept.clear()


def _count(session: Session, jobs: Sequence[BulkJob], moment: float) -> None:
    found = bulk_counts.tallies(session, jobs)
    took = monotonic() - moment
    if len(_kept) + len(jobs) > MOST:
        _kept.clear()
    for job in jobs:
        tally = found[stored_id(job.id)]
        busy = moving(job, tally)
        lasts = max(BUSY_S, BUSY_TIMES * took) if busy else max(IDLE_S, IDLE_TIMES * took)
        _kept[_key(job)] = _Counted(tally, monotonic() + lasts)


def _key(job: BulkJob) -> _Key:
    """Another number that was announced, or a cancellation, is counted at once."""
    return job.id, job.created_at, job.expected, job.cancelled_at
