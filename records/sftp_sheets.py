"""What the CSVs of a batch say that somebody must see to: recordings that are not there, lines that are no use."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func, or_, select

from records.db import LARGEST_ID
from records.sftp import FileKind, SftpFile, SftpRow

SIZE = 25


@dataclass(frozen=True)
class Line:
    """A line of a CSV. Without words, nothing is wrong but that the recording which it names is not there."""

    id: int
    sheet: str  # path of the CSV
    line: int
    name: str
    words: str


@dataclass(frozen=True)
class Page:
    """Some lines in the order of the files, whether there are more on either side, and how many of each kind."""

    lines: tuple[Line, ...]
    before: bool
    after: bool
    missing: int
    unusable: int


def page(
    session: Session, batch_id: int, *, after: int | None = None, before: int | None = None, size: int = SIZE
) -> Page:
    """The lines behind one (or before it), or the first ones, of a batch that the asking person was let see."""
    number = col(SftpRow.id)
    query = (
        rows_of(number, col(SftpFile.path), col(SftpRow.line), col(SftpRow.name), col(SftpRow.words))
        .join(SftpFile, col(SftpFile.id) == SftpRow.sheet_id)
        .where(_sheets_of(batch_id), _to_see_to())
        .limit(size + 1)
    )
    counts = _counts(session, batch_id)
    if before is not None:
        part = query.where(number < min(before, LARGEST_ID)).order_by(number.desc())
        found = [Line(*columns) for columns in session.execute(part)]
        if not found:  # nobody is stranded on an empty page
            return page(session, batch_id, size=size)
        return Page(tuple(reversed(found[:size])), before=len(found) > size, after=True, **counts)
    part = query if after is None else query.where(number > min(after, LARGEST_ID))
    found = [Line(*columns) for columns in session.execute(part.order_by(number.asc()))]
    return Page(tuple(found[:size]), before=after is not None, after=len(found) > size, **counts)


def _counts(session: Session, batch_id: int) -> Mapping[str, int]:
    unusable = case((col(SftpRow.words) != "", 1), else_=0)
    query = (
        select(func.count(), func.coalesce(func.sum(unusable), 0))
        .select_from(SftpRow)
        .join(SftpFile, col(SftpFile.id) == SftpRow.sheet_id)
        .where(_sheets_of(batch_id), _to_see_to())
    )
    together, broken = session.exec(query).one()
    return {"missing": together - broken, "unusable": broken}


def _sheets_of(batch_id: int) -> ColumnElement[bool]:
    """The batch's CSVs, as they lie there now: of one that was replaced, nobody needs to know any more."""
    sheets = select(SftpFile.id).where(
        SftpFile.batch_id == batch_id, SftpFile.kind == FileKind.SHEET, col(SftpFile.superseded_at).is_(None)
    )
    return col(SftpRow.sheet_id).in_(sheets)


def _to_see_to() -> ColumnElement[bool]:
    return or_(col(SftpRow.file_id).is_(None), SftpRow.words != "")
