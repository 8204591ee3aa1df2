"""The list of SFTP batches, newest first, a page at a time by key, with how many of their files stand where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access, sftp
from records.campaigns import Campaign
from records.db import LARGEST_ID, now, stored_id
from records.identity import Identity
from records.roles import Permission
from records.sftp import SftpBatch, SftpFile
from records.sftp_folders import SftpFolder
from records.statuses import SftpBatchStatus, SftpFileStatus

SIZE = 25
LATELY = timedelta(days=3)  # for so long somebody is asked to look at a batch that ended incomplete
WAITING = frozenset({SftpBatchStatus.WAITING_FOR_CSV, SftpBatchStatus.WAITING_FOR_FILES})
ENDED_SHORT = frozenset({SftpBatchStatus.INCOMPLETE, SftpBatchStatus.FAILED})
ENDED = ENDED_SHORT | {SftpBatchStatus.COMPLETED}

Counts = Mapping[SftpFileStatus, int]


@dataclass(frozen=True)
class Row:
    """A batch, whose it is, and how many of its files stand where."""

    batch: SftpBatch
    campaign: str  # name
    slug: str
    folder: str  # below SFTP_ROOT; empty where the campaign has none
    counts: Counts

    @property
    def id(self) -> int:
        return stored_id(self.batch.id)

    @property
    def files(self) -> int:
        """How many there are."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Page:
    """Some rows, newest first, and whether there are more on either side."""

    rows: tuple[Row, ...]
    newer: bool
    older: bool


@dataclass(frozen=True)
class Alarm:
    """A campaign whose files stopped being named as usual."""

    campaign: str  # name
    slug: str
    words: str


def page(
    session: Session,
    who: Identity,
    campaigns: Sequence[str] = (),
    statuses: Sequence[SftpBatchStatus] = (),
    *,
    older_than: int | None = None,
    newer_than: int | None = None,
    size: int = SIZE,
) -> Page:
    """The batches of these campaigns (slugs; none: of all) in these statuses behind one, before it, or the newest."""
    mine = _narrowed(who, campaigns, statuses)
    number = col(SftpBatch.id)
    if newer_than is None:
        part = mine if older_than is None else mine.where(number < min(older_than, LARGEST_ID))
        found = _rows(session, part.order_by(number.desc()).limit(size + 1))
        return Page(tuple(found[:size]), newer=older_than is not None, older=len(found) > size)
    part = mine.where(number > min(newer_than, LARGEST_ID))
    found = _rows(session, part.order_by(number.asc()).limit(size + 1))
    if not found:  # nobody is stranded on an empty page
        return page(session, who, campaigns, statuses, size=size)
    return Page(tuple(reversed(found[:size])), newer=len(found) > size, older=True)


def one(session: Session, who: Identity, number: int) -> Row:
    """One of them; else NotFound."""
    sftp.batch(session, who, number)
    return _rows(session, sftp.batches(who).where(SftpBatch.id == number))[0]


def late(session: Session, who: Identity, number: int) -> list[int]:
    """The batches of files that came too late for this one, the first ones first."""
    query = sftp.batches(who).where(SftpBatch.after_id == number).with_only_columns(col(SftpBatch.id))
    return list(session.execute(query.order_by(col(SftpBatch.id)).limit(SIZE)).scalars())


def any_batch(session: Session, who: Identity) -> bool:
    """True when there is one."""
    return session.exec(sftp.batches(who).limit(1)).first() is not None


def campaigns(session: Session, who: Identity) -> dict[str, str]:
    """The names of the campaigns whose SFTP this person may see, by slug."""
    query = access.campaigns(who, Permission.SFTP_READ).order_by(col(Campaign.name))
    return {campaign.slug: campaign.name for campaign in session.exec(query)}


def waiting(session: Session, who: Identity, campaigns: Sequence[str] = ()) -> int:
    """How many batches wait for a CSV, or for recordings that a CSV names."""
    return _count(session, _narrowed(who, campaigns, sorted(WAITING)))


def ended_short(session: Session, who: Identity, campaigns: Sequence[str] = ()) -> int:
    """How many batches ended Incomplete or Failed of late."""
    of_late = col(SftpBatch.ended_at) >= now() - LATELY
    return _count(session, _narrowed(who, campaigns, sorted(ENDED_SHORT)).where(of_late))


def alarms(session: Session, who: Identity, campaigns: Sequence[str] = ()) -> list[Alarm]:
    """The campaigns whose files stopped being named as usual, by name."""
    query = (
        access.campaigns(who, Permission.SFTP_READ)
        .join(SftpFolder, col(SftpFolder.campaign_id) == Campaign.id)
        .where(col(SftpFolder.enabled).is_(True), SftpFolder.alarm != "")
        .with_only_columns(col(Campaign.name), col(Campaign.slug), col(SftpFolder.alarm))
        .order_by(col(Campaign.name))
    )
    named = query.where(col(Campaign.slug).in_(campaigns)) if campaigns else query
    return [Alarm(*columns) for columns in session.execute(named)]


def enabled(session: Session) -> list[SftpFolder]:
    """The folders that are looked into, by name."""
    query = (
        select(SftpFolder)
        .join(Campaign, col(Campaign.id) == SftpFolder.campaign_id)
        .where(col(SftpFolder.enabled).is_(True), col(Campaign.active).is_(True))
    )
    return list(session.exec(query.order_by(col(SftpFolder.folder))))


def _narrowed(
    who: Identity, campaigns: Sequence[str], statuses: Sequence[SftpBatchStatus]
) -> SelectOfScalar[SftpBatch]:
    mine = sftp.batches(who)
    if campaigns:
        mine = mine.where(col(SftpBatch.campaign_id).in_(select(Campaign.id).where(col(Campaign.slug).in_(campaigns))))
    if not statuses:
        return mine
    wanted = mine.where(col(SftpBatch.status).in_(statuses))
    # Those that have not ended are few, and have an index of their own: said so, it is used.
    return wanted if ENDED & set(statuses) else wanted.where(col(SftpBatch.ended_at).is_(None))


def _rows(session: Session, batches: SelectOfScalar[SftpBatch]) -> list[Row]:
    named = (
        batches.join(Campaign, col(Campaign.id) == SftpBatch.campaign_id)
        .outerjoin(SftpFolder, col(SftpFolder.campaign_id) == SftpBatch.campaign_id)
        .add_columns(col(Campaign.name), col(Campaign.slug), func.coalesce(SftpFolder.folder, ""))
    )
    found = [(batch, name, slug, folder) for batch, name, slug, folder in session.execute(named)]
    counted = _counted(session, [stored_id(batch.id) for batch, *_ in found])
    return [Row(*each, counted.get(stored_id(each[0].id), {})) for each in found]


def _counted(session: Session, batches: Sequence[int]) -> dict[int, dict[SftpFileStatus, int]]:
    """By batch and status, read off the index alone."""
    keys = (col(SftpFile.batch_id), col(SftpFile.status))
    query = select(*keys, func.count()).where(keys[0].in_(batches)).group_by(*keys)
    counted: dict[int, dict[SftpFileStatus, int]] = {}
    for batch, status, number in session.exec(query):
        counted.setdefault(batch or 0, {})[status] = number
    return counted


def _count(session: Session, batches: SelectOfScalar[SftpBatch]) -> int:
    some = batches.with_only_columns(col(SftpBatch.id)).subquery()
    return session.exec(select(func.count()).select_from(some)).one()
