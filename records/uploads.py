"""Resumable uploads on their way: what has come of each so far, and who is bringing it."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel

from records.db import now


def new_upload_id() -> str:
    """A random id, which is also its address: 32 hexadecimal digits."""
    return uuid4().hex


class ResumableUpload(SQLModel, table=True):
    """A recording that comes in pieces. `held_by` names the one request that may add to it, until `held_until`."""

    __tablename__ = "resumable_upload"

    id: str = Field(default_factory=new_upload_id, primary_key=True, max_length=32)
    campaign_id: int = Field(foreign_key="campaign.id")
    owner: str = Field(max_length=40, index=True)  # 'key:5' or 'user:7'; for anybody else it is not there
    by: str = Field(default="", max_length=320)
    user_id: int | None = Field(default=None, foreign_key="person.id")
    api_key_id: int | None = Field(default=None, foreign_key="api_key.id")
    filename: str = Field(max_length=1024)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # as its metadata says
    size: int = Field(sa_type=BigInteger)  # bytes, all of it
    received: int = Field(default=0, sa_type=BigInteger)  # bytes that are safe in storage
    held_by: str | None = Field(default=None, max_length=32)
    held_until: datetime | None = None
    expires_at: datetime = Field(index=True)
    ended_at: datetime | None = None  # it became a call, or was refused
    call_id: str | None = Field(default=None, max_length=32)
    duplicate: bool = False
    code: str | None = Field(default=None, max_length=40)  # of a refusal
    words: str | None = None
    created_at: datetime = Field(default_factory=now)


class UploadPiece(SQLModel, table=True):
    """Bytes of an upload that lie in storage as one object."""

    __tablename__ = "upload_piece"

    upload_id: str = Field(foreign_key="resumable_upload.id", primary_key=True, max_length=32)
    start: int = Field(sa_type=BigInteger, primary_key=True)
    size: int = Field(sa_type=BigInteger)
