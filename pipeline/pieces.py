"""Pieces of resumable uploads in storage: written one at a time, read as one recording, deleted."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from sqlmodel import Session, col, select

from pipeline.intake import BLOCK, Abandoned, Refused
from pipeline.storage import Storage, StorageAway
from records.uploads import UploadPiece

log = logging.getLogger(__name__)

_KEY = re.compile(r"uploads/[0-9a-f]{2}/([0-9a-f]{32})-[0-9]{15}-[0-9a-f]{32}")


def key_of(piece: UploadPiece) -> str:
    """Where a piece lies. Whoever was taken over and writes late writes beside its successor, never over it."""
    return f"uploads/{piece.upload_id[:2]}/{piece.upload_id}-{piece.start:015}-{piece.brought_by}"


class Writing:
    """A piece on its way into storage; its row is the caller's to add, once it is kept."""

    def __init__(self, shelf: Storage, upload_id: str, start: int, brought_by: str) -> None:
        self.piece = UploadPiece(upload_id=upload_id, start=start, size=0, brought_by=brought_by)
        self._object = shelf.write(key_of(self.piece))
        self._sink = self._object.__enter__()

    def write(self, block: memoryview) -> None:
        """Raises StorageAway."""
        self._sink.write(block)  # type: ignore[arg-type]  # both shelves take a view
        self.piece.size += len(block)

    def keep(self) -> UploadPiece:
        """Make it an object, whole and safe. Raises StorageAway."""
        self._object.__exit__(None, None, None)
        return self.piece

    def drop(self) -> None:
        """Leave nothing behind."""
        with suppress(Abandoned):
            self._object.__exit__(Abandoned, Abandoned(), None)


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
            raise _lost() from error
        if left:
            raise _lost()


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


def _lost() -> Refused:
    return Refused("lost", "A part of this upload is no longer in storage. Upload the recording again.")
