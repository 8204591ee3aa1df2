"""The calls of a list to take away: read in its order, some at a time, and noted in the audit log."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col

from records import audit, call_list
from records.agents import Agent
from records.call_filters import Filters
from records.call_order import Place, Sort
from records.calls import Call
from records.campaigns import Campaign
from records.db import reading
from records.identity import Identity, require
from records.roles import Permission
from records.statuses import CallStatus, Source

BATCH = 1_000  # calls that are read at a time


@dataclass(frozen=True)
class Taken:
    """What is taken away of one call."""

    id: str
    filename: str
    campaign: str
    status: CallStatus
    effective_score: float | None
    score: float | None
    reviewed_score: float | None
    flagged: bool
    agent: str | None
    agent_given: str
    source: Source
    duration_ms: int | None
    called_at: datetime | None
    created_at: datetime
    external_id: str | None
    error: str | None


_COLUMNS = (
    *(col(Call.id), col(Call.filename), col(Campaign.name), col(Call.status), col(Call.effective_score)),
    *(col(Call.score), col(Call.reviewed_score), col(Call.flagged), col(Agent.name), col(Call.agent_given)),
    *(col(Call.source), col(Call.duration_ms), col(Call.called_at), col(Call.created_at), col(Call.external_id)),
    col(Call.error),
)


def exported(
    session: Session, who: Identity, filters: Filters, sort: Sort = Sort.NEWEST, *, asked: str = ""
) -> Iterator[list[Taken]]:
    """Note in the log that this person takes these calls away; what follows reads them, narrowed to that person.

    `asked` is the list's address, for the log. A batch is in memory, and no transaction is open between two.
    """
    require(who, Permission.CALL_READ)
    audit.log(session, who, "call.export", "calls", filters=asked[:1000])
    return batches(who, filters, sort)


def batches(who: Identity, filters: Filters, sort: Sort) -> Iterator[list[Taken]]:
    """In the list's order, until there is no more."""
    behind: Place | None = None
    while True:
        with reading() as session:
            found = _batch(session, who, filters, sort, behind)
        if not found:
            return
        yield found
        last = found[-1]
        behind = Place(last.created_at, last.id, sort.of(last))


def _batch(session: Session, who: Identity, filters: Filters, sort: Sort, behind: Place | None) -> list[Taken]:
    ids = call_list.ids(session, who, filters, sort=sort, behind=behind, limit=BATCH)
    rows: dict[str, Any] = {row[0]: row for row in session.execute(call_list.joined(_COLUMNS, ids))} if ids else {}
    return [Taken(*rows[each]) for each in ids if each in rows]
