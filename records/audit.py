"""The audit log: who did what, when."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel

from records.db import now
from records.identity import Identity

LONGEST_SUBJECT = 255


class AuditEntry(SQLModel, table=True):
    """One administrative act. Never changed."""

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now, index=True)
    user_id: int | None = None  # None: the command line
    by: str = Field(max_length=320)
    act: str = Field(max_length=40)  # campaign.create, key.revoke ...
    subject: str = Field(max_length=LONGEST_SUBJECT)  # what it was done to, in words
    campaign_id: int | None = Field(default=None, index=True)
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def log(
    session: Session,
    who: Identity,
    act: str,
    subject: str,
    *,
    campaign_id: int | None = None,
    **details: str | float | list[str] | None,
) -> None:
    """Write one line of the audit log, in the same transaction as the act."""
    session.add(
        AuditEntry(
            user_id=who.user_id,
            by=who.label,
            act=act,
            subject=subject if len(subject) <= LONGEST_SUBJECT else subject[: LONGEST_SUBJECT - 1] + "…",
            campaign_id=campaign_id,
            details=details,
        )
    )
