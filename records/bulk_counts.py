"""What came of a bulk job's recordings, counted; and where the job stands by that."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, case
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func

from records.bulk import BulkItem, BulkJob
from records.calls import Call
from records.db import now, stored_id
from records.statuses import FINISHED, BulkStatus, CallStatus

PATIENCE = timedelta(hours=24)  # what has not come by then counts as failed
CANCELLED = "cancelled"  # the error code of calls that were called off
NEVER_CAME = "never_came"
MOST_FAILURES = 20
LATELY = timedelta(minutes=5)  # by which the speed is told


@dataclass(frozen=True)
class Counts:
    """How many recordings of a job came, and how. Duplicates are done when they arrive, whatever their call does."""

    expected: int
    arrived: int = 0  # taken in, duplicates among them
    duplicates: int = 0
    refused: int = 0
    cancelled: int = 0  # calls that were called off
    calls: Mapping[CallStatus, int] = field(
        default_factory=dict
    )  # new calls; those called off are not among the failed

    @property
    def missing(self) -> int:
        """Announced, and not here yet. More may come than were announced."""
        return max(self.expected - self.arrived - self.refused, 0)

    @property
    def on_their_way(self) -> int:
        return sum(number for status, number in self.calls.items() if status not in FINISHED)

    @property
    def failed(self) -> int:
        return self.calls.get(CallStatus.FAILED, 0)

    @property
    def done(self) -> int:
        """Nothing more happens to these by themselves."""
        return self.arrived + self.refused - self.on_their_way

    @property
    def whole(self) -> int:
        """All that there are or will be."""
        return self.arrived + self.refused + self.missing


@dataclass(frozen=True)
class Failure:
    """One kind of failure, with the words and the file names of one or two of its recordings."""

    code: str
    words: str
    count: int
    examples: tuple[str, ...] = ()
    refused: bool = False  # not taken in, or never here: there is no call that could be tried again


@dataclass(frozen=True)
class Tally:
    """All that is known of what came of a job's recordings."""

    counts: Counts
    failures: tuple[Failure, ...] = ()  # the most frequent kinds first; at most MOST_FAILURES
    done_lately: int = 0  # calls that ended within the last LATELY


def standing(counts: Counts, *, cancelled: bool, overdue: bool) -> BulkStatus:
    """Where a job stands; `overdue` says that what is missing will not come any more."""
    if cancelled:
        return BulkStatus.CANCELLED
    if counts.on_their_way or (counts.missing and not overdue):
        return BulkStatus.PROCESSING if counts.arrived or counts.refused else BulkStatus.QUEUED
    if counts.failed or counts.refused or counts.missing:
        return BulkStatus.FAILED
    return BulkStatus.COMPLETED


def overdue(job: BulkJob, moment: datetime | None = None) -> bool:
    """Whether the time for its uploads is over."""
    return (moment or now()) - job.created_at >= PATIENCE


def tally(session: Session, job: BulkJob) -> Tally:
    """Of one job."""
    return tallies(session, [job])[stored_id(job.id)]


def tallies(session: Session, jobs: Sequence[BulkJob]) -> dict[int, Tally]:
    """Of several jobs, by their ids. One query, whatever their number and size."""
    groups: dict[int, list[_Group]] = {stored_id(job.id): [] for job in jobs}
    for job_id, *columns in session.execute(_grouped(list(groups))):
        groups[job_id].append(_Group(*columns))
    return {stored_id(job.id): _tally(job, groups[stored_id(job.id)]) for job in jobs}


class _Group(NamedTuple):
    """Recordings of a job that fared alike."""

    refused: bool
    duplicate: bool
    status: CallStatus | None
    code: str | None
    number: int
    words: str | None  # of one of them
    first: str  # file names, by the alphabet
    last: str
    lately: int

    @property
    def failed(self) -> bool:
        """Whether these are failures of the job; what was called off is none."""
        return not self.duplicate and self.status is CallStatus.FAILED and self.code != CANCELLED


def _grouped(job_ids: list[int]) -> Select[Any]:
    refused = case((col(BulkItem.call_id).is_(None), True), else_=False)
    code = func.coalesce(col(BulkItem.code), col(Call.error_code))
    ended = col(Call.status).in_(sorted(FINISHED)) & (col(Call.updated_at) >= now() - LATELY)
    kinds = (col(BulkItem.bulk_job_id), refused, col(BulkItem.duplicate), col(Call.status), code)
    return (
        rows_of(
            *kinds,
            func.count(),
            func.min(func.coalesce(col(BulkItem.words), col(Call.error))),
            func.min(BulkItem.filename),
            func.max(BulkItem.filename),
            func.sum(case((ended, 1), else_=0)),
        )
        .select_from(BulkItem)
        .outerjoin(Call, col(Call.id) == BulkItem.call_id)
        .where(col(BulkItem.bulk_job_id).in_(job_ids))
        .group_by(*kinds)
    )


def _tally(job: BulkJob, groups: Sequence[_Group]) -> Tally:
    calls: Counter[CallStatus] = Counter()
    sums: Counter[str] = Counter()
    for group in groups:
        if group.refused or group.status is None:
            sums["refused"] += group.number
            continue
        sums["arrived"] += group.number
        if group.duplicate:
            sums["duplicates"] += group.number
        elif group.status is CallStatus.FAILED and not group.failed:
            sums["cancelled"] += group.number
        else:
            calls[group.status] += group.number
    counts = Counts(job.expected, calls=calls, **sums)
    lately = sum(group.lately for group in groups if not group.duplicate and group.code != CANCELLED)
    return Tally(counts, tuple(_failures(job, counts, groups)), lately)


def _failures(job: BulkJob, counts: Counts, groups: Sequence[_Group]) -> list[Failure]:
    found = [
        Failure(
            group.code or "unknown",
            group.words or "Something went wrong.",
            group.number,
            tuple(sorted({group.first, group.last})),
            refused=group.refused,
        )
        for group in groups
        if group.refused or group.failed
    ]
    if counts.missing and overdue(job) and job.cancelled_at is None:
        words = "These recordings were announced and did not come within 24 hours. Upload them in a new bulk job."
        found.append(Failure(NEVER_CAME, words, counts.missing, refused=True))
    return sorted(found, key=lambda failure: (-failure.count, failure.code))[:MOST_FAILURES]
