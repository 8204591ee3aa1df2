"""Bulk jobs: many recordings that somebody brought at once, and what came of each."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access
from records.campaigns import Campaign, expect_open, line
from records.db import LARGEST_ID, now, stored_id
from records.identity import Identity, NotFound
from records.roles import Permission

MOST = 1_000_000  # recordings of one job


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
    __table_args__ = (
        Index("ix_bulk_item_job_filename", "bulk_job_id", "filename"),
        Index("ix_bulk_item_job_id", "bulk_job_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    bulk_job_id: int = Field(foreign_key="bulk_job.id")
    filename: str = Field(max_length=1024)
    call_id: str | None = Field(default=None, foreign_key="call.id", index=True, max_length=32)  # None: refused
    duplicate: bool = False
    code: str | None = Field(default=None, max_length=40)  # of a refusal
    words: str | None = None
    created_at: datetime = Field(default_factory=now)


class JobCancelled(Exception):  # noqa: N818  what it is
    """The bulk job takes no recordings any more; the message is a sentence."""


def create(session: Session, who: Identity, campaign_slug: str, *, expected: int, name: str = "") -> BulkJob:
    """A new job of a campaign, before its first recording.

    Raises NotFound, NotAllowed for an archived campaign, NotUsable for a name that cannot be one.
    """
    campaign = access.campaign(session, who, campaign_slug, Permission.CALL_UPLOAD)
    expect_open(campaign)
    job = BulkJob(
        campaign_id=stored_id(campaign.id),
        name=line(name, "A bulk job's name"),
        expected=expected,
        by=who.label,
        user_id=who.user_id,
        api_key_id=who.api_key_id,
    )
    session.add(job)
    session.flush()
    return job


def expect(session: Session, who: Identity, number: int, expected: int) -> BulkJob:
    """More or fewer recordings are going to come than were announced. Raises NotFound, JobCancelled."""
    found = job(session, who, number, Permission.CALL_UPLOAD)
    if found.cancelled_at is not None:
        raise JobCancelled(f"Bulk job {number} was cancelled, so that it takes no recordings any more.")
    found.expected = expected
    session.add(found)
    return found


def note_call(session: Session, bulk_job_id: int, filename: str, call_id: str, *, duplicate: bool) -> None:
    """A recording of the job is in: as a new call, or as one that was there. In the transaction in which it enters.

    What was refused under this name before is settled by it; the same file sent twice, because its answer was lost,
    counts once. Raises JobCancelled: whoever cancels waits for this transaction, so that no call slips through.
    """
    open_still = select(BulkJob.id).where(BulkJob.id == bulk_job_id, col(BulkJob.cancelled_at).is_(None))
    if session.exec(open_still.with_for_update(read=True)).first() is None:
        raise JobCancelled(f"Bulk job {bulk_job_id} was cancelled, so that it takes no recordings any more.")
    same_name = (col(BulkItem.bulk_job_id) == bulk_job_id, col(BulkItem.filename) == filename)
    session.exec(delete(BulkItem).where(*same_name, col(BulkItem.call_id).is_(None)))
    if session.exec(select(BulkItem.id).where(*same_name, BulkItem.call_id == call_id)).first() is None:
        session.add(BulkItem(bulk_job_id=bulk_job_id, filename=filename, call_id=call_id, duplicate=duplicate))


def note_refusal(session: Session, bulk_job_id: int, filename: str, code: str, words: str) -> None:
    """A recording of the job was not taken in. Several folders may hold files of one name, so each refusal counts."""
    session.add(BulkItem(bulk_job_id=bulk_job_id, filename=filename, code=code, words=words))


def jobs(who: Identity, permission: Permission = Permission.CALL_READ) -> SelectOfScalar[BulkJob]:
    """The bulk jobs of the campaigns on which this person holds the permission."""
    mine = access.campaigns(who, permission).with_only_columns(col(Campaign.id))
    return select(BulkJob).where(col(BulkJob.campaign_id).in_(mine))


def job(session: Session, who: Identity, number: int, permission: Permission = Permission.CALL_READ) -> BulkJob:
    """One of them; else NotFound."""
    possible = 0 < number <= LARGEST_ID
    found = session.exec(jobs(who, permission).where(BulkJob.id == number)).first() if possible else None
    if found is None:
        raise NotFound("There is no such bulk job.")
    return found
