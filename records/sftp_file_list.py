"""Lists of files seen on the SFTP server: filtered, newest first, a page at a time by key; none is counted through."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, Select, asc, desc, union_all
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, or_, select

from records import access, sftp
from records.campaigns import Campaign
from records.db import LARGEST_ID
from records.identity import Identity, require
from records.roles import Permission, Scope
from records.sftp import FileKind, SftpFile, SftpRow
from records.statuses import SftpFileStatus

SIZE = 25
BRANCHES = 400  # campaigns times statuses that are read one by one; SQLite allows 500 parts in one query
NAMED = 500  # files of a name that are fetched before the others are left out; names of more are found on the way


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; whatever is empty narrows nothing."""

    statuses: frozenset[SftpFileStatus] = frozenset()
    campaigns: frozenset[str] = frozenset()  # slugs
    unclaimed: bool = False  # those that no campaign claims, too
    codes: frozenset[str] = frozenset()
    text: str = ""  # part of the name, folded as `SftpFile.name_key` is
    batch_id: int | None = None

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class Row:
    """One file of a list."""

    id: int
    path: str
    kind: FileKind
    status: SftpFileStatus
    code: str
    reason: str
    agent_note: str
    size: int
    modified: datetime
    call_id: str | None
    batch_id: int | None
    campaign: str | None  # name
    lines: tuple[int, ...] = ()  # of CSVs that name it


@dataclass(frozen=True)
class Page:
    """Some rows, newest first, and whether there are more on either side."""

    rows: tuple[Row, ...]
    newer: bool
    older: bool


Branch = tuple[tuple[Any, Any], ...]  # columns of an index, and what each is throughout

