"""What a list of calls is narrowed to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access
from records.bulk import BulkItem
from records.calls import Call
from records.campaigns import Campaign
from records.identity import Identity
from records.statuses import CallStatus, Source


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; whatever is empty or None narrows nothing."""

    statuses: frozenset[CallStatus] = frozenset()
    sources: frozenset[Source] = frozenset()
    campaigns: frozenset[str] = frozenset()  # slugs
    flagged: bool | None = None
    text: str = ""  # part of the file name
    agent_id: int | None = None
    agent_given: str = ""  # as the source named the agent; case does not matter
    external_id: str = ""
    sha256: str = ""
    called_from: datetime | None = None  # at or after
    called_until: datetime | None = None  # before
    updated_from: datetime | None = None  # at or after
    bulk_job_id: int | None = None

    def __bool__(self) -> bool:
        return self != Filters()


def narrowed(who: Identity, filters: Filters) -> SelectOfScalar[Call]:
    """The calls that this person may see, and that the filters let through."""
    return access.calls(who).where(*_sets(filters), *_texts(filters), *_times(filters))


def _sets(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.statuses:
        yield col(Call.status).in_(sorted(filters.statuses))
    if filters.sources:
        yield col(Call.source).in_(sorted(filters.sources))
    if filters.campaigns:
        named = select(Campaign.id).where(col(Campaign.slug).in_(sorted(filters.campaigns)))
        yield col(Call.campaign_id).in_(named)
    if filters.flagged is not None:
        yield col(Call.flagged).is_(filters.flagged)
    if filters.agent_id is not None:
        yield col(Call.agent_id) == filters.agent_id
    if filters.bulk_job_id is not None:
        yield col(Call.id).in_(select(BulkItem.call_id).where(BulkItem.bulk_job_id == filters.bulk_job_id))


def _texts(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.text:
        yield col(Call.filename).icontains(filters.text, autoescape=True)
    if filters.agent_given:
        yield func.lower(col(Call.agent_given)) == func.lower(filters.agent_given)  # both by the database's own rules
    if filters.external_id:
        yield col(Call.external_id) == filters.external_id
    if filters.sha256:
        yield col(Call.sha256) == filters.sha256.lower()


def _times(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.called_from is not None:
        yield col(Call.called_at) >= filters.called_from
    if filters.called_until is not None:
        yield col(Call.called_at) < filters.called_until
    if filters.updated_from is not None:
        yield col(Call.updated_at) >= filters.updated_from
