"""Closed batches that have nothing open any more end, with a sentence about what became of their files."""

from collections.abc import Collection

from sqlmodel import Session, col, func, select

from pipeline.sftp.batches import Outcome, ended
from pipeline.sftp.leases import Writing
from records.db import now, reading, stored_id
from records.sftp import SftpBatch, SftpFile, SftpRow
from records.sftp_moves import move_batch
from records.statuses import SFTP_OPEN, SftpFileStatus

NEEDED = {"no_csv": "left_out", "no_row": "left_out", "vanished": "gone"}


def end_all(writing: Writing, numbers: Collection[int] | None = None) -> None:
    """End those that can be ended: of these, or of all."""
    still_open = (
        select(SftpFile.id).where(SftpFile.batch_id == SftpBatch.id, col(SftpFile.status).in_(SFTP_OPEN)).exists()
    )
    done = select(SftpBatch).where(
        col(SftpBatch.closed_at).is_not(None), col(SftpBatch.ended_at).is_(None), ~still_open
    )
    if numbers is not None:
        done = done.where(col(SftpBatch.id).in_(numbers))
    with reading() as session:
        batches = session.exec(done).all()
    for batch in batches:
        with writing() as session:
            status, words = ended(outcome(session, stored_id(batch.id)))
            move_batch(session, stored_id(batch.id), batch.status, status, words=words, ended_at=now())


def outcome(session: Session, number: int) -> Outcome:
    """What became of a batch's files, counted."""
    counts = dict.fromkeys(Outcome.__dataclass_fields__, 0)
    by_verdict = select(SftpFile.status, SftpFile.code, func.count()).where(SftpFile.batch_id == number)
    for status, code, count in session.exec(by_verdict.group_by(SftpFile.status, SftpFile.code)):
        counts[_kind(SftpFileStatus(status), code)] += count
    sheets = select(SftpFile.id).where(SftpFile.batch_id == number)
    rows = select(func.count()).where(col(SftpRow.sheet_id).in_(sheets))
    nowhere = rows.where(col(SftpRow.file_id).is_(None))
    names = select(func.count(func.distinct(SftpRow.name_key))).where(
        col(SftpRow.sheet_id).in_(sheets), col(SftpRow.file_id).is_(None), SftpRow.name_key != ""
    )
    counts["missing"] = session.exec(names).one()
    counts["bad_rows"] = session.exec(nowhere.where(SftpRow.name_key == "")).one()
    return Outcome(**counts)


def _kind(status: SftpFileStatus, code: str) -> str:
    match status:
        case SftpFileStatus.COMPLETED:
            return "completed"
        case SftpFileStatus.DUPLICATE:
            return "duplicates"
        case SftpFileStatus.SKIPPED:
            return NEEDED.get(code, "skipped")
    return "failed"
