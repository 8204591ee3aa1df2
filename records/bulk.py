"""Bulk jobs: many recordings that somebody brought at once, and what came of each."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from records.db import now


class BulkJob(SQLModel, table=True):
    """A batch of uploads. Where it stands is not stored: it follows from its items and their calls."""

    __tablename__ = "bulk_job"

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    name: str = Field(default="", max_length=200)
    expected: int  # how many recordings were announced
    by: str = Field(default="", max_length=320)
    user_id: int | None = Field(default=None, foreign_key="person.id")
    api_key_id: int | None = Field(default=None, foreign_key="api_key.id")
    created_at: datetime = Field(default_factory=now)
    cancelled_at: datetime | None = None
    cancelled_by: str = Field(default="", max_length=320)


class BulkItem(SQLModel, table=True):
    """One recording of a bulk job: the call that it became or already was, or why it was refused."""

    __tablename__ = "bulk_item"

    id: int | None = Field(default=None, primary_key=True)
    bulk_job_id: int = Field(foreign_key="bulk_job.id", index=True)
    filename: str = Field(max_length=1024)
    call_id: str | None = Field(default=None, foreign_key="call.id", index=True, max_length=32)  # None: refused
    duplicate: bool = False
    code: str | None = Field(default=None, max_length=40)  # of a refusal
    words: str | None = None
    created_at: datetime = Field(default_factory=now)
