"""The list of bulk jobs, newest first, a page at a time by key."""

from dataclasses import dataclass

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from records import bulk
from records.bulk import BulkJob
from records.campaigns import Campaign
from records.db import LARGEST_ID, stored_id
from records.identity import Identity
from records.roles import Permission

SIZE = 25


@dataclass(frozen=True)
class Row:
    """A job, and whose it is."""

    job: BulkJob
    campaign: str  # name
    slug: str

    @property
    def id(self) -> int:
        return stored_id(self.job.id)


@dataclass(frozen=True)
class Page:
    """Some rows, newest first, and whether there are more on either side."""

    rows: tuple[Row, ...]
    newer: bool
    older: bool


def page(
    session: Session,
    who: Identity,
    campaigns: tuple[str, ...] = (),
    *,
    older_than: int | None = None,
    newer_than: int | None = None,
    size: int = SIZE,
) -> Page:
    """The jobs of these campaigns (slugs; none: of all) behind one, or before it, or the newest ones."""
    mine = _jobs(who, campaigns)
    number = col(BulkJob.id)
    if newer_than is None:
        part = mine if older_than is None else mine.where(number < min(older_than, LARGEST_ID))
        found = _rows(session, part.order_by(number.desc()), size + 1)
        return Page(tuple(found[:size]), newer=older_than is not None, older=len(found) > size)
    found = _rows(session, mine.where(number > min(newer_than, LARGEST_ID)).order_by(number.asc()), size + 1)
    if not found:  # nobody is stranded on an empty page
        return page(session, who, campaigns, size=size)
    return Page(tuple(reversed(found[:size])), newer=len(found) > size, older=True)


def newest(session: Session, who: Identity, campaign: str = "", *, most: int) -> list[Row]:
    """Those that were not called off, and that this person may start and cancel; of one campaign, where it is named."""
    mine = _jobs(who, (campaign,) if campaign else ()).where(col(BulkJob.cancelled_at).is_(None))
    return _rows(session, mine.order_by(col(BulkJob.id).desc()), most)


def job(session: Session, who: Identity, number: int) -> Row:
    """One of them; else NotFound."""
    found = bulk.job(session, who, number, Permission.CALL_UPLOAD)
    name, slug = session.exec(select(Campaign.name, Campaign.slug).where(Campaign.id == found.campaign_id)).one()
    return Row(found, name, slug)


def any_job(session: Session, who: Identity) -> bool:
    """True when there is one."""
    return session.exec(_jobs(who, ()).limit(1)).first() is not None


def _jobs(who: Identity, campaigns: tuple[str, ...]) -> SelectOfScalar[BulkJob]:
    mine = bulk.jobs(who, Permission.CALL_UPLOAD)
    if campaigns:
        mine = mine.where(col(BulkJob.campaign_id).in_(select(Campaign.id).where(col(Campaign.slug).in_(campaigns))))
    return mine


def _rows(session: Session, jobs: SelectOfScalar[BulkJob], most: int) -> list[Row]:
    named = (
        jobs.join(Campaign, col(Campaign.id) == BulkJob.campaign_id)
        .add_columns(col(Campaign.name), col(Campaign.slug))
        .limit(most)
    )
    return [Row(*columns) for columns in session.execute(named)]
