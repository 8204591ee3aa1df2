"""The files of a bulk job, in the order in which they came: what became of each."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy import select as rows_of
from sqlmodel import Session, and_, col, func, or_

from records.bulk import BulkItem, BulkJob
from records.bulk_counts import CANCELLED
from records.call_filters import not_cancelled
from records.calls import Call
from records.db import LARGEST_ID, stored_id
from records.statuses import CallStatus

SIZE = 25


@dataclass(frozen=True)
class File:
    """One file. Without a call it was not taken in, and `words` say why."""

    id: int
    filename: str
    call_id: str | None
    status: CallStatus | None
    duplicate: bool
    error_code: str | None
    words: str

    @property
    def cancelled(self) -> bool:
        return self.status is CallStatus.FAILED and self.error_code == CANCELLED


@dataclass(frozen=True)
class Page:
    """Some files, and whether there are more on either side."""

    rows: tuple[File, ...]
    before: bool
    after: bool


def page(
    session: Session,
    job: BulkJob,
    *,
    failed: bool = False,
    after: int | None = None,
    before: int | None = None,
    size: int = SIZE,
) -> Page:
    """The files behind one (or before it), or the first ones; all, or those that failed or were not taken in."""
    number = col(BulkItem.id)
    theirs = _files(job, failed=failed)
    if before is not None:
        found = _read(session, theirs.where(number < min(before, LARGEST_ID)).order_by(number.desc()), size + 1)
        if not found:  # nobody is stranded on an empty page
            return page(session, job, failed=failed, size=size)
        return Page(tuple(reversed(found[:size])), before=len(found) > size, after=True)
    part = theirs if after is None else theirs.where(number > min(after, LARGEST_ID))
    found = _read(session, part.order_by(number.asc()), size + 1)
    return Page(tuple(found[:size]), before=after is not None, after=len(found) > size)


_COLUMNS: tuple[Any, ...] = (
    *(col(BulkItem.id), col(BulkItem.filename), col(BulkItem.call_id), col(Call.status), col(BulkItem.duplicate)),
    *(col(Call.error_code), func.coalesce(col(BulkItem.words), col(Call.error), "")),
)


def _files(job: BulkJob, *, failed: bool) -> Select[Any]:
    files = (
        rows_of(*_COLUMNS)
        .outerjoin(Call, col(Call.id) == BulkItem.call_id)
        .where(col(BulkItem.bulk_job_id) == stored_id(job.id))
    )
    return files.where(_went_wrong()) if failed else files


def _went_wrong() -> ColumnElement[bool]:
    """As the job counts it: what was there before is none of its failures, nor what was called off."""
    own = and_(col(Call.status) == CallStatus.FAILED, col(BulkItem.duplicate).is_(False), not_cancelled())
    return or_(col(BulkItem.call_id).is_(None), own)


def _read(session: Session, files: Select[Any], most: int) -> list[File]:
    return [File(*columns) for columns in session.execute(files.limit(most))]
