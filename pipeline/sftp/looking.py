"""One look at everything that lies on the server: each entry is held against its row, some hundreds at a time."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from pipeline.sftp import attaching, gone, matching
from pipeline.sftp.chunks import chunks
from pipeline.sftp.claims import Claim, Claims
from pipeline.sftp.connection.listing import Entry, Kind
from pipeline.sftp.leases import Writing
from pipeline.sftp.places import Place, open_batch
from pipeline.sftp.sightings import Intent, Known, judge
from records.db import now, reading
from records.sftp import FileKind, SftpFile, key_of
from records.sftp_moves import move_each, move_files
from records.statuses import SftpFileStatus as Status

CHUNK = 500


@dataclass
class Seen:
    """What a look has found so far."""

    files: int = 0
    unsettled: bool = False  # something is still to be looked at again
    sheets: list[int] = field(default_factory=list)  # CSVs that are whole now
    names: Counter[int] = field(default_factory=Counter)  # recordings whose names were read, by campaign
    matched: Counter[int] = field(default_factory=Counter)  # those of them that matched
    closed: list[str] = field(default_factory=list)  # folders that the server did not list
    open_before: set[int] = field(default_factory=set)  # what was expected there, and has not been seen by this look


@dataclass(frozen=True)
class Sighting:
    """One entry, what was known of it, whose it is, and what is to be written."""

    entry: Entry
    known: Known | None
    claim: Claim
    intent: Intent


def look(entries: Iterable[Entry], places: Mapping[int, Place], writing: Writing) -> Seen:
    """Hold every entry against its row. What waited and was not seen is gone or renamed."""
    seen = Seen(open_before=gone.expected())
    claims = Claims(place.claim for place in places.values())
    for some in chunks(entries, CHUNK):
        chunk = {entry.raw: entry for entry in some}.values()
        closed = [entry.path for entry in chunk if entry.kind is Kind.UNREADABLE]
        seen.closed += closed
        seen.files += len(chunk) - len(closed)
        sightings = list(_judged(chunk, claims, seen))
        with writing() as session:
            _write(session, sightings, places, seen)
    gone.note(seen.open_before, seen.closed, writing)
    return seen


def _judged(entries: Collection[Entry], claims: Claims, seen: Seen) -> Iterator[Sighting]:
    moment = now()
    known = _known([key_of(entry.raw) for entry in entries])
    for entry in entries:
        within = f"{entry.path}/" if entry.kind is Kind.UNREADABLE else entry.path
        row, claim = known.get(key_of(entry.raw)), claims.of(within)
        if row is not None:
            seen.open_before.discard(row.id)
        intent = judge(entry, row, claim, moment)
        seen.unsettled |= (intent is not None and intent.to is Status.DETECTED) or (
            intent is None and row is not None and row.status is Status.DETECTED
        )
        if intent is not None:
            yield Sighting(entry, row, claim, intent)


_COLUMNS = tuple(getattr(SftpFile, name) for name in Known.__dataclass_fields__)


def _known(keys: Sequence[str]) -> dict[str, Known]:
    current = rows_of(col(SftpFile.path_key), *_COLUMNS).where(
        col(SftpFile.path_key).in_(keys), col(SftpFile.superseded_at).is_(None)
    )
    with reading() as session:
        return {key: Known(*columns) for key, *columns in session.execute(current)}


def _write(session: Session, sightings: Sequence[Sighting], places: Mapping[int, Place], seen: Seen) -> None:
    fresh = [each for each in sightings if each.known is None or each.intent.anew]
    changed = [each for each in sightings if each.known is not None and not each.intent.anew]
    over = [each.known.id for each in fresh if each.known is not None]
    if over:
        _supersede(session, over)
    batches = _Batches(session, places)
    if fresh:
        session.execute(insert(SftpFile), [_new_row(each, batches) for each in fresh])
    settled = [each for each in changed if each.intent.settled]
    seen.sheets += [each.known.id for each in settled if each.known and each.known.kind is FileKind.SHEET]
    _settle(session, [each for each in settled if each.intent.kind is FileKind.RECORDING], places, seen)
    for each in changed:
        if not each.intent.settled:
            _change(session, each, batches)


class _Batches:
    """The open batches of campaigns, looked up once in a transaction."""

    def __init__(self, session: Session, places: Mapping[int, Place]) -> None:
        self._session, self._places = session, places
        self._open: dict[int, int] = {}

    def of(self, intent: Intent) -> int | None:
        """The batch of what arrives now; what a rule leaves out is in none."""
        number = intent.campaign_id
        if intent.to is Status.SKIPPED or number is None:
            return None
        if number not in self._open:
            self._open[number] = open_batch(self._session, self._places[number], now())
        return self._open[number]


def _supersede(session: Session, ids: Sequence[int]) -> None:
    for row in session.exec(select(SftpFile).where(col(SftpFile.id).in_(ids))):
        row.superseded_at = now()
        session.add(row)
    session.flush()


def _new_row(each: Sighting, batches: _Batches) -> dict[str, Any]:
    entry, intent, moment = each.entry, each.intent, now()
    return {
        "campaign_id": intent.campaign_id,
        "batch_id": batches.of(intent),
        "path": entry.path,
        "path_key": key_of(entry.raw),
        "name_key": matching.name_key(entry.path),
        "stem_key": matching.stem_key(entry.path),
        "kind": intent.kind,
        "size": entry.size,
        "modified": entry.modified,
        "seen_at": moment,
        "still_since": moment,
        "status": intent.to,
        "code": intent.code,
        "reason": intent.reason,
        "call_id": each.known.call_id if each.known else None,
        "told": {},
        "ended_at": None if intent.to is Status.DETECTED else moment,
    }


def _settle(session: Session, sightings: Sequence[Sighting], places: Mapping[int, Place], seen: Seen) -> None:
    """Recordings that held still: what their names tell, and the rows of CSVs that name them."""
    by_campaign: dict[int, list[int]] = {}
    rows = []
    for each in sightings:
        if each.known is None or each.claim.campaign_id is None:
            continue
        place = places[each.claim.campaign_id]
        told, matches = place.told_by_name(each.claim.within)
        if place.pattern is not None:
            seen.names[place.id] += 1
            seen.matched[place.id] += matches
        rows.append({"id": each.known.id, "told": told.as_json(), "code": "", "reason": "It is whole."})
        by_campaign.setdefault(place.id, []).append(each.known.id)
    move_each(session, Status.DETECTED, Status.MATCHED, rows)
    for campaign_id, ids in by_campaign.items():
        attaching.to_files(session, places[campaign_id], ids)


def _change(session: Session, each: Sighting, batches: _Batches) -> None:
    entry, intent, known = each.entry, each.intent, each.known
    if known is None:
        return
    values: dict[str, Any] = {
        "campaign_id": intent.campaign_id,
        "batch_id": _rebatched(intent, known, batches),
        "kind": intent.kind,
        "size": entry.size,
        "modified": entry.modified,
        "still_since": now(),
        "code": intent.code,
        "reason": intent.reason,
        "due_at": None,
        "tries": 0,
    }
    move_files(session, [known.id], known.status, intent.to, **values)


def _rebatched(intent: Intent, known: Known, batches: _Batches) -> int | None:
    """A file that is watched stays in its batch, and so does a duplicate; one that begins anew joins the open one."""
    if intent.to is Status.DUPLICATE:
        return known.batch_id
    if known.status is Status.DETECTED and known.campaign_id == intent.campaign_id:
        return known.batch_id if intent.to is Status.DETECTED else None
    return batches.of(intent)
