"""Lists of calls: filtered, sorted, a page at a time by key; no table is counted or skipped through."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, union_all
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access, call_text, transcripts, waiting
from records.agents import Agent
from records.call_filters import Filters, is_unfinished, narrowed
from records.call_order import Part, Place, Sort, parts
from records.calls import Call
from records.campaigns import Campaign
from records.checks import Check
from records.db import LARGEST_ID
from records.identity import Identity, require
from records.roles import Permission, Scope
from records.statuses import FINISHED, CallStatus, Source
from records.waiting import Waiting

COUNTED = 10_000  # a larger number is shown as '10,000+': counting a million rows takes longer than reading a page
CHOICES = 500  # names that a filter offers; whichever the address asks for is there besides
BRANCHES = 100  # campaigns that are read one by one; SQLite allows 500 parts in one query


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    id: str
    filename: str
    status: CallStatus
    source: Source
    campaign: str
    agent: str | None
    effective_score: float | None
    flagged: bool
    duration_ms: int | None
    called_at: datetime | None
    created_at: datetime
    waiting_for: str = ""  # a sentence: what holds it up

    def place(self, sort: Sort = Sort.NEWEST) -> Place:
        return Place(self.created_at, self.id, sort.of(self))


@dataclass(frozen=True)
class Entry:
    """One call of a list with all its facts."""

    call: Call
    campaign: str  # slug
    agent: str | None
    waiting_for: str = ""  # a sentence

    @property
    def place(self) -> Place:
        """In a list that has the newest first."""
        return Place(self.call.created_at, self.call.id)


@dataclass(frozen=True)
class Page:
    """Some rows in their order, and whether there are more on either side."""

    rows: tuple[Row, ...]
    before: bool
    behind: bool


_COLUMNS = (
    col(Call.id),
    col(Call.filename),
    col(Call.status),
    col(Call.source),
    col(Campaign.name),
    col(Agent.name),
    col(Call.effective_score),
    col(Call.flagged),
    col(Call.duration_ms),
    col(Call.called_at),
    col(Call.created_at),
)


def page(
    session: Session,
    who: Identity,
    filters: Filters,
    *,
    sort: Sort = Sort.NEWEST,
    behind: Place | None = None,
    before: Place | None = None,
    size: int = 25,
) -> Page:
    """The rows behind a place (or before it), or the first ones. One row more than shown tells whether there are more.

    Asked for what comes before the first, it answers the first page, so that nobody is stranded on an empty one.
    """
    keys = ids(session, who, filters, sort=sort, behind=behind, before=before, limit=size + 1)
    found = {row[0]: Row(*row) for row in session.execute(joined(_COLUMNS, keys[:size]))} if keys else {}
    rows, more = _waiting(session, [found[each] for each in keys[:size] if each in found]), len(keys) > size
    if not before:
        return Page(tuple(rows), before=behind is not None, behind=more)
    if not rows:
        return page(session, who, filters, sort=sort, size=size)
    return Page(tuple(reversed(rows)), before=more, behind=True)


def entries(
    session: Session, who: Identity, filters: Filters, *, older_than: Place | None = None, size: int = 50
) -> tuple[tuple[Entry, ...], bool]:
    """The calls behind a place, newest first and whole; and whether there are older ones."""
    keys = ids(session, who, filters, behind=older_than, limit=size + 1)
    whole = (Call, col(Campaign.slug), col(Agent.name))
    found = {call.id: (call, *names) for call, *names in session.execute(joined(whole, keys[:size]))} if keys else {}
    unfinished = [each for each, (call, *_) in found.items() if call.status not in FINISHED]
    waits = waiting.of(session, unfinished) if unfinished else {}
    rows = [
        Entry(call, campaign, agent, waits.get(each, Waiting()).words)
        for each in keys[:size]
        for call, campaign, agent in [found[each]]
    ]
    return tuple(rows), len(keys) > size


def count(session: Session, who: Identity, filters: Filters) -> int:
    """How many there are; anything above COUNTED means only 'more than that'."""
    some = narrowed(who, filters).with_only_columns(col(Call.id)).limit(COUNTED + 1)
    if filters.text:  # every name is looked at: in the order in which the calls lie there, not in some index's
        some = some.order_by(col(Call.created_at))
    if filters.withheld and (campaigns := _campaign_ids(session, who, filters)) is not None:
        some = some.where(col(Call.campaign_id).in_(campaigns))  # by the index of each, and not through all calls
    return session.exec(select(func.count()).select_from(some.subquery())).one()


def shown_count(session: Session, who: Identity, filters: Filters) -> tuple[int, bool]:
    """How many there are, at most COUNTED, and whether there are more.

    Of what very many calls say, only some are looked at: to look at all takes seconds.
    """
    if filters.said and call_text.common(session, filters.said):
        if filters == Filters(said=filters.said) and _sees_all_words(session, who):
            return call_text.COMMON, True
        some = narrowed(who, replace(filters, said="")).where(call_text.among_the_first(filters.said))
        found = some.with_only_columns(col(Call.id)).subquery()
        return session.exec(select(func.count()).select_from(found)).one(), True
    number = count(session, who, filters)
    return min(number, COUNTED), number > COUNTED


def _sees_all_words(session: Session, who: Identity) -> bool:
    """Whether nothing is kept from this person's searches: neither calls, nor what was said in some."""
    return require(who, Permission.CALL_READ) is Scope.ALL and not transcripts.any_redacting(session)


