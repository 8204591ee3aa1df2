"""Deleted calls: nothing of the call is left but that it was there, and a receipt of what went."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from records.db import now


class DeletedCall(SQLModel, table=True):
    """A tombstone: the same file, found again on the SFTP server, is not imported again."""

    __tablename__ = "deleted_call"
    __table_args__ = (Index("ix_deleted_call_campaign_sha256", "campaign_id", "sha256"),)

    id: str = Field(primary_key=True, max_length=32)  # the call's
    campaign_id: int = Field(foreign_key="campaign.id")
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)  # bytes
    by: str = Field(default="", max_length=320)
    why: str = Field(default="", max_length=200)
    at: datetime = Field(default_factory=now, index=True)
    receipt: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # what went: numbers
