"""What a list of calls is narrowed to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import and_, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access, call_text, transcripts
from records.bulk import BulkItem
from records.bulk_counts import CANCELLED
from records.calls import UNFINISHED, Call
from records.campaigns import Campaign
from records.db import LARGEST_ID, now
from records.identity import Identity
from records.outages import ProviderState
from records.results import CheckResult, Version
from records.roles import Permission
from records.runs import Run
from records.statuses import CallStatus, Source, Verdict

STUCK_AFTER = timedelta(minutes=30)  # an unfinished call that has not moved for so long wants looking at


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; whatever is empty or None narrows nothing."""

    statuses: frozenset[CallStatus] = frozenset()
    sources: frozenset[Source] = frozenset()
    campaigns: frozenset[str] = frozenset()  # slugs
    flagged: bool | None = None
    text: str = ""  # part of the file name
    said: str = ""  # words of the newest version, as call_text reads them
    agent_id: int | None = None
    unlinked: bool = False  # no agent is linked
    agent_given: str = ""  # as the source named the agent; case does not matter
    external_id: str = ""
    sha256: str = ""
    added_from: datetime | None = None  # at or after
    added_until: datetime | None = None  # before
    called_from: datetime | None = None  # at or after
    called_until: datetime | None = None  # before
    updated_from: datetime | None = None  # at or after
    bulk_job_id: int | None = None
    score_from: float | None = None  # at least
    score_to: float | None = None  # at most
    check_failed: str = ""  # the name of a check that the newest version failed
    cancelled: bool | None = None  # False leaves out what was called off and so never failed
    stuck: bool = False  # unfinished and unmoved for STUCK_AFTER, and no paused provider is the reason
    withheld: bool = False  # what was said in it is withheld, being from before redaction was turned on
    paused: bool = False  # waits for a provider that is paused

    def __bool__(self) -> bool:
        return self != Filters()


def narrowed(
    who: Identity, filters: Filters, permission: Permission = Permission.CALL_READ, *, commonly: bool = False
) -> SelectOfScalar[Call]:
    """The calls on which this person holds the permission, and that the filters let through.

    `commonly` makes a search for what many calls say the quicker one, see call_text.
    """
    return access.calls(who, permission).where(*conditions(filters, commonly=commonly))


def conditions(filters: Filters, *, commonly: bool = False) -> Iterator[ColumnElement[bool]]:
    """What must hold for a call to be let through."""
    for part in (_sets, _owners, _texts, _times, _results, _standing):
        yield from part(filters)
    if filters.said:
        yield call_text.holds(filters.said, commonly=commonly)


def is_unfinished() -> ColumnElement[bool]:
    """Whether a call has yet to come to an end; written out as the indexes of such calls have it."""
    return col(Call.status).in_(bindparam("unfinished", UNFINISHED, expanding=True, literal_execute=True))


def not_cancelled() -> ColumnElement[bool]:
    """A call that was called off is Failed by its status, and counts as no failure."""
    return or_(col(Call.error_code).is_(None), col(Call.error_code) != CANCELLED)


def _sets(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.statuses:
        # Of an agent's calls by the agent's index: SQLite takes any, and nearly all calls have the same status.
        status = col(Call.status) if filters.agent_id is None else func.coalesce(col(Call.status), "")
        yield status.in_(sorted(filters.statuses))
    if filters.sources:
        yield col(Call.source).in_(sorted(filters.sources))
    if filters.campaigns:
        named = select(Campaign.id).where(col(Campaign.slug).in_(sorted(filters.campaigns)))
        yield col(Call.campaign_id).in_(named)
    if filters.flagged is not None:
        yield col(Call.flagged).is_(filters.flagged)


def _owners(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.agent_id is not None:
        yield col(Call.agent_id) == min(filters.agent_id, LARGEST_ID)
    if filters.unlinked:
        yield col(Call.agent_id).is_(None)
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
    if filters.added_from is not None:
        yield col(Call.created_at) >= filters.added_from
    if filters.added_until is not None:
        yield col(Call.created_at) < filters.added_until
    if filters.called_from is not None:
        yield col(Call.called_at) >= filters.called_from
    if filters.called_until is not None:
        yield col(Call.called_at) < filters.called_until
    if filters.updated_from is not None:
        yield col(Call.updated_at) >= filters.updated_from


def _results(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.score_from is not None:
        yield col(Call.effective_score) >= filters.score_from
    if filters.score_to is not None:
        yield col(Call.effective_score) <= filters.score_to
    if filters.check_failed:
        newest = and_(col(Version.call_id) == Call.id, col(Version.number) == Call.version_number)
        failed = and_(col(CheckResult.name) == filters.check_failed, col(CheckResult.verdict) == Verdict.FAIL)
        yield (
            select(Version.id)
            .join(CheckResult, col(CheckResult.run_id) == Version.run_id)
            .where(newest, failed)
            .exists()
        )


def _standing(filters: Filters) -> Iterator[ColumnElement[bool]]:
    if filters.cancelled is not None:
        yield col(Call.error_code) == CANCELLED if filters.cancelled else not_cancelled()
    if filters.withheld:
        yield transcripts.withheld()
    if filters.paused:
        yield _held_by_a_pause()
    if filters.stuck:
        yield is_unfinished()
        yield col(Call.updated_at) < now() - STUCK_AFTER
        yield ~_held_by_a_pause()


def _held_by_a_pause() -> ColumnElement[bool]:
    """Its run stands in the line of a provider that is paused."""
    paused = select(ProviderState.provider).where(col(ProviderState.paused_since).is_not(None))
    in_line = select(Run.call_id).where(col(Run.ended_at).is_(None), col(Run.waits_at) != "")
    return col(Call.id).in_(in_line.where(col(Run.waits_at).in_(paused)))
