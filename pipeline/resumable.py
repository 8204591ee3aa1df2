"""Resumable uploads: recordings that come by many requests, to any web process, and lose nothing in between."""

import hashlib
import hmac
from collections.abc import Iterable
from time import monotonic
from typing import Protocol

from sqlmodel import Session

from config import settings
from pipeline import announced, pieces
from pipeline.announced import Announced
from pipeline.intake import Refused, check, open_campaign, too_large
from pipeline.pieces import Writing
from pipeline.storage import Storage, storage
from records import bulk, uploads
from records.db import now, reading, writing
from records.identity import Identity
from records.uploads import ResumableUpload, UploadHeld, UploadPiece

PIECE = 64 << 20  # bytes after which they are made safe: in a bucket, those of one object
PIECE_S = 30.0  # they are made safe after so long, however little has come: a killed server loses no more
RENEW_S = 2.5
LARGEST = 10**15 - 1  # bytes; the keys of pieces have 15 digits


class UploadGone(Exception):  # noqa: N818  what the upload is
    """Nothing can be added any more: too long ago, or what came was refused. The message says which, and what to do."""


class WrongOffset(Exception):  # noqa: N818  the protocol's word
    """The request goes on elsewhere than where the upload has come to."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"This upload has come to byte {offset}. Go on from there.")
        self.offset = offset


class WrongChecksum(Exception):  # noqa: N818  the protocol's word
    """What came is not what was sent; nothing of it was kept."""


class TooMuch(Exception):  # noqa: N818  what came
    """More came than the upload was announced with."""


class Digest(Protocol):
    """A hash of the standard library's."""

    def update(self, data: memoryview, /) -> None: ...

    def digest(self) -> bytes: ...


def begin(who: Identity, owner: str, campaign: str, expected: Announced) -> ResumableUpload:
    """Announce a recording to a campaign (slug); `owner` is who may add to it.

    Raises Refused for what would be refused when it is here, NotFound for a campaign that is not this person's.
    """
    try:
        _check(expected)
    except Refused as refused:
        with writing() as session:
            note_refusal(session, expected, refused)
        raise
    with writing() as session:
        upload = ResumableUpload(
            campaign_id=open_campaign(session, who, campaign),
            owner=owner,
            by=who.label,
            user_id=who.user_id,
            api_key_id=who.api_key_id,
            filename=expected.filename,
            facts=announced.as_kept(expected),
            size=expected.size,
        )
        session.add(upload)
    return upload


def look(owner: str, upload_id: str) -> ResumableUpload:
    """An upload as it stands. Raises NotFound, UploadGone."""
    with reading() as session:
        return _alive(uploads.find(session, owner, upload_id))


