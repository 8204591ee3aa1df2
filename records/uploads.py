"""Resumable uploads on their way: what has come of each so far, and who is bringing it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, text
from sqlmodel import Field, Session, SQLModel, and_, col, delete, exists, or_, select, update

from records.db import UNSEEN, now
from records.identity import NotFound

HELD_FOR = timedelta(seconds=8)  # a request that has brought nothing for so long may be taken over
LASTS = timedelta(hours=24)  # after the last byte
ID_LENGTH = 32
DELETED = "deleted"  # the code of an upload whose call was deleted


def new_upload_id() -> str:
    """A random id, which is also its address: 32 hexadecimal digits."""
    return uuid4().hex


class ResumableUpload(SQLModel, table=True):
    """A recording that comes in pieces. `held_by` names the one request that may add to it, until `held_until`."""

    __tablename__ = "resumable_upload"

    id: str = Field(default_factory=new_upload_id, primary_key=True, max_length=ID_LENGTH)
    campaign_id: int = Field(foreign_key="campaign.id")
    owner: str = Field(max_length=40, index=True)  # 'key:5' or 'user:7'; for anybody else it is not there
    by: str = Field(default="", max_length=320)
    user_id: int | None = Field(default=None, foreign_key="person.id")
    api_key_id: int | None = Field(default=None, foreign_key="api_key.id")
    filename: str = Field(max_length=1024)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # pipeline/announced.py
    size: int = Field(sa_type=BigInteger)  # bytes, all of it
    received: int = Field(default=0, sa_type=BigInteger)  # bytes that are safe in storage
    held_by: str | None = Field(default=None, max_length=32)
    held_until: datetime | None = None
    expires_at: datetime = Field(default_factory=lambda: now() + LASTS, index=True)
    ended_at: datetime | None = None  # it became a call, or was refused
    call_id: str | None = Field(default=None, max_length=32)
    duplicate: bool = False
    code: str | None = Field(default=None, max_length=40)  # of a refusal, or DELETED
    words: str | None = None
    created_at: datetime = Field(default_factory=now)

    @property
    def complete(self) -> bool:
        """Whether every byte has come."""
        return self.received == self.size


class UploadPiece(SQLModel, table=True):
    """Bytes of an upload that lie in storage as one object. `brought_by` is the holder that it came by.

    It is a part of the object's key: who was taken over, and writes late, never overwrites its successor's.
    """

    __tablename__ = "upload_piece"

    upload_id: str = Field(foreign_key="resumable_upload.id", primary_key=True, max_length=ID_LENGTH)
    start: int = Field(sa_type=BigInteger, primary_key=True)
    size: int = Field(sa_type=BigInteger)
    brought_by: str = Field(max_length=32, sa_column_kwargs={"server_default": text("''")})


class UploadHeld(Exception):  # noqa: N818  what the upload is
    """Another request adds to this upload just now, or has taken it over."""

    def __init__(self) -> None:
        super().__init__("Another request is adding to this upload. Wait for it to end, and ask for the offset again.")


def find(session: Session, owner: str, upload_id: str) -> ResumableUpload:
    """An upload of this owner's; else NotFound."""
    wanted = select(ResumableUpload).where(ResumableUpload.id == upload_id, ResumableUpload.owner == owner)
    known = len(upload_id) == ID_LENGTH and upload_id.isalnum() and upload_id.isascii()  # PostgreSQL breaks on NUL
    found = session.exec(wanted).first() if known else None
    if found is None:
        raise NotFound("There is no such upload.")
    return found


def hold(session: Session, upload_id: str) -> str:
    """Let one request add to the upload; answers the token that it acts by. Raises UploadHeld."""
    token = uuid4().hex
    mine = and_(col(ResumableUpload.id) == upload_id, col(ResumableUpload.ended_at).is_(None), _free())
    _change(session, mine, held_by=token, held_until=now() + HELD_FOR)
    return token


def renew(session: Session, upload_id: str, token: str) -> None:
    """Go on holding. Raises UploadHeld where somebody has taken over."""
    _change(session, _held(upload_id, token), held_until=now() + HELD_FOR)