def any_unfinished(session: Session, who: Identity) -> bool:
    """True while a call that this person may see is still on its way."""
    query = access.calls(who).where(is_unfinished()).with_only_columns(col(Call.id)).limit(1)
    return session.execute(query).first() is not None


def any_call(session: Session, who: Identity) -> bool:
    """True when this person may see a call at all."""
    return session.execute(access.calls(who).with_only_columns(col(Call.id)).limit(1)).first() is not None


def campaigns(session: Session, who: Identity) -> dict[str, str]:
    """The names of the campaigns whose calls this person may see, by slug."""
    query = access.campaigns(who, Permission.CALL_READ).order_by(col(Campaign.name))
    return {campaign.slug: campaign.name for campaign in session.exec(query)}


def agents(session: Session, who: Identity, *, asked: int | None = None) -> dict[int, str]:
    """Whose calls this person may see, by name, at most CHOICES; and the one asked for, if it is one of them.

    For those who see the calls of one agent alone there is nothing to choose.
    """
    if require(who, Permission.CALL_READ) is Scope.OWN:
        return {}
    heard = access.calls(who).where(col(Call.agent_id) == Agent.id).with_only_columns(col(Call.id)).exists()
    query = select(Agent.id, Agent.name).where(heard)
    found = list(session.execute(query.order_by(col(Agent.name), col(Agent.id)).limit(CHOICES)))
    if asked is not None and asked <= LARGEST_ID and asked not in {number for number, _name in found}:
        found += session.execute(query.where(Agent.id == asked))
    return dict(found)


def check_names(session: Session, who: Identity) -> list[str]:
    """The checks of the campaigns whose calls this person may see, at most CHOICES."""
    theirs = access.campaigns(who, Permission.CALL_READ).with_only_columns(col(Campaign.id))
    names = select(Check.name).where(col(Check.campaign_id).in_(theirs)).distinct()
    return list(session.exec(names.order_by(col(Check.name)).limit(CHOICES)))


def ids(
    session: Session,
    who: Identity,
    filters: Filters,
    *,
    sort: Sort = Sort.NEWEST,
    behind: Place | None = None,
    before: Place | None = None,
    limit: int,
) -> list[str]:
    """The ids of the calls behind a place, in their order; before one, in the order's reverse.

    Several campaigns are read one by one, each in its own index's order: one sort over all would read them whole.
    """
    narrow = narrowed(who, filters, commonly=bool(filters.said) and call_text.common(session, filters.said))
    campaigns = _campaign_ids(session, who, filters)
    if campaigns == []:
        return []
    found: list[str] = []
    for part in parts(sort, behind=behind, before=before):
        if len(found) < limit:
            found += session.execute(_keys(narrow, campaigns, part, limit - len(found))).scalars()
    return found


def _keys(narrow: SelectOfScalar[Call], campaigns: list[int] | None, part: Part, limit: int) -> Select[Any]:
    """The ids of one stretch, in its order."""
    query = narrow.with_only_columns(*part.keys)
    if part.within is not None:
        query = query.where(part.within)
    ordered = query.order_by(*part.order()).limit(limit)
    if campaigns is None:
        return ordered.with_only_columns(col(Call.id))
    branches = [rows_of(ordered.where(col(Call.campaign_id) == each).subquery()) for each in campaigns]
    together = union_all(*branches).subquery()
    return rows_of(together.c.id).order_by(*part.order(together.c)).limit(limit)


def _campaign_ids(session: Session, who: Identity, filters: Filters) -> list[int] | None:
    """The campaigns that a list is confined to; None when it is not, or when there are too many to tell.

    An agent's calls lie together by the agent: to look for them in each campaign reads all calls of those without any.
    """
    if filters.agent_id is not None or require(who, Permission.CALL_READ) is Scope.OWN:
        return None
    if not filters.campaigns and not who.campaign_ids and not filters.withheld:
        return None
    query = access.campaigns(who, Permission.CALL_READ).with_only_columns(col(Campaign.id))
    if filters.campaigns:
        query = query.where(col(Campaign.slug).in_(sorted(filters.campaigns)))
    if filters.withheld:
        query = query.where(col(Campaign.redact).is_(True))
    numbers = list(session.execute(query).scalars())
    return numbers if len(numbers) <= BRANCHES else None


def joined(columns: tuple[Any, ...], keys: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """These columns of the calls with these ids, in no order; with campaign and agent."""
    return (
        rows_of(*columns)
        .select_from(Call)
        .join(Campaign, col(Campaign.id) == Call.campaign_id)
        .outerjoin(Agent, col(Agent.id) == Call.agent_id)
        .where(col(Call.id).in_(keys))
    )


def _waiting(session: Session, rows: list[Row]) -> list[Row]:
    """The same rows; those that wait say what for."""
    unfinished = [row.id for row in rows if row.status not in FINISHED]
    if not unfinished:
        return rows
    found = waiting.of(session, unfinished)
    held_up = {call: why.words for call, why in found.items() if why.held_up}
    return [replace(row, waiting_for=held_up.get(row.id, "")) for row in rows]
