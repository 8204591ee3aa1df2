"""The end of a resumable upload: it becomes a call once, or is refused, or is given up; its pieces go."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import NamedTuple

from sqlalchemy.exc import NoResultFound
from sqlmodel import Session

from pipeline import announced, pieces
from pipeline.incoming import OriginGone
from pipeline.intake import Ask, Intake, Received, Refused
from pipeline.resumable import RENEW_S, note_refusal
from pipeline.storage import Storage, storage
from records import bulk, uploads
from records.bulk import JobCancelled
from records.db import now, reading, writing
from records.identity import NotFound
from records.uploads import ResumableUpload, UploadHeld, UploadPiece

log = logging.getLogger(__name__)

TRIES = 3  # where the same bytes are deleted in the very moment in which they come again
AT_ONCE = 100
CANCELLED = "cancelled"


class Whole(NamedTuple):
    """All that has come of an upload, in order, and its SHA-256 where that is known."""

    parts: Sequence[UploadPiece]
    sha256: str


def unfinished() -> list[str]:
    """Ids of the uploads that have come whole, and wait for somebody to make calls of them."""
    with reading() as session:
        return list(uploads.unfinished(session))


def finish(upload_id: str, ask: Ask) -> None:
    """Make a call of an upload that has come whole. Raises as `finish_held`."""
    with writing() as session:
        token = uploads.hold(session, upload_id)
    try:
        finish_held(upload_id, token, ask)
    finally:
        with writing() as session:
            uploads.let_go(session, upload_id, token)


def finish_held(upload_id: str, token: str, ask: Ask, sha256: str = "") -> None:
    """Make a call of it, for who holds it. Whatever crashes on the way, it becomes one call, once.

    `sha256` saves reading all that has come, for who knows it.

    Raises Refused or JobCancelled, and then the upload has ended; StorageAway, and then it can be tried again;
    UploadHeld.
    """
    with _kept_held(upload_id, token):
        with reading() as session:
            upload = session.get_one(ResumableUpload, upload_id)
            parts = uploads.pieces_of(session, upload_id)
        try:
            _become(upload, token, Whole(parts, sha256), ask)
        except JobCancelled as cancelled:
            with writing() as session:
                uploads.refuse(session, upload_id, token, CANCELLED, str(cancelled))
            _clear(upload_id, parts)
            raise
        except Refused as refused:
            with writing() as session:
                uploads.refuse(session, upload_id, token, refused.code, str(refused))
                note_refusal(session, announced.of(upload), refused)
            _clear(upload_id, parts)
            raise
        _clear(upload_id, parts)


def give_up(owner: str, upload_id: str) -> None:
    """Forget an upload, at its owner's wish. A call that it became stays. Raises NotFound, UploadHeld."""
    with writing() as session:
        upload = uploads.find(session, owner, upload_id)
        if upload.ended_at is None:
            uploads.hold(session, upload_id)
        parts = uploads.pieces_of(session, upload_id)
    pieces.delete(storage(), parts)  # what cannot be deleted now is an orphan then
    with writing() as session:
        uploads.forget(session, upload_id)


def sweep(shelf: Storage) -> int:
    """Forget what expired, and the pieces of what has ended; how many uploads that were."""
    swept = 0
    while True:
        with reading() as session:
            found = uploads.over(session, AT_ONCE)
        gone = sum(_sweep_one(shelf, upload) for upload in found)
        swept += gone
        if len(found) < AT_ONCE or not gone:
            return swept


def _sweep_one(shelf: Storage, upload: ResumableUpload) -> bool:
    try:
        with writing() as session:
            if upload.ended_at is None:
                uploads.hold(session, upload.id)
            expired = _is_expired(session, upload.id)
            parts = uploads.pieces_of(session, upload.id)
    except (UploadHeld, NoResultFound):
        return False
    if not pieces.delete(shelf, parts):
        return False
    with writing() as session:
        (uploads.forget if expired else uploads.forget_pieces)(session, upload.id)
    return True


def _is_expired(session: Session, upload_id: str) -> bool:
    """For who holds it. Raises UploadHeld where somebody has added to it since it was found."""
    upload = session.get_one(ResumableUpload, upload_id)
    expired = upload.expires_at <= now()
    if not expired and upload.ended_at is None:
        raise UploadHeld
    return expired


def _become(upload: ResumableUpload, token: str, whole: Whole, ask: Ask) -> None:
    for tries_left in reversed(range(TRIES)):
        try:
            _take_in(upload, token, whole, ask)
        except Refused as refused:
            if refused.code != "gone" or not tries_left:
                raise
        else:
            return


def _take_in(upload: ResumableUpload, token: str, whole: Whole, ask: Ask) -> None:
    expected = announced.of(upload)

    def also(session: Session, received: Received) -> None:
        call_id, duplicate = received.call.id, received.duplicate
        uploads.become(session, upload.id, token, call_id, duplicate=duplicate)
        if expected.bulk_job_id is not None:
            bulk.note_call(session, expected.bulk_job_id, upload.filename, call_id, duplicate=duplicate)

    try:
        with reading() as session:
            who, campaign = announced.who(session, upload), announced.campaign(session, upload)
        intake = Intake(who, campaign, expected.source)
    except NotFound as error:
        raise Refused("not_allowed", f"{error} So this upload was not taken in.") from error
    with intake:
        _bring(intake, whole)
        try:
            intake.finish(expected.filename, expected.facts, ask, also)
        except OriginGone as error:
            raise pieces.lost() from error


def _bring(intake: Intake, whole: Whole) -> None:
    """One object becomes the recording as it is; the bytes of several are put together."""
    shelf, parts = storage(), whole.parts
    key = pieces.whole(shelf, parts)
    if key:
        intake.take_over(key, parts[0].size, whole.sha256 or pieces.sha256(shelf, parts))
        return
    for block in pieces.blocks(shelf, parts):
        intake.write(block)


def _clear(upload_id: str, parts: Sequence[UploadPiece]) -> None:
    """Where it cannot be done now, the sweep does it."""
    if pieces.delete(storage(), parts):
        with writing() as session:
            uploads.forget_pieces(session, upload_id)


@contextmanager
def _kept_held(upload_id: str, token: str) -> Iterator[None]:
    """Go on holding while the block runs: a long recording takes longer to copy than the lease lasts."""
    stop = Event()
    beat = Thread(target=_beat, args=(upload_id, token, stop), name=f"hold of upload {upload_id}", daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join()


def _beat(upload_id: str, token: str, stop: Event) -> None:
    while not stop.wait(RENEW_S):
        try:
            with writing() as session:
                uploads.renew(session, upload_id, token)
        except UploadHeld:
            return
        except Exception:
            log.warning("The hold of upload %s could not be renewed just now.", upload_id, exc_info=True)