def add(session: Session, upload_id: str, token: str, received: int, pieces: Sequence[UploadPiece]) -> None:
    """These pieces are safe in storage, new ones or one that has grown; they follow what was `received`.

    Raises UploadHeld.
    """
    end = pieces[-1].start + pieces[-1].size
    mine = and_(_held(upload_id, token), col(ResumableUpload.received) == received)
    _change(session, mine, received=end, held_until=now() + HELD_FOR, expires_at=now() + LASTS)
    for piece in pieces:
        session.merge(piece)  # a copy: its writer goes on with it, whatever becomes of this transaction


def let_go(session: Session, upload_id: str, token: str) -> None:
    """Hold no more; nothing happens where somebody else does by now."""
    session.exec(update(ResumableUpload).where(_held(upload_id, token)).values(held_by=None, held_until=None))


def become(session: Session, upload_id: str, token: str, call_id: str, *, duplicate: bool) -> None:
    """The upload has become this call, or was it already. Raises UploadHeld where it ended before."""
    _change(session, _held(upload_id, token), call_id=call_id, duplicate=duplicate, **_over())


def refuse(session: Session, upload_id: str, token: str, code: str, words: str) -> None:
    """What has come is no recording. Raises UploadHeld where the upload ended before."""
    _change(session, _held(upload_id, token), code=code, words=words, **_over())


def pieces_of(session: Session, upload_id: str) -> Sequence[UploadPiece]:
    """In order."""
    return session.exec(
        select(UploadPiece).where(UploadPiece.upload_id == upload_id).order_by(col(UploadPiece.start))
    ).all()


def unfinished(session: Session) -> Sequence[str]:
    """Ids of the uploads whose bytes have all come, and which nobody is making a call of."""
    whole = and_(ResumableUpload.received == ResumableUpload.size, col(ResumableUpload.ended_at).is_(None))
    alive = col(ResumableUpload.expires_at) > now()
    return session.exec(select(ResumableUpload.id).where(whole, alive, _free())).all()


def over(session: Session, limit: int) -> Sequence[ResumableUpload]:
    """Uploads of which something may go: all, since they expired, or their pieces, since they have ended."""
    expired = and_(col(ResumableUpload.expires_at) <= now(), _free())
    pieces = exists().where(col(UploadPiece.upload_id) == ResumableUpload.id)
    ended = and_(col(ResumableUpload.ended_at).is_not(None), pieces)
    return session.exec(select(ResumableUpload).where(or_(expired, ended)).limit(limit)).all()


def forget_call(session: Session, call_id: str) -> None:
    """Of a call that is deleted: the uploads that became it are over, and say nothing of it."""
    theirs = update(ResumableUpload).where(col(ResumableUpload.call_id) == call_id)
    over = {"code": DELETED, "words": "The call that it became was deleted.", "call_id": None}
    session.execute(theirs.values(filename="", facts={}, **over), execution_options=UNSEEN)


def forget_pieces(session: Session, upload_id: str) -> None:
    """Their objects are gone."""
    session.exec(delete(UploadPiece).where(col(UploadPiece.upload_id) == upload_id))


def forget(session: Session, upload_id: str) -> None:
    """The upload, and its pieces."""
    forget_pieces(session, upload_id)
    session.exec(delete(ResumableUpload).where(col(ResumableUpload.id) == upload_id))


def after_clock_went_back(session: Session) -> None:
    """Nobody holds an upload for longer than ever, whatever time it is by now."""
    longest = now() + HELD_FOR
    held = update(ResumableUpload).where(col(ResumableUpload.held_until) > longest)
    session.execute(held.values(held_until=longest), execution_options=UNSEEN)


def _over() -> dict[str, object]:
    return {"ended_at": now(), "held_by": None, "held_until": None}


def _free() -> ColumnElement[bool]:
    return or_(col(ResumableUpload.held_by).is_(None), col(ResumableUpload.held_until) < now())


def _held(upload_id: str, token: str) -> ColumnElement[bool]:
    return and_(col(ResumableUpload.id) == upload_id, col(ResumableUpload.held_by) == token)


def _change(session: Session, which: ColumnElement[bool], **values: object) -> None:
    if session.exec(update(ResumableUpload).where(which).values(**values)).rowcount != 1:
        raise UploadHeld
