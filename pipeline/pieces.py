"""Pieces of resumable uploads in storage: written one at a time, read as one recording, deleted."""

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress

from sqlmodel import Session, col, select

from pipeline.incoming import BLOCK, Abandoned
from pipeline.intake import Refused
from pipeline.storage import Sink, Storage, StorageAway
from records.uploads import UploadPiece

log = logging.getLogger(__name__)

_KEY = re.compile(r"uploads/[0-9a-f]{2}/([0-9a-f]{32})-[0-9]{15}-[0-9a-f]{32}")


def key_of(piece: UploadPiece) -> str:
    """Where a piece lies. Whoever was taken over and writes late writes beside its successor, never over it."""
    return f"uploads/{piece.upload_id[:2]}/{piece.upload_id}-{piece.start:015}-{piece.brought_by}"


class Writing:
    """A piece on its way into storage; its row is the caller's to note, each time it was made safe.

    In a folder it is one file as long as the request lasts. In a bucket it is over once it is safe: `goes_on` says so.
    """

    def __init__(self, shelf: Storage, upload_id: str, start: int, brought_by: str) -> None:
        self.piece = UploadPiece(upload_id=upload_id, start=start, size=0, brought_by=brought_by)
        self.unsafe = 0  # bytes that a killed server would lose
        key = key_of(self.piece)
        self._object: AbstractContextManager[Sink] | None = None
        self._growing = shelf.grow(key)
        self._sink: Sink | None = self._growing
        if self._growing is None:
            self._object = shelf.write(key)
            self._sink = self._object.__enter__()

    @property
    def goes_on(self) -> bool:
        """Whether more may be written."""
        return self._sink is not None

    @property
    def in_storage(self) -> bool:
        """Whether there is an object already, before anything was made safe."""
        return self._growing is not None

    def write(self, block: memoryview) -> None:
        """Raises StorageAway."""
        if self._sink is None:
            raise ValueError("This piece has ended.")
        self._sink.write(block)  # type: ignore[arg-type]  # both shelves take a view
        self.unsafe += len(block)

    def make_safe(self) -> UploadPiece:
        """The piece with all that was written. Raises StorageAway."""
        if self._growing:
            self._growing.make_safe()
        elif self._object:
            ended, self._object, self._sink = self._object, None, None
            ended.__exit__(None, None, None)
        self.piece.size += self.unsafe
        self.unsafe = 0
        return self.piece

    def close(self) -> None:
        """What was not made safe is gone."""
        self._sink = None
        if self._growing:
            self._growing.close()
        elif self._object:
            with suppress(Abandoned):
                self._object.__exit__(Abandoned, Abandoned(), None)


def whole(shelf: Storage, pieces: Sequence[UploadPiece]) -> str | None:
    """The key of the one object that is all of these pieces, no more and no less; else None.

    Raises Refused where it is gone, StorageAway.
    """
    if len(pieces) != 1:
        return None
    key = key_of(pieces[0])
    try:
        return key if shelf.size(key) == pieces[0].size else None
    except FileNotFoundError as error:
        raise lost() from error


def sha256(shelf: Storage, pieces: Sequence[UploadPiece]) -> str:
    """Of all their bytes. Raises Refused where one is gone, StorageAway."""
    digest = hashlib.sha256()
    for block in blocks(shelf, pieces):
        digest.update(block)
    return digest.hexdigest()


def blocks(shelf: Storage, pieces: Sequence[UploadPiece]) -> Iterator[bytes]:
    """The bytes of all pieces in order, a megabyte at a time. Raises Refused where one is gone, StorageAway."""
    for piece in pieces:
        left = piece.size
        try:
            with shelf.open(key_of(piece)) as source:
                while block := source.read(min(BLOCK, left)):
                    left -= len(block)
                    yield block
        except FileNotFoundError as error:
            raise lost() from error
        if left:
            raise lost()


def delete(shelf: Storage, pieces: Iterable[UploadPiece]) -> bool:
    """Delete their objects; False where storage is away, and the sweep has to do it."""
    try:
        for piece in pieces:
            shelf.delete(key_of(piece))
    except (OSError, StorageAway):
        log.warning("Pieces of an upload could not be deleted; the sweep will.", exc_info=True)
        return False
    return True


def nobodys(session: Session, keys: Iterable[str]) -> list[str]:
    """Those of these keys at which pieces lie that no upload knows of: a server was killed before it noted them."""
    ours = {key: found for key in keys if (found := _KEY.fullmatch(key))}
    uploads = {found[1] for found in ours.values()}
    known = {
        key_of(piece) for piece in session.exec(select(UploadPiece).where(col(UploadPiece.upload_id).in_(uploads)))
    }
    return [key for key in ours if key not in known]


def lost() -> Refused:
    """The refusal of an upload of which a part is gone."""
    return Refused("lost", "A part of this upload is no longer in storage. Upload the recording again.")
