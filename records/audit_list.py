"""The audit log as it is read: filtered, newest first, a page at a time by key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, or_, select

from records import audit
from records.audit import AuditEntry
from records.campaigns import Campaign
from records.db import LARGEST_ID, reading
from records.identity import Identity, require
from records.matching import holds
from records.roles import Permission

SIZE = 50  # lines of a page
BATCH = 1_000  # lines that an export reads at a time


@dataclass(frozen=True)
class Filters:
    """What the log is narrowed to; whatever is empty or None narrows nothing."""

    by: str = ""  # part of who did it
    acts: tuple[str, ...] = ()  # what an act's name may begin with, up to its first point
    campaigns: frozenset[str] = frozenset()  # slugs
    since: datetime | None = None  # at or after
    until: datetime | None = None  # before
    text: str = ""  # part of what it was done to

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class Line:
    """One act."""

    id: int
    at: datetime
    by: str
    act: str
    subject: str
    campaign: str | None  # name
    details: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """Some lines, newest first, and whether there are more on either side."""

    lines: tuple[Line, ...]
    newer: bool
    older: bool


_COLUMNS = (
    *(col(AuditEntry.id), col(AuditEntry.at), col(AuditEntry.by), col(AuditEntry.act), col(AuditEntry.subject)),
    *(col(Campaign.name), col(AuditEntry.details)),
)


def page(
    session: Session,
    who: Identity,
    filters: Filters,
    *,
    older_than: int | None = None,
    newer_than: int | None = None,
    size: int = SIZE,
) -> Page:
    """The lines behind one (or before it), or the newest ones. One more than shown tells whether there are more."""
    query = _narrowed(who, filters)
    if newer_than is None:
        found = _lines(session, _older(query, older_than), size + 1)
        return Page(tuple(found[:size]), newer=older_than is not None, older=len(found) > size)
    ascending = query.where(col(AuditEntry.id) > min(newer_than, LARGEST_ID)).order_by(col(AuditEntry.id).asc())
    found = _lines(session, ascending, size + 1)
    if not found:  # nobody is stranded on an empty page
        return page(session, who, filters, size=size)
    return Page(tuple(reversed(found[:size])), newer=len(found) > size, older=True)


def any_line(session: Session, who: Identity) -> bool:
    """True when anything was ever done."""
    require(who, Permission.AUDIT_READ)
    return session.exec(select(AuditEntry.id).limit(1)).first() is not None


def exported(session: Session, who: Identity, filters: Filters) -> Iterator[list[Line]]:
    """Note in the log that this person takes this part of it away; what follows reads it, newest first.

    It ends with what there was before the note, and holds a batch in memory, and no transaction between batches.
    """
    query = _narrowed(who, filters)
    newest = session.exec(select(AuditEntry.id).order_by(col(AuditEntry.id).desc()).limit(1)).first() or 0
    audit.log(session, who, "audit.export", "audit log", filters=_words(filters))
    return _batches(query, newest + 1)


def _batches(query: Select[Any], beyond: int) -> Iterator[list[Line]]:
    while True:
        with reading() as session:
            lines = _lines(session, _older(query, beyond), BATCH)
        if not lines:
            return
        yield lines
        beyond = lines[-1].id


def _narrowed(who: Identity, filters: Filters) -> Select[Any]:
    require(who, Permission.AUDIT_READ)
    joined = rows_of(*_COLUMNS).select_from(AuditEntry)
    return joined.outerjoin(Campaign, col(Campaign.id) == col(AuditEntry.campaign_id)).where(*_conditions(filters))


def _conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.by:
        yield holds(filters.by, col(AuditEntry.by))
    if filters.acts:
        yield or_(*(col(AuditEntry.act).startswith(f"{kind}.", autoescape=True) for kind in filters.acts))
    if filters.campaigns:
        named = select(Campaign.id).where(col(Campaign.slug).in_(sorted(filters.campaigns)))
        yield col(AuditEntry.campaign_id).in_(named)
    if filters.since is not None:
        yield col(AuditEntry.at) >= filters.since
    if filters.until is not None:
        yield col(AuditEntry.at) < filters.until
    if filters.text:
        yield holds(filters.text, col(AuditEntry.subject))


def _older(query: Select[Any], than: int | None) -> Select[Any]:
    beyond = query if than is None else query.where(col(AuditEntry.id) < min(than, LARGEST_ID))
    return beyond.order_by(col(AuditEntry.id).desc())


def _lines(session: Session, query: Select[Any], most: int) -> list[Line]:
    return [Line(*row) for row in session.execute(query.limit(most))]


def _words(filters: Filters) -> list[str]:
    """The filters as the log's own details."""
    given = {
        "by": filters.by,
        "acts": ", ".join(filters.acts),
        "campaigns": ", ".join(sorted(filters.campaigns)),
        "since": filters.since.isoformat() if filters.since else "",
        "until": filters.until.isoformat() if filters.until else "",
        "text": filters.text,
    }
    return [f"{name}: {value}" for name, value in given.items() if value]