class Addition:
    """What one request adds to an upload, on its way into storage, made safe again and again.

    It holds the upload: nobody else adds meanwhile. The verbs may be called from different threads, one after the
    other. With a checksum nothing counts before all has come and matches.
    """

    def __init__(self, owner: str, upload_id: str, offset: int, checksum: tuple[Digest, bytes] | None = None) -> None:
        """Raises NotFound, UploadGone, UploadHeld, WrongOffset."""
        with writing() as session:
            upload = uploads.find(session, owner, upload_id)
            _alive(upload)
            self.token = uploads.hold(session, upload_id)
            session.refresh(upload)  # whoever held it until now may have added
            if upload.received != offset:
                raise WrongOffset(upload.received)
        self.upload_id, self.offset, self._size, self._held = upload_id, offset, upload.size, True
        self.sha256 = hashlib.sha256() if offset == 0 else None  # of the upload, if this request brings all of it
        self._shelf: Storage = storage()
        self._checksum = checksum
        self._open: Writing | None = None
        self._safe_at = self._renewed_at = monotonic()
        self._counted = offset  # as far as it may have been noted
        self._unsure: list[UploadPiece] = []  # in storage, not counted before the checksum matches

    @property
    def complete(self) -> bool:
        """Whether every byte of the upload has come."""
        return self.offset == self._size

    @property
    def checked(self) -> bool:
        """Whether nothing counts before all of the request has come."""
        return self._checksum is not None

    def write(self, block: bytes) -> None:
        """Keep these bytes. Raises TooMuch, StorageAway, UploadHeld once somebody has taken over."""
        if self.offset + len(block) > self._size:
            raise TooMuch(f"This upload was announced with {self._size:,} bytes, and more came.")
        rest = memoryview(block)
        if self._checksum:
            self._checksum[0].update(rest)
        if self.sha256:
            self.sha256.update(rest)
        while rest:
            opened = self._opened()
            part = rest[: PIECE - opened.unsafe]
            opened.write(part)
            self.offset += len(part)
            rest = rest[len(part) :]
            if opened.unsafe == PIECE or monotonic() - self._safe_at > PIECE_S:
                self.pause()
        self._renew()

    def _opened(self) -> Writing:
        if self._open is None or not self._open.goes_on:
            self._open = Writing(self._shelf, self.upload_id, self.offset, self.token)
            self._safe_at = monotonic()
        return self._open

    def pause(self) -> None:
        """Make what has come safe. Raises StorageAway, UploadHeld."""
        if self._open is None or not self._open.unsafe:
            return
        piece = self._open.make_safe()
        self._safe_at = monotonic()
        if not self._unsure or self._unsure[-1] is not piece:
            self._unsure.append(piece)
        if not self._checksum:
            self._count()

    def end(self) -> None:
        """The request is over: what has come counts. Raises WrongChecksum, StorageAway, UploadHeld."""
        self.pause()
        if self._checksum:
            digest, expected = self._checksum
            if not hmac.compare_digest(digest.digest(), expected):
                raise WrongChecksum("The checksum is another than that of the bytes that came.")
            if self._unsure:
                self._count()

    def over(self) -> None:
        """It has become a call, and is held by nobody any more."""
        self._held = False

    def close(self) -> None:
        """Hold the upload no longer; what does not count by now is deleted."""
        opened, self._open = self._open, None
        left, self._unsure = self._unsure, []
        try:
            if opened is not None:
                opened.close()
                self._delete([*left, opened.piece] if opened.in_storage else left)
            else:
                self._delete(left)
        finally:
            if self._held:
                with writing() as session:
                    uploads.let_go(session, self.upload_id, self.token)

    def _count(self) -> None:
        safe, self._unsure = self._unsure, []
        before, self._counted = self._counted, self.offset
        try:
            with writing() as session:
                uploads.add(session, self.upload_id, self.token, before, safe)
        except UploadHeld:  # after any other failure they may count: the database knows, not we
            self._counted = before
            self._delete(safe)
            raise
        self._renewed_at = monotonic()

    def _delete(self, left: Iterable[UploadPiece]) -> None:
        pieces.delete(self._shelf, [piece for piece in left if piece.start >= self._counted])

    def _renew(self) -> None:
        if monotonic() - self._renewed_at >= RENEW_S:
            with writing() as session:
                uploads.renew(session, self.upload_id, self.token)
            self._renewed_at = monotonic()


def note_refusal(session: Session, expected: Announced, refused: Refused) -> None:
    """Tell the recording's bulk job, where it has one."""
    if expected.bulk_job_id is not None:
        bulk.note_refusal(session, expected.bulk_job_id, expected.filename, refused.code, str(refused))


def _check(expected: Announced) -> None:
    limit = settings().max_upload_bytes or LARGEST
    if expected.size == 0:
        raise Refused("empty", "This file is empty (0 bytes). Export it again from the recording system.")
    if expected.size > limit:
        raise too_large(limit)
    check(expected.facts)


def _alive(upload: ResumableUpload) -> ResumableUpload:
    if upload.code == uploads.DELETED:
        raise UploadGone(upload.words or "")
    if upload.code is not None:
        raise UploadGone(f"What came was refused: {upload.words}")
    if upload.expires_at <= now():
        raise UploadGone("This upload came to an end: nothing was added for 24 hours. Begin a new upload.")
    return upload
