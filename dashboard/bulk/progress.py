"""How far a bulk job is, how fast it goes, and how long it will take: as words."""

from datetime import datetime

from dashboard.words import DAY, HOUR, MINUTE
from records.bulk import BulkJob
from records.bulk_counts import LATELY, Counts, Tally
from records.db import now

TOO_EARLY_S = 20  # a speed that was measured for less says nothing


def share(counts: Counts, *, cancelled: bool) -> float:
    """From 0 to 1; what a cancelled job waits for will not come."""
    whole = counts.whole - (counts.missing if cancelled else 0)
    return counts.done / whole if whole else float(cancelled)


def done(counts: Counts, *, cancelled: bool) -> str:
    """'58 of 100'."""
    return f"{counts.done:,} of {counts.whole - (counts.missing if cancelled else 0):,}"


def pace(job: BulkJob, tally: Tally, moment: datetime | None = None) -> str:
    """'12 recordings a minute, about 3 minutes left'; of a job that is under way."""
    age = ((moment or now()) - job.created_at).total_seconds()
    seconds = min(age, LATELY.total_seconds())
    if not tally.counts.arrived and not tally.counts.refused:
        return "Waiting for the first file"
    if not tally.done_lately:
        return "" if age < MINUTE else "Nothing was finished lately"
    if seconds < TOO_EARLY_S:
        return ""
    a_minute = tally.done_lately / seconds * MINUTE
    to_do = tally.counts.on_their_way + (tally.counts.missing if job.cancelled_at is None else 0)
    return f"{_speed(a_minute)}, {left(to_do / a_minute * MINUTE)}"


def left(seconds: float) -> str:
    """'about 3 minutes left', and never more exactly than can be known."""
    for unit, step, until in (("minute", MINUTE, HOUR), ("hour", HOUR, 2 * DAY), ("day", DAY, float("inf"))):
        if seconds < until:
            number = round(seconds / step)
            if number == 0:
                return "less than a minute left"
            return f"about {number:,} {unit}{'s' * (number != 1)} left"
    return ""


def _speed(a_minute: float) -> str:
    if a_minute >= 1:
        number = round(a_minute)
        return f"{number:,} recording{'s' * (number != 1)} a minute"
    number = max(round(a_minute * HOUR / MINUTE), 1)
    return f"{number:,} recording{'s' * (number != 1)} an hour"