_COLUMNS: tuple[Any, ...] = (
    *(col(SftpFile.id), col(SftpFile.path), col(SftpFile.kind), col(SftpFile.status), col(SftpFile.code)),
    *(col(SftpFile.reason), col(SftpFile.agent_note), col(SftpFile.size), col(SftpFile.modified)),
    *(col(SftpFile.call_id), col(SftpFile.batch_id), col(Campaign.name)),
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
    """The files behind one (or before it), or the newest ones. One more than shown tells whether there are more."""
    if newer_than is None:
        found = _ids(session, who, filters, older_than=older_than, limit=size + 1)
        return Page(_read(session, found[:size]), newer=older_than is not None, older=len(found) > size)
    found = _ids(session, who, filters, newer_than=newer_than, limit=size + 1)
    if not found:  # nobody is stranded on an empty page
        return page(session, who, filters, size=size)
    return Page(_read(session, found[:size]), newer=len(found) > size, older=True)


def any_file(session: Session, who: Identity) -> bool:
    """True when there is one."""
    return session.execute(sftp.files(who).with_only_columns(col(SftpFile.id)).limit(1)).first() is not None


def lines(session: Session, files: Sequence[int]) -> list[tuple[int, str, int]]:
    """(file, path of the CSV, line) of every line of a CSV that names one of these files."""
    sheet = (
        select(SftpRow.file_id, SftpFile.path, SftpRow.line)
        .join(SftpFile, col(SftpFile.id) == SftpRow.sheet_id)
        .where(col(SftpRow.file_id).in_(files))
        .order_by(col(SftpRow.id))
    )
    return [(file, path, line) for file, path, line in session.exec(sheet) if file is not None]


def _read(session: Session, ids: Sequence[int]) -> tuple[Row, ...]:
    """These files, newest first, with the lines that name them."""
    query = (
        rows_of(*_COLUMNS)
        .outerjoin(Campaign, col(Campaign.id) == SftpFile.campaign_id)
        .where(col(SftpFile.id).in_(ids))
        .order_by(col(SftpFile.id).desc())
    )
    named: dict[int, list[int]] = {}
    for file, _path, line in lines(session, ids):
        named.setdefault(file, []).append(line)
    rows = (Row(*columns) for columns in session.execute(query))
    return tuple(replace(row, lines=tuple(named.get(row.id, ()))) for row in rows)


def _ids(
    session: Session,
    who: Identity,
    filters: Filters,
    *,
    older_than: int | None = None,
    newer_than: int | None = None,
    limit: int,
) -> list[int]:
    """The ids behind a place, newest first; before one, the nearest first.

    Each campaign and status is read by itself, in the order of its own index: one sort over all would read them whole.
    """
    number, by = col(SftpFile.id), desc if newer_than is None else asc
    narrow = sftp.files(who).where(*_conditions(filters)).with_only_columns(number).limit(limit)
    if older_than is not None:
        narrow = narrow.where(number < min(older_than, LARGEST_ID))
    if newer_than is not None:
        narrow = narrow.where(number > min(newer_than, LARGEST_ID))
    whole = narrow.order_by(by(number))
    named = _named(session, who, filters)
    if named is not None:
        return list(session.execute(whole.where(number.in_(named))).scalars())
    if filters.text:
        narrow, whole = narrow.where(_called(filters.text)), whole.where(_called(filters.text))
    branches = _branches(session, who, filters)
    if branches is None:
        return list(session.execute(whole).scalars())
    if not branches:
        return []
    parts = union_all(*(rows_of(_part(narrow, branch, by).subquery()) for branch in branches)).subquery()
    return list(session.execute(rows_of(parts.c.id).order_by(by(parts.c.id)).limit(limit)).scalars())


def _part(narrow: Select[Any], branch: Branch, by: Callable[[Any], Any]) -> Select[Any]:
    """One of the parts, in its index's order: PostgreSQL takes that only where all its columns are named."""
    ordered = (by(column) for column in (*(column for column, _ in branch), col(SftpFile.id)))
    return narrow.where(*(column == value for column, value in branch)).order_by(*ordered)


def _conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.statuses:
        yield col(SftpFile.status).in_(sorted(filters.statuses))
    if filters.campaigns or filters.unclaimed:
        theirs = select(Campaign.id).where(col(Campaign.slug).in_(sorted(filters.campaigns)))
        claimed = col(SftpFile.campaign_id).in_(theirs)
        yield or_(claimed, col(SftpFile.campaign_id).is_(None)) if filters.unclaimed else claimed
    if filters.codes:
        yield col(SftpFile.code).in_(sorted(filters.codes))
    if filters.batch_id is not None:
        yield col(SftpFile.batch_id) == min(filters.batch_id, LARGEST_ID)


def _named(session: Session, who: Identity, filters: Filters) -> list[int] | None:
    """The files of a name, if they are few: read off the index of names, which is a tenth of the table."""
    if not filters.text:
        return None
    mine = sftp.files(who).where(_called(filters.text)).with_only_columns(col(SftpFile.id))
    found = list(session.execute(mine.limit(NAMED + 1)).scalars())
    return found if len(found) <= NAMED else None


def _called(text: str) -> ColumnElement[bool]:
    return col(SftpFile.name_key).contains(text, autoescape=True)


def _branches(session: Session, who: Identity, filters: Filters) -> list[Branch] | None:
    """The parts that are read by themselves; None where the whole list is read from its top."""
    kinds = [(col(SftpFile.status), status) for status in sorted(filters.statuses or SftpFileStatus)]
    if filters.batch_id is not None:
        batch = (col(SftpFile.batch_id), min(filters.batch_id, LARGEST_ID))
        return [(batch, kind) for kind in kinds]
    if not (filters.campaigns or filters.unclaimed) and require(who, Permission.SFTP_READ) is Scope.ALL:
        return [(kind,) for kind in kinds] if filters.statuses else None
    owners: list[int | None] = [*_campaigns(session, who, filters), *([None] if filters.unclaimed else [])]
    # Who is confined to so many campaigns finds what is theirs soon, from the top.
    if len(owners) * len(kinds) > BRANCHES:
        return None
    return [((col(SftpFile.campaign_id), owner), kind) for owner, kind in product(owners, kinds)]


def _campaigns(session: Session, who: Identity, filters: Filters) -> list[int]:
    """The campaigns that a list is confined to."""
    mine = access.campaigns(who, Permission.SFTP_READ).with_only_columns(col(Campaign.id))
    if filters.campaigns or filters.unclaimed:
        mine = mine.where(col(Campaign.slug).in_(sorted(filters.campaigns)))
    return list(session.execute(mine).scalars())
