"""What a look expected and did not find: renamed, or taken away; and folders that were closed and are open again."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, or_, select, update

from pipeline.sftp.chunks import chunks
from pipeline.sftp.leases import Writing
from pipeline.sftp.sightings import CLOSED
from records.db import now, reading, stored_id
from records.sftp import SftpFile
from records.sftp_moves import move_files
from records.statuses import SftpFileStatus as Status

CHUNK = 500
GONE = "It was taken away from the server before it was imported."
_Like = tuple[int | None, int, datetime]  # campaign, size, time
WAITING = (Status.DETECTED, Status.MATCHED)


def expected() -> set[int]:
    """Files that wait, and folders that could not be looked into."""
    waiting = select(SftpFile.id).where(or_(col(SftpFile.status).in_(WAITING), SftpFile.code == CLOSED))
    with reading() as session:
        return {stored_id(number) for number in session.exec(waiting.where(col(SftpFile.superseded_at).is_(None)))}


def note(missing: Collection[int], closed: Collection[str], writing: Writing) -> None:
    """Write what became of those that were not seen; nothing is known of what lies in folders that are closed."""
    for some in chunks(sorted(missing), CHUNK):
        with writing() as session:
            these = session.exec(select(SftpFile).where(col(SftpFile.id).in_(some))).all()
            known = [each for each in these if not any(_inside(each.path, folder) for folder in closed)]
            _note_opened(session, [stored_id(each.id) for each in known if each.code == CLOSED])
            _note_gone(session, [each for each in known if each.status in WAITING], missing)


def _note_opened(session: Session, folders: Sequence[int]) -> None:
    session.exec(update(SftpFile).where(col(SftpFile.id).in_(folders)).values(superseded_at=now()))


def _note_gone(session: Session, files: Sequence[SftpFile], missing: Collection[int]) -> None:
    twins = _twins(session, files, missing)
    for file in files:
        number = stored_id(file.id)
        later, path = twins.get((file.campaign_id, file.size, file.modified), (0, ""))
        code, reason = ("renamed", f"It was renamed to {path}.") if later > number else ("vanished", GONE)
        move_files(session, [number], file.status, Status.SKIPPED, code=code, reason=reason, due_at=None)


def _twins(session: Session, files: Sequence[SftpFile], missing: Collection[int]) -> dict[_Like, tuple[int, str]]:
    """Of files that wait and are there, the newest that is the same by campaign, size and time: its number and path."""
    if not files:
        return {}
    columns = (col(SftpFile.campaign_id), col(SftpFile.size), col(SftpFile.modified))
    later = rows_of(*columns, col(SftpFile.id), col(SftpFile.path)).where(
        columns[0].in_({each.campaign_id for each in files}),
        columns[1].in_({each.size for each in files}),
        col(SftpFile.status).in_(WAITING),
        col(SftpFile.id) > min(stored_id(each.id) for each in files),
    )
    found = session.execute(later.order_by(col(SftpFile.id)))
    return {(where, size, when): (number, path) for where, size, when, number, path in found if number not in missing}


def _inside(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")
