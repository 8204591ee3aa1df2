"""What one look at one file means: pure deciding, from what was known of it, what is seen now, and the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.sftp.claims import Claim
from pipeline.sftp.connection.listing import Entry, Kind
from pipeline.sftp.foreign import Taken, taken_for
from records.sftp import FileKind
from records.statuses import SftpFileStatus as Status

STILL = timedelta(seconds=5)  # for so long size and time must not have moved
CLOSED = "closed_folder"  # it is told of like a file, since what lies in it cannot be
RULES = frozenset(
    {
        "unclaimed",
        "off",
        "subfolder",
        "unfinished_name",
        "foreign",
        "sidecar",
        "link",
        "special",
        "renamed",
        "vanished",
        CLOSED,
    }
)  # codes of what was left out without a look into it
OVERRULED = frozenset((Status.SKIPPED, code) for code in RULES)  # no rule keeps it out any more
LINK = "Symbolic links are not followed. Put the file itself into the folder."


@dataclass(frozen=True)
class Known:
    """A file's current row, as far as deciding needs it."""

    id: int
    campaign_id: int | None
    kind: FileKind
    size: int
    modified: datetime
    still_since: datetime
    status: Status
    code: str
    call_id: str | None
    batch_id: int | None


@dataclass(frozen=True)
class Intent:
    """What is to be written of a file that was seen."""

    to: Status
    kind: FileKind
    campaign_id: int | None
    code: str = ""
    reason: str = ""
    anew: bool = False  # a row of its own, beside the one known before
    settled: bool = False  # it held still: only now it is looked into


def judge(entry: Entry, known: Known | None, claim: Claim, now: datetime) -> Intent | None:
    """What to write; None where the row says it already."""
    taken = _out(entry, claim)
    if taken.code:
        return _left_out(taken, known, claim)
    if known is None:
        return _detected(taken, claim)
    same = (known.size, known.modified) == (entry.size, entry.modified)
    if known.status in {Status.COMPLETED, Status.DUPLICATE, Status.PROCESSING}:
        # Whoever imports a file finds out by itself that it has changed.
        return None if same or known.status is Status.PROCESSING else _again(entry, known, taken, claim)
    if not same or known.campaign_id != claim.campaign_id or (known.status, known.code) in OVERRULED:
        return _detected(taken, claim)
    if known.status is Status.DETECTED and now - known.still_since >= STILL:
        return Intent(Status.MATCHED, known.kind, claim.campaign_id, settled=True)
    return None


def _out(entry: Entry, claim: Claim) -> Taken:
    """What the file is taken for, and what keeps it out."""
    if claim.code:
        return Taken(FileKind.OTHER, claim.code, claim.reason)
    if entry.kind is Kind.LINK:
        return Taken(FileKind.OTHER, "link", LINK)
    if entry.kind is Kind.UNREADABLE:
        return Taken(FileKind.OTHER, CLOSED, entry.reason)
    if entry.kind is not Kind.FILE:
        return Taken(FileKind.OTHER, "special", entry.reason or "This is no file that can be read.")
    return taken_for(entry.path)


def _left_out(taken: Taken, known: Known | None, claim: Claim) -> Intent | None:
    """A rule keeps it out. What was imported, refused or is a duplicate keeps the verdict that it has."""
    if known is not None:
        said = known.status is Status.SKIPPED and (known.code, known.campaign_id) == (taken.code, claim.campaign_id)
        if said or known.status not in {Status.DETECTED, Status.MATCHED, Status.SKIPPED}:
            return None
    return Intent(Status.SKIPPED, taken.kind, claim.campaign_id, taken.code, taken.reason)


def _detected(taken: Taken, claim: Claim) -> Intent:
    words = "It was found, and is taken once its size and time have stood still."
    return Intent(Status.DETECTED, taken.kind, claim.campaign_id, "settling", words)


def _again(entry: Entry, known: Known, taken: Taken, claim: Claim) -> Intent:
    """Another file where one was imported from: a CSV is read again, of a recording a person decides."""
    if taken.kind is FileKind.SHEET:
        found = _detected(taken, claim)
        return Intent(found.to, found.kind, found.campaign_id, found.code, found.reason, anew=True)
    words = (
        f"A recording was imported from this path before. The file has changed since, and has {entry.size:,} bytes "
        "now. If it is another call, choose 'Import as new'."
    )
    anew = (known.status, known.code) != (Status.DUPLICATE, "same_path")  # one that changes on and on is told of once
    return Intent(Status.DUPLICATE, taken.kind, claim.campaign_id, "same_path", words, anew=anew)
