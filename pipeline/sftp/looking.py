"""One look at everything that lies on the server: each entry is held against its row, some hundreds at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from pipeline.sftp import attaching, matching
from pipeline.sftp.chunks import chunks
from pipeline.sftp.claims import Claim, Claims
from pipeline.sftp.listing import Entry, Kind
from pipeline.sftp.places import Place, open_batch
from pipeline.sftp.sightings import Intent, Known, judge
from records.db import now, reading, stored_id
from records.sftp import FileKind, SftpFile, key_of
from records.sftp_moves import move_each, move_files
from records.statuses import SftpFileStatus as Status

CHUNK = 500
Writing = Callable[[], Any]  # a transaction of whoever sweeps; it is refused where another one has taken over
GONE = "It was taken away from the server before it was imported."


@dataclass
class Seen:
    """What a look has found so far."""

    files: int = 0
    unsettled: bool = False  # something is still to be looked at again
    sheets: list[int] = field(default_factory=list)  # CSVs that are whole now
    names: Counter[int] = field(default_factory=Counter)  # recordings whose names were read, by campaign
    matched: Counter[int] = field(default_factory=Counter)  # those of them that matched
    hidden: list[str] = field(default_factory=list)  # folders that the server did not list
    open_before: set[int] = field(default_factory=set)  # files that were waiting, and have not been seen by this look


@dataclass(frozen=True)
class Sighting:
    """One entry, what was known of it, whose it is, and what is to be written."""

    entry: Entry
    known: Known | None
    claim: Claim
    intent: Intent


def look(entries: Iterable[Entry], places: Mapping[int, Place], writing: Writing) -> Seen:
    """Hold every entry against its row. What waited and was not seen is gone or renamed."""
    seen = Seen(open_before=_waiting())
    claims = Claims(place.claim for place in places.values())
    for some in chunks(entries, CHUNK):
        chunk = {entry.raw: entry for entry in some}.values()
        seen.hidden += [entry.path for entry in chunk if entry.kind is Kind.UNREADABLE]
        found = [entry for entry in chunk if entry.kind is not Kind.UNREADABLE]
        seen.files += len(found)
        sightings = list(_judged(found, claims, seen))
        with writing() as session:
            _write(session, sightings, places, seen)
    with writing() as session:
        _note_gone(session, seen)
    return seen


def _waiting() -> set[int]:
    with reading() as session:
        waiting = select(SftpFile.id).where(col(SftpFile.status).in_([Status.DETECTED, Status.MATCHED]))
        return {stored_id(number) for number in session.exec(waiting.where(col(SftpFile.superseded_at).is_(None)))}


def _judged(entries: Sequence[Entry], claims: Claims, seen: Seen) -> Iterator[Sighting]:
    moment = now()
    known = _known([key_of(entry.raw) for entry in entries])
    for entry in entries:
        row, claim = known.get(key_of(entry.raw)), claims.of(entry.path)
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
    if fresh:
        session.execute(insert(SftpFile), [_new_row(session, each, places) for each in fresh])
    settled = [each for each in changed if each.intent.settled]
    seen.sheets += [each.known.id for each in settled if each.known and each.known.kind is FileKind.SHEET]
    _settle(session, [each for each in settled if each.intent.kind is FileKind.RECORDING], places, seen)
    for each in changed:
        if not each.intent.settled:
            _change(session, each, places)


def _supersede(session: Session, ids: Sequence[int]) -> None:
    for row in session.exec(select(SftpFile).where(col(SftpFile.id).in_(ids))):
        row.superseded_at = now()
        session.add(row)
    session.flush()


def _new_row(session: Session, each: Sighting, places: Mapping[int, Place]) -> dict[str, Any]:
    entry, intent, moment = each.entry, each.intent, now()
    return {
        "campaign_id": intent.campaign_id,
        "batch_id": _batch(session, intent, places, moment),
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


def _batch(session: Session, intent: Intent, places: Mapping[int, Place], since: datetime) -> int | None:
    """What a rule leaves out is in no batch."""
    if intent.to is Status.SKIPPED or intent.campaign_id is None:
        return None
    return open_batch(session, places[intent.campaign_id], since)


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


def _change(session: Session, each: Sighting, places: Mapping[int, Place]) -> None:
    entry, intent, known = each.entry, each.intent, each.known
    if known is None:
        return
    values: dict[str, Any] = {
        "campaign_id": intent.campaign_id,
        "batch_id": _rebatched(session, intent, known, places),
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


def _rebatched(session: Session, intent: Intent, known: Known, places: Mapping[int, Place]) -> int | None:
    """A file that is still watched stays in its batch; one that begins anew joins the open one."""
    if known.status is Status.DETECTED and known.campaign_id == intent.campaign_id:
        return known.batch_id if intent.to is Status.DETECTED else None
    return _batch(session, intent, places, now())


def _note_gone(session: Session, seen: Seen) -> None:
    """What waited and is not there: under another name, as far as size and time tell, or gone."""
    for some in chunks(sorted(seen.open_before), CHUNK):
        for file in session.exec(select(SftpFile).where(col(SftpFile.id).in_(some))).all():
            if any(file.path.startswith(f"{folder}/") or not folder for folder in seen.hidden):
                continue
            new_name = _renamed(session, file)
            reason = f"It was renamed to {new_name}." if new_name else GONE
            code = "renamed" if new_name else "vanished"
            move_files(
                session, [stored_id(file.id)], file.status, Status.SKIPPED, code=code, reason=reason, due_at=None
            )


def _renamed(session: Session, file: SftpFile) -> str | None:
    """The path of a file that is the same by campaign, size and time, and was first seen when this one was gone."""
    twin = select(SftpFile.path).where(
        SftpFile.campaign_id == file.campaign_id,
        SftpFile.size == file.size,
        SftpFile.modified == file.modified,
        col(SftpFile.status).in_([Status.DETECTED, Status.MATCHED]),
        col(SftpFile.id) > stored_id(file.id),
    )
    return session.exec(twin.order_by(col(SftpFile.id).desc())).first()
