"""When a batch is closed, and how it ended: pure deciding, from what is in it and the time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.statuses import SftpBatchStatus as Status


@dataclass(frozen=True)
class Standing:
    """An open batch: how many files and rows of each kind it has."""

    csv_required: bool
    forced: bool  # a person said: process now
    closes_at: datetime
    unsettled: int  # files that are still watched
    recordings: int  # whole, not imported yet
    sheets: int  # CSVs that could be read
    named: int  # recordings or calls that their rows name
    missing: int  # rows that name no whole file
    others: int = 0  # files that need nothing more: duplicates, CSVs that cannot be read


class Take(StrEnum):
    """Which recordings go on when a batch is closed. What is not taken and not whole begins the next batch."""

    NAMED = "named"  # those that a CSV names; the rest begins the next batch
    ALL = "all"
    CSV_ONLY = "csv_only"  # those that a CSV names; the rest is left out, since a CSV is required


@dataclass(frozen=True)
class Hold:
    """It stays open."""

    status: Status
    words: str


@dataclass(frozen=True)
class Close:
    """Nothing joins it any more, and its files are imported."""

    take: Take


def decide(batch: Standing, now: datetime) -> Hold | Close:
    """Whether a batch stays open, and what it waits for."""
    if not (batch.recordings or batch.sheets or batch.others):
        if not batch.unsettled and (batch.forced or now >= batch.closes_at):  # all that was in it has gone again
            return Close(Take.NAMED)
        return Hold(Status.DETECTING, "Files were found. They are taken once their size and time have stood still.")
    if batch.forced:
        return Close(Take.ALL)
    if batch.sheets and batch.named and not batch.missing:
        return Close(Take.NAMED)
    if now >= batch.closes_at:
        return Close(Take.CSV_ONLY if batch.csv_required else Take.ALL)
    return _waiting(batch)


def _waiting(batch: Standing) -> Hold:
    if batch.sheets and batch.missing:
        words = f"{_recordings(batch.missing)} that the CSV names {_are(batch.missing)} not there yet."
        return Hold(Status.WAITING_FOR_FILES, words)
    if batch.csv_required and batch.recordings:
        words = f"{_recordings(batch.recordings)} {_are(batch.recordings)} there, and no CSV yet."
        return Hold(Status.WAITING_FOR_CSV, words)
    return Hold(Status.DETECTING, "More files may come before the end of its window.")


@dataclass(frozen=True)
class Outcome:
    """What became of the files of a closed batch that has nothing open any more."""

    completed: int = 0  # calls, and CSVs that were read
    duplicates: int = 0
    failed: int = 0
    left_out: int = 0  # for want of a CSV or of a row
    gone: int = 0  # taken away from the server before they were imported
    skipped: int = 0  # left out by a rule, as intended
    missing: int = 0  # named by a CSV, never seen
    bad_rows: int = 0  # lines of its CSVs that could not be used


def ended(outcome: Outcome) -> tuple[Status, str]:
    """How it ended, and the sentence that says why."""
    done = outcome.completed + outcome.duplicates
    trouble = [
        *([f"{outcome.failed:,} failed"] if outcome.failed else []),
        *([f"{outcome.left_out:,} left out, since no CSV names them"] if outcome.left_out else []),
        *([f"{outcome.missing:,} named by a CSV and never found"] if outcome.missing else []),
        *([f"{outcome.gone:,} gone from the server before their import"] if outcome.gone else []),
        *([f"{_lines(outcome.bad_rows)} of a CSV could not be used"] if outcome.bad_rows else []),
    ]
    if not trouble:
        return Status.COMPLETED, "Every file was processed."
    words = f"{'; '.join(trouble)}."
    words = words[0].upper() + words[1:]
    return (Status.INCOMPLETE if done or not outcome.failed else Status.FAILED), words


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number:,} lines"


def _recordings(number: int) -> str:
    return "1 recording" if number == 1 else f"{number:,} recordings"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
