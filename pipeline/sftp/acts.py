"""What a person does with files and batches of the SFTP server: try again, import as new, take as it is, go on now."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select, update

from pipeline.sftp import attaching, releasing
from pipeline.sftp.claims import Claims
from pipeline.sftp.people import Directory
from pipeline.sftp.places import Place, places
from pipeline.sound.contract import Flaw
from records import access, audit, sftp
from records.campaigns import Campaign, NotUsable
from records.db import now, stored_id, writing
from records.identity import Identity, NotFound
from records.roles import Permission
from records.sftp import FileKind, SftpBatch, SftpFile
from records.sftp_moves import move_files, note_file
from records.statuses import SftpFileStatus as Status

MOST = 5_000  # files of one act
RETRIED = frozenset({"no_csv", "no_row", "not_audio", "vanished"})  # of those left out: what may be otherwise by now
AGAIN = "A person had it tried again."


def retry(who: Identity, ids: Collection[int]) -> int:
    """Import files anew that failed, or were left out for what may be otherwise by now; how many of these there were.

    A CSV is read anew by the next sweep. Raises NotFound where one is not this person's, NotUsable for too many.
    """
    if len(ids) > MOST:
        raise NotUsable(f"At most {MOST:,} files at once.")
    with writing() as session:
        files = _files(session, who, ids)
        if len(files) < len(set(ids)):
            raise NotFound("There is no such file.")
        return _retried(session, who, files)


def retry_batch(who: Identity, number: int) -> int:
    """The same for every file of a batch that failed; how many there were. Raises NotFound."""
    with writing() as session:
        batch = _batch(session, who, number)
        failed = select(SftpFile.id).where(SftpFile.batch_id == batch.id, SftpFile.status == Status.FAILED)
        ids = [stored_id(each) for each in session.exec(failed.limit(MOST))]
        return _retried(session, who, _files(session, who, ids))


def import_as_new(who: Identity, number: int) -> None:
    """Import what lies now where a recording was imported from before. Raises NotFound, NotUsable."""
    with writing() as session:
        file = _one(session, who, number)
        if (file.status, file.code) != (Status.DUPLICATE, "same_path"):
            raise NotUsable("Only a file whose path was imported before can be imported as new.")
        note_file(session, number, call_id=None)
        _release(session, who, file, "sftp.import_as_new")


def take_cut_short(who: Identity, number: int) -> None:
    """Import a recording that is cut short all the same. Raises NotFound, NotUsable."""
    with writing() as session:
        file = _one(session, who, number)
        if (file.status, file.code) != (Status.FAILED, Flaw.CUT_SHORT):
            raise NotUsable("Only a recording that is cut short can be taken as it is.")
        note_file(session, number, accept_truncated=True)
        _release(session, who, file, "sftp.take_cut_short")


def process_now(who: Identity, number: int) -> None:
    """End a batch's window: the next sweep imports what is whole, without a CSV too. Raises NotFound, NotUsable."""
    with writing() as session:
        batch = _batch(session, who, number)
        still = update(SftpBatch).where(col(SftpBatch.id) == number, col(SftpBatch.closed_at).is_(None))
        if session.exec(still.values(forced=True, by=who.label)).rowcount != 1:
            raise NotUsable("This batch waits for nothing any more.")
        audit.log(session, who, "sftp.process_now", f"batch {number}", campaign_id=batch.campaign_id)


def _mine(who: Identity) -> ColumnElement[bool]:
    campaigns = access.campaigns(who, Permission.CALL_UPLOAD).with_only_columns(col(Campaign.id))
    return col(SftpFile.campaign_id).in_(campaigns)


def _files(session: Session, who: Identity, ids: Collection[int]) -> list[SftpFile]:
    wanted = sftp.files(who).where(_mine(who), col(SftpFile.id).in_(ids), col(SftpFile.superseded_at).is_(None))
    # In one order, so that no two who take the same files wait for each other.
    return list(session.exec(wanted.order_by(col(SftpFile.id)).with_for_update(of=SftpFile)))


def _one(session: Session, who: Identity, number: int) -> SftpFile:
    found = _files(session, who, [number])
    if not found:
        raise NotFound("There is no such file.")
    return found[0]


def _batch(session: Session, who: Identity, number: int) -> SftpBatch:
    batch = sftp.batch(session, who, number)
    mine = access.campaigns(who, Permission.CALL_UPLOAD).where(Campaign.id == batch.campaign_id)
    if session.exec(mine).first() is None:
        raise NotFound("There is no such batch.")
    return batch


def _retried(session: Session, who: Identity, files: Sequence[SftpFile]) -> int:
    again = [file for file in files if file.status is Status.FAILED or _left_out(file)]
    for was in (Status.FAILED, Status.SKIPPED):
        recordings = [stored_id(file.id) for file in again if file.status is was and file.kind is FileKind.RECORDING]
        values: dict[str, Any] = {"code": "", "reason": AGAIN, "tries": 0, "due_at": now()}
        move_files(session, recordings, was, Status.MATCHED, **values)
        sheets = [stored_id(file.id) for file in again if file.status is was and file.kind is FileKind.SHEET]
        move_files(session, sheets, was, Status.DETECTED, code="settling", reason=AGAIN)
    attaching.resume(session, {file.batch_id for file in again if file.batch_id is not None})
    by_campaign: dict[int | None, int] = {}
    for file in again:
        by_campaign[file.campaign_id] = by_campaign.get(file.campaign_id, 0) + 1
    for campaign_id, count in by_campaign.items():
        words = "1 file" if count == 1 else f"{count:,} files"
        audit.log(session, who, "sftp.retry", words, campaign_id=campaign_id)
    return len(again)


def _left_out(file: SftpFile) -> bool:
    return file.status is Status.SKIPPED and file.code in RETRIED


def _release(session: Session, who: Identity, file: SftpFile, act: str) -> None:
    """Back to work at once, whatever its batch waits for, with what its name and the CSVs say."""
    place = places(session)[file.campaign_id or 0]
    number = stored_id(file.id)
    told, _ = place.told_by_name(Claims([place.claim]).of(file.path).within)
    move_files(session, [number], file.status, Status.MATCHED, told=told.as_json(), code="", reason=AGAIN, tries=0)
    attaching.to_files(session, place, [number])
    _hand_on(session, number, place)
    attaching.resume(session, {file.batch_id} - {None})  # type: ignore[arg-type]  # without None
    audit.log(session, who, act, f"file {number}", campaign_id=file.campaign_id)


def _hand_on(session: Session, number: int, place: Place) -> None:
    fresh = session.exec(select(SftpFile).where(SftpFile.id == number).execution_options(populate_existing=True)).one()
    releasing.hand_on(session, [fresh], {place.id: place}, Directory.read(session))
