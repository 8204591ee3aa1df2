"""What came of a bulk job's recordings, counted; and where the job stands by that."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func

from records.bulk import BulkItem, BulkJob
from records.calls import Call
from records.db import now
from records.statuses import FINISHED, BulkStatus, CallStatus

PATIENCE = timedelta(hours=24)  # what has not come by then counts as failed
CANCELLED = "cancelled"  # the error code of calls that were called off
NEVER_CAME = "never_came"
MOST_FAILURES = 20


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


@dataclass(frozen=True)
class Failure:
    """One kind of failure, with the words of one of its recordings."""

    code: str
    words: str
    count: int


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


def counts(session: Session, job: BulkJob) -> Counts:
    """One query, whatever the job's size."""
    called_off = case((col(Call.error_code) == CANCELLED, True), else_=False)
    refused = case((col(BulkItem.call_id).is_(None), True), else_=False)
    kinds = (refused, col(BulkItem.duplicate), col(Call.status), called_off)
    grouped = (
        rows_of(*kinds, func.count())
        .select_from(BulkItem)
        .outerjoin(Call, col(Call.id) == BulkItem.call_id)
        .where(col(BulkItem.bulk_job_id) == job.id)
        .group_by(*kinds)
    )
    return _summed(job.expected, session.execute(grouped))


def failures(session: Session, job: BulkJob, counted: Counts) -> list[Failure]:
    """What went wrong, by kind, the most frequent first; at most MOST_FAILURES kinds."""
    theirs = col(BulkItem.bulk_job_id) == job.id
    refused = (
        rows_of(col(BulkItem.code), func.min(BulkItem.words), func.count())
        .where(theirs, col(BulkItem.call_id).is_(None))
        .group_by(col(BulkItem.code))
    )
    failed = (
        rows_of(col(Call.error_code), func.min(Call.error), func.count())
        .join(BulkItem, col(BulkItem.call_id) == Call.id)
        .where(theirs, col(Call.status) == CallStatus.FAILED, col(BulkItem.duplicate).is_(False))
        .where(col(Call.error_code).is_distinct_from(CANCELLED))
        .group_by(col(Call.error_code))
    )
    found = [
        Failure(code or "unknown", words or "Something went wrong.", number)
        for query in (refused, failed)
        for code, words, number in session.execute(query)
    ]
    if counted.missing and overdue(job) and job.cancelled_at is None:
        words = "These recordings were announced and did not come within 24 hours. Upload them in a new bulk job."
        found.append(Failure(NEVER_CAME, words, counted.missing))
    return sorted(found, key=lambda failure: (-failure.count, failure.code))[:MOST_FAILURES]


def _summed(expected: int, groups: Iterable[Any]) -> Counts:
    calls: Counter[CallStatus] = Counter()
    sums: Counter[str] = Counter()
    for refused, duplicate, status, called_off, number in groups:
        if refused or status is None:
            sums["refused"] += number
            continue
        sums["arrived"] += number
        if duplicate:
            sums["duplicates"] += number
        elif called_off and status is CallStatus.FAILED:
            sums["cancelled"] += number
        else:
            calls[status] += number
    return Counts(expected, calls=calls, **sums)
