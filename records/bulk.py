"""Bulk jobs: many recordings that somebody brought at once, and what came of each."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access
from records.campaigns import Campaign
from records.db import now
from records.identity import Identity, NotFound
from records.roles import Permission

LARGEST_ID = 2**31 - 1  # what PostgreSQL takes for one


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


def note_call(session: Session, bulk_job_id: int, filename: str, call_id: str, *, duplicate: bool) -> None:
    """A recording of the job is in: as a new call, or as one that was there. In the transaction in which it enters."""
    session.add(BulkItem(bulk_job_id=bulk_job_id, filename=filename, call_id=call_id, duplicate=duplicate))


def note_refusal(session: Session, bulk_job_id: int, filename: str, code: str, words: str) -> None:
    """A recording of the job was not taken in."""
    session.add(BulkItem(bulk_job_id=bulk_job_id, filename=filename, code=code, words=words))


def jobs(who: Identity, permission: Permission = Permission.CALL_READ) -> SelectOfScalar[BulkJob]:
    """The bulk jobs of the campaigns on which this person holds the permission."""
    mine = access.campaigns(who, permission).with_only_columns(col(Campaign.id))
    return select(BulkJob).where(col(BulkJob.campaign_id).in_(mine))


def job(session: Session, who: Identity, number: int, permission: Permission = Permission.CALL_READ) -> BulkJob:
    """One of them; else NotFound."""
    found = session.exec(jobs(who, permission).where(BulkJob.id == number)).first() if number <= LARGEST_ID else None
    if found is None:
        raise NotFound("There is no such bulk job.")
    return found
