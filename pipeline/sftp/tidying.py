"""What becomes of a file on the server once its call is in: moved or deleted, if the campaign wishes so."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from sqlmodel import col, select

from pipeline.sftp.claims import PROCESSED
from pipeline.sftp.connection import paths
from pipeline.sftp.connection.server import Connection, NotReadable
from pipeline.sftp.leases import Writing
from pipeline.sftp.places import Place
from records import db
from records.db import reading, stored_id
from records.sftp import SftpFile, Tidying
from records.sftp_folders import AfterImport, SftpFolder
from records.sftp_moves import note_file

AT_ONCE = 1000  # files of one sweep


def wanted(after: AfterImport) -> Tidying:
    """Whether there is anything to do."""
    return Tidying.NONE if after is AfterImport.LEAVE else Tidying.WANTED


def tidy_all(server: Connection, places: Mapping[int, Place], writing: Writing) -> None:
    """What was not done right after the import. Raises SftpAway."""
    waiting = select(SftpFile).where(SftpFile.tidying == Tidying.WANTED).order_by(col(SftpFile.id)).limit(AT_ONCE)
    with reading() as session:
        files = session.exec(waiting).all()
    for file in files:
        place = places.get(file.campaign_id or 0)
        tidy(server, file, place.folder.after_import if place else AfterImport.LEAVE, writing)


def tidy(server: Connection, file: SftpFile, after: AfterImport, writing: Writing = db.writing) -> None:
    """Move or delete one file, unless it is another by now. Raises SftpAway; what is refused is noted at the file."""
    state, words = Tidying.DONE, ""
    try:
        if after is not AfterImport.LEAVE and file.path:
            words = _do(server, file, after)
    except NotReadable as error:
        state = Tidying.DONE if error.code == "vanished" else Tidying.FAILED
        words = "" if error.code == "vanished" else f"It could not be {_done(after)} after its import. {error}"
    with writing() as session:
        note_file(session, stored_id(file.id), tidying=state, **({"reason": words} if words else {}))


def _do(server: Connection, file: SftpFile, after: AfterImport) -> str:
    raw = paths.raw(file.path)
    entry = server.stat(raw)
    if (entry.size, entry.modified) != (file.size, file.modified):
        return "Another file lies in its place by now, and was left there."
    if after is AfterImport.DELETE:
        server.delete(raw)
        return ""
    folder = _folder(file)
    within = raw[len(folder) + 1 :] if raw.startswith(folder + b"/") else PurePosixPath(file.path).name.encode()
    server.move(raw, folder + b"/" + PROCESSED.encode() + b"/" + within)
    return ""


def _folder(file: SftpFile) -> bytes:
    """The campaign's folder now: one that was renamed meanwhile gets its own `processed`."""
    with reading() as session:
        folder = session.exec(select(SftpFolder.folder).where(SftpFolder.campaign_id == file.campaign_id)).one()
    return folder.encode()


def _done(after: AfterImport) -> str:
    return "deleted" if after is AfterImport.DELETE else f"moved to {PROCESSED}/"
