"""Deleted calls: nothing of the call is left but that it was there, and a receipt of what went."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index
from sqlmodel import Field, Session, SQLModel, col, select

from records import access
from records.campaigns import Campaign
from records.db import now
from records.identity import Identity, NotFound
from records.roles import Permission

LONGEST_REASON = 200


class DeletedCall(SQLModel, table=True):
    """A tombstone: the same file, found again on the SFTP server, is not imported again."""

    __tablename__ = "deleted_call"
    __table_args__ = (Index("ix_deleted_call_campaign_sha256", "campaign_id", "sha256"),)

    id: str = Field(primary_key=True, max_length=32)  # the call's
    campaign_id: int = Field(foreign_key="campaign.id")
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)  # bytes
    by: str = Field(default="", max_length=320)
    why: str = Field(default="", max_length=LONGEST_REASON)
    at: datetime = Field(default_factory=now, index=True)
    added_at: datetime | None = None  # when the call came in; unknown of those deleted before this was kept
    receipt: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # what went: numbers


def reason(text: str) -> str:
    """Why, in one line that fits."""
    return " ".join("".join(filter(lambda sign: sign.isprintable() or sign.isspace(), text)).split())[:LONGEST_REASON]


def find(session: Session, who: Identity, call_id: str) -> DeletedCall:
    """The receipt of a deleted call, for those who may delete there; else NotFound, as for what never was."""
    mine = access.campaigns(who, Permission.CALL_DELETE).with_only_columns(col(Campaign.id))
    wanted = select(DeletedCall).where(DeletedCall.id == call_id, col(DeletedCall.campaign_id).in_(mine))
    found = session.exec(wanted).first() if call_id.isprintable() else None
    if found is None:
        raise NotFound("There is no such call.")
    return found
