"""Files of closed batches get the facts that are known of them, and are handed to whoever imports."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from pipeline.intake import LONGEST_ID
from pipeline.sftp.attaching import note_applied
from pipeline.sftp.facts.told import Told
from pipeline.sftp.leases import Writing
from pipeline.sftp.people import Directory
from pipeline.sftp.places import Place
from records.db import now, reading, stored_id
from records.sftp import FileKind, SftpBatch, SftpFile, SftpRow, Tidying
from records.sftp_folders import AfterImport
from records.sftp_moves import move_each
from records.statuses import SftpFileStatus as Status

CHUNK = 250


def release(places: Mapping[int, Place], writing: Writing) -> int:
    """Hand on what waits in closed batches; how many recordings that were."""
    directory: Directory | None = None
    released = 0
    while files := _held_back():
        with writing() as session:
            directory = directory or Directory.read(session)
            recordings = [file for file in files if file.kind is FileKind.RECORDING]
            hand_on(session, recordings, places, directory)
            _finish_sheets(session, [file for file in files if file.kind is FileKind.SHEET], places)
        released += len(recordings)
    return released


def _held_back() -> Sequence[SftpFile]:
    closed = select(SftpBatch.id).where(col(SftpBatch.closed_at).is_not(None), col(SftpBatch.ended_at).is_(None))
    waiting = select(SftpFile).where(
        SftpFile.status == Status.MATCHED, col(SftpFile.due_at).is_(None), col(SftpFile.batch_id).in_(closed)
    )
    with reading() as session:
        return session.exec(waiting.order_by(col(SftpFile.id)).limit(CHUNK)).all()


def hand_on(session: Session, files: Sequence[SftpFile], places: Mapping[int, Place], directory: Directory) -> None:
    """Give these recordings, which are Matched, their facts and their agents; workers may have them from now on."""
    told, rows = _told(session, files)
    changes = []
    for file in files:
        place = places[file.campaign_id or 0]
        facts, number = told[stored_id(file.id)], stored_id(file.id)
        match = directory.match(session, facts.agent, campaign=place.campaign.slug, create=place.folder.create_agents)
        changes.append(
            {
                "id": number,
                "told": facts.as_json(),
                "agent_id": match.agent_id,
                "agent_note": match.note,
                "due_at": now(),
            }
        )
    move_each(session, Status.MATCHED, Status.MATCHED, changes)
    note_applied(session, rows)


def _told(session: Session, files: Sequence[SftpFile]) -> tuple[dict[int, Told], list[int]]:
    """What is known of each file, the newest CSV's first line before others, before its name; and the rows used."""
    told = {stored_id(file.id): Told.from_json(file.told) for file in files}
    columns = (col(SftpRow.id), col(SftpRow.file_id), col(SftpRow.told))
    rows = (
        rows_of(*columns)
        .where(col(SftpRow.file_id).in_(told))
        .order_by(col(SftpRow.sheet_id), col(SftpRow.line).desc())
    )
    used = []
    for number, file_id, said in session.execute(rows):
        told[file_id] = Told.from_json(said).over(told[file_id])
        used.append(number)
    return {number: _storable(facts) for number, facts in told.items()}, used


def _storable(told: Told) -> Told:
    """An id that no call can have stays as a detail."""
    if told.external_id is None or len(told.external_id) <= LONGEST_ID:
        return told
    note = f"The external id has more than {LONGEST_ID} characters; it is kept as a detail."
    details = {**told.details, "external id": told.external_id}
    return Told(told.agent, told.called_at, None, details, (*told.notes, note))


def _finish_sheets(session: Session, files: Sequence[SftpFile], places: Mapping[int, Place]) -> None:
    """A CSV is done once its rows are kept: those whose files come late find them there."""
    done: list[dict[str, Any]] = []
    for file in files:
        leave = places[file.campaign_id or 0].folder.after_import is AfterImport.LEAVE
        done.append({"id": stored_id(file.id), "tidying": Tidying.NONE if leave else Tidying.WANTED})
    move_each(session, Status.MATCHED, Status.COMPLETED, done)
