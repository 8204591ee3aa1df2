"""Open batches are held against the clock: which wait, and which are closed and handed on."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from pipeline.sftp.batches import Close, Standing, Take, decide
from pipeline.sftp.chunks import chunks
from pipeline.sftp.leases import Writing
from pipeline.sftp.looking import CHUNK
from pipeline.sftp.places import Place, open_batch
from records.db import UNSEEN, now, reading, stored_id
from records.sftp import FileKind, SftpBatch, SftpFile, SftpRow
from records.sftp_moves import move_batch, move_files
from records.statuses import SftpBatchStatus, SftpFileStatus

NO_CSV = "A CSV is required, and none came before the end of the window. It is imported once a CSV names it."
NO_ROW = "A CSV is required, and none names this file. It is imported once one does."


def close_all(places: Mapping[int, Place], writing: Writing) -> None:
    """Decide about every open batch."""
    with reading() as session:
        waiting = list(session.exec(select(SftpBatch).where(col(SftpBatch.closed_at).is_(None))))
    while waiting:
        batch = waiting.pop()
        with writing() as session:
            following = _decide(session, batch, places[batch.campaign_id])
        waiting += [following] if following else []


def _decide(session: Session, batch: SftpBatch, place: Place) -> SftpBatch | None:
    """Close it or say what it waits for; the batch of what stays behind, which is to be decided about too."""
    number = stored_id(batch.id)
    decision = decide(standing(session, batch, csv_required=place.csv_required), now())
    if isinstance(decision, Close):
        return _close(session, batch, place, decision.take)
    values: dict[str, Any] = {"words": decision.words}
    if (
        now() >= batch.closes_at
    ):  # all that is in it is still being written, and who comes next shall not miss the window
        values["closes_at"] = now() + timedelta(minutes=place.folder.window_minutes)
    if (decision.status, decision.words) != (batch.status, batch.words) or "closes_at" in values:
        move_batch(session, number, batch.status, decision.status, **values)
    return None


def standing(session: Session, batch: SftpBatch, *, csv_required: bool) -> Standing:
    """What is in a batch, counted."""
    theirs = SftpFile.batch_id == batch.id
    counts = session.exec(
        select(SftpFile.kind, SftpFile.status, func.count()).where(theirs).group_by(SftpFile.kind, SftpFile.status)
    ).all()

    def count(kind: FileKind | None, *statuses: SftpFileStatus) -> int:
        return sum(number for its, status, number in counts if kind in {its, None} and status in statuses)

    rows = select(func.count(func.distinct(SftpRow.name_key))).where(
        col(SftpRow.sheet_id).in_(_sheets(batch)), SftpRow.name_key != ""
    )
    watched = select(SftpFile.id).where(SftpFile.status == SftpFileStatus.DETECTED)
    unsure = col(SftpRow.file_id).is_(None) | col(SftpRow.file_id).in_(watched)
    missing = session.exec(rows.where(unsure)).one()
    return Standing(
        csv_required=csv_required,
        forced=batch.forced,
        closes_at=batch.closes_at,
        unsettled=count(None, SftpFileStatus.DETECTED),
        recordings=count(FileKind.RECORDING, SftpFileStatus.MATCHED),
        sheets=count(FileKind.SHEET, SftpFileStatus.MATCHED),
        named=session.exec(rows.where(~unsure)).one(),
        missing=missing,
        others=count(None, SftpFileStatus.DUPLICATE, SftpFileStatus.FAILED),
    )


def _sheets(batch: SftpBatch) -> SelectOfScalar[Any]:
    read = SftpFile.status == SftpFileStatus.MATCHED
    return select(SftpFile.id).where(SftpFile.batch_id == batch.id, SftpFile.kind == FileKind.SHEET, read)


def _close(session: Session, batch: SftpBatch, place: Place, take: Take) -> SftpBatch | None:
    """Close it; what does not go with it begins the next batch, or is left out."""
    number, moment = stored_id(batch.id), now()
    words = "Its files are being imported."
    if not move_batch(session, number, batch.status, SftpBatchStatus.PROCESSING, words=words, closed_at=moment):
        return None
    rest = col(SftpFile.status) == SftpFileStatus.DETECTED
    if take is Take.NAMED:
        rest = rest | _unnamed()
    following = _go_on(session, number, place, rest)
    if take is Take.CSV_ONLY:
        _leave_out(session, number)
    return following


def _unnamed() -> ColumnElement[bool]:
    """Whole recordings that no row of a CSV names."""
    row = exists().where(col(SftpRow.file_id) == SftpFile.id)
    waits = col(SftpFile.status) == SftpFileStatus.MATCHED
    return (col(SftpFile.kind) == FileKind.RECORDING) & waits & ~row


def _go_on(session: Session, number: int, place: Place, rest: ColumnElement[bool]) -> SftpBatch | None:
    """What stays open begins a batch of its own, whose window begins when the first of it was last written to."""
    these = (col(SftpFile.batch_id) == number) & rest
    since: datetime | None = session.exec(select(func.min(SftpFile.still_since)).where(these)).one()
    if since is None:
        return None
    following = open_batch(session, place, since, after_id=number)
    session.execute(update(SftpFile).where(these).values(batch_id=following), execution_options=UNSEEN)
    return session.exec(select(SftpBatch).where(SftpBatch.id == following)).one()


def _leave_out(session: Session, number: int) -> None:
    any_sheet = select(SftpFile.id).where(
        SftpFile.batch_id == number, SftpFile.kind == FileKind.SHEET, SftpFile.status == SftpFileStatus.MATCHED
    )
    named = session.exec(any_sheet).first() is not None
    out = session.exec(select(SftpFile.id).where(SftpFile.batch_id == number, _unnamed())).all()
    code, reason = ("no_row", NO_ROW) if named else ("no_csv", NO_CSV)
    for some in chunks(map(stored_id, out), CHUNK):
        move_files(session, some, SftpFileStatus.MATCHED, SftpFileStatus.SKIPPED, code=code, reason=reason)
