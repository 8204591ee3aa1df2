"""One recording from the server into storage, and a call of it; or the verdict why not."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from config import settings
from pipeline.intake import Ask, Facts, Intake, Received, Refused, megabytes, too_large
from pipeline.sftp.connection import paths
from pipeline.sftp.connection.server import Connection, FileChanged, NotReadable, SftpAway
from pipeline.sftp.facts.told import Told
from pipeline.sftp.foreign import promises_sound
from pipeline.sftp.tidying import tidy, wanted
from pipeline.storage import Folder, StorageAway, storage
from records.campaigns import Campaign
from records.db import now, reading, stored_id
from records.deletions import DeletedCall
from records.identity import SFTP
from records.sftp import SftpFile
from records.sftp_folders import AfterImport, SftpFolder
from records.sftp_moves import move_files
from records.statuses import SftpFileStatus as Status
from records.statuses import Source

log = logging.getLogger(__name__)

TRIES = 5
FIRST_PAUSE_S = 5.0  # doubling
STORAGE_PAUSE = timedelta(seconds=30)
WAS_DELETED = "A call with the same recording was deleted here, so that it is not imported again."
CHANGED = "It changed while it was fetched, and is taken once its size and time have stood still."


class ClaimLost(Exception):  # noqa: N818  what happened
    """Another worker imports this file now; nothing of ours may be written."""


@dataclass(frozen=True)
class Verdict:
    """Where the file goes, and what is to be written of it."""

    to: Status
    values: dict[str, Any] = field(default_factory=dict)


def fetch(server: Connection, file: SftpFile, claim: str, ask: Ask) -> Verdict | None:
    """Import a file that this worker holds. None: its verdict was written together with its call.

    Raises SftpAway where the server is not there.
    """
    began = False
    try:
        campaign, after = _campaign(file)
        _expect_room(file.size)
        blocks = server.read(paths.raw(file.path), size=file.size, modified=file.modified)
        began = True  # the server is there: what breaks off from here on may be this file's doing, and counts
        with Intake(SFTP, campaign, Source.SFTP) as intake:
            for block in blocks:
                intake.write(block)
            entry = server.stat(paths.raw(file.path))
            if (entry.size, entry.modified) != (file.size, file.modified):
                return _again()
            intake.finish(_filename(file), _facts(file), ask, _also(file, claim, after))
    except FileChanged:
        return _again()
    except SftpAway as error:
        if not began:
            raise
        return _try_again(file, "cut_off", f"The connection broke off in the middle of the file. {error}")
    except Exception as error:  # noqa: BLE001  whatever broke, the file gets a sentence, and the others go on
        return _trouble(file, error)
    _tidy(server, file, after)
    return None


def _expect_room(size: int) -> None:
    """Before a byte is fetched: what never fits would fill the disk again and again, and keep all others out."""
    limit, shelf = settings().max_upload_bytes, storage()
    if limit and size > limit:
        raise too_large(limit)
    if isinstance(shelf, Folder) and size > shelf.free_bytes():
        raise StorageAway(f"It has {megabytes(size)}, and there is less room on the disk.")


def _trouble(file: SftpFile, error: Exception) -> Verdict | None:
    if isinstance(error, ClaimLost):
        log.info("SFTP file %s went to another worker; this one writes nothing.", file.id)
        return None
    if isinstance(error, Refused):
        return _refused(file, error)
    if isinstance(error, NotReadable):
        return Verdict(Status.FAILED, {"code": error.code, "reason": str(error)})
    if isinstance(error, StorageAway):
        words = f"It waits for storage. {error}"
        return Verdict(Status.MATCHED, {"reason": words, "due_at": now() + STORAGE_PAUSE})
    log.error("SFTP file %s could not be imported.", file.id, exc_info=error)
    return _try_again(file, "broke", "Importing it broke off by a mistake of TotalView's own. The log says more.")


def _refused(file: SftpFile, error: Refused) -> Verdict:
    """What intake does not take in. A file that was never meant as a recording is no failure."""
    code, words = error.code, str(error)
    if code == "deleted":
        return Verdict(Status.DUPLICATE, {"code": code, "reason": words})
    if code == "archived":
        return Verdict(Status.SKIPPED, {"code": "off", "reason": words})
    if code == "not_audio" and not promises_sound(file.path):
        return Verdict(Status.SKIPPED, {"code": code, "reason": words, "agent_note": ""})
    return Verdict(Status.FAILED, {"code": code, "reason": words})


def _try_again(file: SftpFile, code: str, words: str) -> Verdict:
    """What may pass is tried again, later and later, before it is a failure."""
    tries = file.tries + 1
    if tries >= TRIES:
        reason = f"{words} It was tried {tries} times. 'Retry' tries again."
        return Verdict(Status.FAILED, {"code": code, "reason": reason, "tries": tries})
    pause = timedelta(seconds=FIRST_PAUSE_S * 2 ** (tries - 1))
    return Verdict(Status.MATCHED, {"code": code, "reason": words, "tries": tries, "due_at": now() + pause})


def _again() -> Verdict:
    """It is not the file that was seen: the sweep watches it anew."""
    return Verdict(
        Status.DETECTED, {"code": "settling", "reason": CHANGED, "still_since": now(), "due_at": None, "size": -1}
    )


def _campaign(file: SftpFile) -> tuple[str, AfterImport]:
    wanted = rows_of(col(Campaign.slug), col(SftpFolder.after_import)).outerjoin(
        SftpFolder, col(SftpFolder.campaign_id) == Campaign.id
    )
    with reading() as session:
        slug, after = session.execute(wanted.where(col(Campaign.id) == file.campaign_id)).one()
    return slug, AfterImport(after or AfterImport.LEAVE)


def _filename(file: SftpFile) -> str:
    """As the call shows it: bytes that are no text are shown as such."""
    return paths.raw(file.path).rsplit(b"/", 1)[-1].decode("utf-8", "replace").replace("\\", "_")


def _facts(file: SftpFile) -> Facts:
    told = Told.from_json(file.told)
    return Facts(
        called_at=told.called_at,
        external_id=told.external_id,
        agent_id=file.agent_id,
        agent_given=told.agent,
        details=dict(told.details),
        accept_truncated=file.accept_truncated,
    )


def _also(file: SftpFile, claim: str, after: AfterImport) -> Any:  # noqa: ANN401  intake's own type
    """What is written of the file in the very transaction in which its call enters."""

    def note(session: Session, received: Received) -> None:
        call = received.call
        if not received.duplicate and _was_deleted(session, call.campaign_id, call.sha256):
            raise Refused("deleted", WAS_DELETED)
        to = Status.DUPLICATE if received.duplicate else Status.COMPLETED
        words = "The same recording is here already, under another name." if received.duplicate else ""
        values = {
            "call_id": call.id,
            "code": "same_bytes" if received.duplicate else "",
            "reason": words,
            "tidying": wanted(after),
        }
        if not move_files(session, [stored_id(file.id)], Status.PROCESSING, to, claim=claim, **values):
            raise ClaimLost

    return note


def _was_deleted(session: Session, campaign_id: int, digest: str) -> bool:
    stone = select(DeletedCall.id).where(DeletedCall.campaign_id == campaign_id, col(DeletedCall.sha256) == digest)
    return session.exec(stone.limit(1)).first() is not None


def _tidy(server: Connection, file: SftpFile, after: AfterImport) -> None:
    """At once where it can be; what goes wrong here the next sweep does, since the call is in."""
    if after is AfterImport.LEAVE:
        return
    try:
        tidy(server, file, after)
    except SftpAway as error:
        log.info("SFTP file %s is tidied up later: %s", file.id, error)
