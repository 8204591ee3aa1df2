"""Rows of CSVs and the files that they name find each other, whichever came first."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, or_, select, update

from pipeline.sftp.chunks import chunks
from pipeline.sftp.matching import Candidate, choose
from pipeline.sftp.places import Place
from pipeline.sftp.sightings import RULES
from records.db import now, stored_id
from records.sftp import FileKind, SftpBatch, SftpFile, SftpRow
from records.sftp_moves import move_batch, move_files
from records.statuses import SftpBatchStatus, SftpFileStatus

CHUNK = 250
WAITS = timedelta(days=30)  # a row for its recording: names that are used again would get facts of old calls
NO_CSV = frozenset({"no_csv", "no_row"})  # codes of recordings that were left out for want of a row


def to_files(session: Session, place: Place, ids: Sequence[int]) -> None:
    """Give files that have just come whole the rows that have waited for them."""
    for some in chunks(ids, CHUNK):
        keys = rows_of(col(SftpFile.name_key), col(SftpFile.stem_key)).where(col(SftpFile.id).in_(some))
        names = {key for pair in session.execute(keys) for key in pair}
        recent = select(SftpFile.id).where(col(SftpFile.seen_at) > now() - WAITS)
        waiting = select(SftpRow).where(
            SftpRow.campaign_id == place.id, col(SftpRow.file_id).is_(None), col(SftpRow.name_key).in_(names)
        )
        waiting = waiting.where(col(SftpRow.sheet_id).in_(recent))
        rows = session.exec(waiting.order_by(col(SftpRow.id).desc())).all()
        if rows:
            to_rows(session, place, rows)


def to_rows(session: Session, place: Place, rows: Sequence[SftpRow]) -> None:
    """Give rows the files that they name, where those are there; what was left out for want of a row comes back."""
    for some in chunks(rows, CHUNK):
        usable = [row for row in some if row.name_key]
        by_key = _candidates(session, place, {row.name_key for row in usable})
        sheets = {row.sheet_id for row in usable}
        batch_of = dict(
            session.execute(rows_of(col(SftpFile.id), col(SftpFile.batch_id)).where(col(SftpFile.id).in_(sheets))).all()
        )
        pairs: list[tuple[SftpRow, Candidate]] = []
        for row in usable:
            possible = by_key.get(row.name_key, ())
            file = choose(row.name, possible, batch_of[row.sheet_id])
            if file is None and possible:
                row.words = f"{len(possible)} files are called that. Name the folder too."
                session.add(row)
            if file is not None:
                row.file_id = file.id
                session.add(row)
                pairs.append((row, file))
        session.flush()
        _link_batches(session, place, {(batch_of[row.sheet_id], file.batch_id) for row, file in pairs})
        _revive(session, [file.id for _row, file in pairs])


def _candidates(session: Session, place: Place, keys: set[str]) -> dict[str, list[Candidate]]:
    """By the key of a row, the files that it may mean: by their whole name, or by their name without extension."""
    columns = (col(SftpFile.id), col(SftpFile.path), col(SftpFile.name_key), col(SftpFile.stem_key))
    files = rows_of(*columns, col(SftpFile.batch_id)).where(
        col(SftpFile.campaign_id) == place.id,
        col(SftpFile.kind) == FileKind.RECORDING,
        col(SftpFile.superseded_at).is_(None),
        col(SftpFile.code).not_in(RULES),
        or_(col(SftpFile.name_key).in_(keys), col(SftpFile.stem_key).in_(keys)),
    )
    found: dict[str, list[Candidate]] = {}
    for columns_of_file in session.execute(files):
        file = Candidate(*columns_of_file)
        for key in {file.name_key, file.stem_key} & keys:
            found.setdefault(key, []).append(file)
    return found


def _link_batches(session: Session, place: Place, pairs: set[tuple[int | None, int | None]]) -> None:
    """The open batch remembers whose late files, or whose late CSV, it holds."""
    numbers = {number for pair in pairs if pair[0] != pair[1] for number in pair if number is not None}
    if not numbers:
        return
    still = select(SftpBatch).where(SftpBatch.campaign_id == place.id, col(SftpBatch.closed_at).is_(None))
    current = session.exec(still).first()
    if current is not None and current.after_id is None and stored_id(current.id) in numbers:
        current.after_id = max(numbers - {stored_id(current.id)})
        session.add(current)


def _revive(session: Session, ids: Sequence[int]) -> None:
    """Recordings that were left out for want of a row go on, and so do their batches."""
    out = rows_of(col(SftpFile.id), col(SftpFile.batch_id)).where(
        col(SftpFile.id).in_(ids),
        col(SftpFile.status) == SftpFileStatus.SKIPPED,
        col(SftpFile.code).in_(NO_CSV),
    )
    found = session.execute(out).all()
    back = move_files(
        session,
        [number for number, _batch in found],
        SftpFileStatus.SKIPPED,
        SftpFileStatus.MATCHED,
        code="",
        reason="Its CSV came late.",
        due_at=None,
    )
    if back:
        resume(session, {batch for _number, batch in found if batch is not None})


def resume(session: Session, batches: Iterable[int]) -> None:
    """Batches that had ended have something to do again."""
    for number in batches:
        batch = session.exec(select(SftpBatch).where(SftpBatch.id == number)).one()
        if batch.ended_at is not None:
            move_batch(session, number, batch.status, SftpBatchStatus.PROCESSING, words="", ended_at=None)


def note_applied(session: Session, ids: Sequence[int]) -> None:
    """What these rows say stands where it belongs."""
    session.exec(update(SftpRow).where(col(SftpRow.id).in_(ids)).values(applied_at=now()))
