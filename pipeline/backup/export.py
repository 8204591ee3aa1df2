"""Export: the rows of one moment, then the recordings that they tell of, then the manifest that makes it an archive."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlmodel import col, select

from pipeline.backup import manifest, rows, values
from pipeline.backup.archive import LIST, OBJECTS, Archive, write_lines, written
from pipeline.backup.manifest import FORMAT, Manifest, Rows
from pipeline.backup.objects import Item, carry, prune, several
from pipeline.backup.progress import Progress
from pipeline.pieces import key_of
from pipeline.storage import call_of, recording_key, rendition_key, storage
from records import audit
from records.access import COMMAND_LINE
from records.calls import Call
from records.db import now, reading, snapshot, writing
from records.schema import newest
from records.uploads import UploadPiece


@dataclass
class Exported:
    """What went out, and what was not as the rows say."""

    rows: int = 0
    objects: int = 0
    bytes: int = 0
    missing: int = 0  # recordings of calls that are still there
    damaged: int = 0  # recordings whose bytes are not those that came in


def export(folder: Path, progress: Progress) -> Exported:
    """Fill the folder, beside whatever else goes on; an earlier export there is brought up to date.

    Raises BackupRefused, and StorageAway; then the earlier export still holds.
    """
    archive, found, moment = Archive(folder), Exported(), now()
    with archive.filling() as fresh:
        tables = _dump(fresh, progress)
        progress.phase("Recordings", next(each.lines for each in tables if each.table == "call"))
        listed = write_lines(fresh, LIST, _copy(archive, tables, found, progress), lambda _size: None)
        found.rows = sum(each.lines for each in tables)
        whole = Manifest(
            format=FORMAT, made_at=moment, revision=newest(), tables=tables, objects=listed, bytes=found.bytes
        )
        with written(folder):
            manifest.write(folder, whole)
            archive.forget_rows(but=fresh)
            keys = (str(json.loads(line)["key"]) for line in archive.lines(listed))
            prune(folder / OBJECTS, keys)
    with writing() as session:
        counts = {"rows": found.rows, "objects": found.objects, "bytes": found.bytes}
        audit.log(session, COMMAND_LINE, "backup.export", "everything", **counts)
    return found


def _dump(fresh: Path, progress: Progress) -> list[Rows]:
    """The rows of one moment; nothing of the database is held once they are written."""
    tables = []
    progress.phase("Rows", len(rows.tables()))
    with snapshot() as session:
        for each in rows.tables():
            lines = write_lines(fresh, each.name, rows.dump(session.connection(), each), progress.moved)
            tables.append(Rows(table=each.name, columns=values.kinds(each), **lines.model_dump()))
            progress.done()
    return tables


def _copy(archive: Archive, tables: list[Rows], found: Exported, progress: Progress) -> Iterator[str]:
    """Copy the objects; a line for each. What is not there any more has none."""
    bring = partial(_bring, archive, progress)
    for wanted, item in several(bring, _wanted(archive, {each.table: each for each in tables})):
        is_recording = wanted.key == recording_key(call_of(wanted.key))
        if is_recording:
            progress.done()
        if item is None:
            found.missing += is_recording and _missed(wanted, progress)
            continue
        if wanted.sha256 and item != wanted:
            found.damaged += 1
            progress.say(f"The recording of call {call_of(wanted.key)} is not what came in: its bytes have changed.")
        found.objects += 1
        found.bytes += item.size
        yield json.dumps({"key": item.key, "size": item.size, "sha256": item.sha256}) + "\n"


def _bring(archive: Archive, progress: Progress, wanted: Item) -> tuple[Item, Item | None]:
    return wanted, carry(storage(), archive.objects, wanted, progress.moved, strict=False)


def _wanted(archive: Archive, tables: dict[str, Rows]) -> Iterator[Item]:
    """Every object that a row tells of, those of one folder after each other."""

    def told(table: str) -> Iterator[values.Row]:
        return (values.row(tables[table].columns, line) for line in archive.lines(tables[table]))

    def with_recording() -> Iterator[values.Row]:
        return (call for call in told("call") if call["recording_gone_at"] is None)

    yield from (Item(recording_key(call["id"]), call["sha256"], call["size"]) for call in with_recording())
    yield from (Item(rendition_key(call["id"])) for call in with_recording())
    yield from (Item(key_of(UploadPiece(**piece))) for piece in told("upload_piece"))


def _missed(wanted: Item, progress: Progress) -> bool:
    """Whether a recording should have been there: neither it nor its call was deleted since the rows were read."""
    with reading() as session:
        there = (
            session.exec(
                select(Call.id).where(Call.id == call_of(wanted.key), col(Call.recording_gone_at).is_(None))
            ).first()
            is not None
        )
    if there:
        progress.say(f"The recording of call {call_of(wanted.key)} is not in storage. The call is exported without it.")
    return there
