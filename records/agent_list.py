"""Lists of agents with the figures of the last thirty days: searched, sorted and paged in SQL."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case
from sqlmodel import Session, and_, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from records import access
from records.agents import Agent, AgentAlias, AgentCampaign, folded
from records.calls import Call
from records.campaigns import Campaign
from records.db import now
from records.identity import Identity
from records.people import User
from records.roles import Permission

DAYS = 30  # that the figures are of
SIZE = 25  # rows of a page
FOUND = 20  # at most, where one is looked for by name


class Order(StrEnum):
    """What a list is sorted by."""

    NAME = "name"
    CALLS = "calls"  # most first
    BEST = "best"
    WORST = "worst"


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; whatever is empty narrows nothing."""

    text: str = ""  # part of a name or alias
    team: str = ""
    campaign: str = ""  # slug: works for it, or has calls in it
    inactive: bool = False  # show them too


@dataclass(frozen=True)
class Row:
    """One line: an agent, and the calls of the last thirty days that this person may see."""

    id: int
    name: str
    team: str
    active: bool
    calls: int
    score: float | None
    flagged: float | None  # share of the calls that have a score
    newest: datetime | None  # the last call there is, however old
    campaigns: tuple[str, ...]
    people: tuple[str, ...]  # names of linked accounts


@dataclass(frozen=True)
class Page:
    """Some rows, and how many there are on all pages."""

    rows: tuple[Row, ...]
    number: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // SIZE))


def page(session: Session, who: Identity, filters: Filters, order: Order = Order.NAME, number: int = 1) -> Page:
    """One page, counted from 1; the last where there are fewer."""
    mine = narrowed(who, filters)
    total = session.exec(select(func.count()).select_from(mine.subquery())).one()
    number = max(1, min(number, -(-total // SIZE)))
    ids = [row[0] for row in session.execute(_sorted(who, mine, order).limit(SIZE).offset((number - 1) * SIZE))]
    return Page(tuple(_rows(session, who, ids)), number, total)


def find(
    session: Session,
    who: Identity,
    text: str,
    *,
    inactive: bool = False,
    permission: Permission = Permission.AGENT_MANAGE,
) -> list[Agent]:
    """Agents by part of a name or alias, for a choice."""
    query = narrowed(who, Filters(text=text, inactive=inactive), permission).order_by(
        col(Agent.name_folded), col(Agent.id)
    )
    return list(session.exec(query.limit(FOUND)))


def teams(session: Session, who: Identity) -> list[str]:
    """The teams there are."""
    query = access.agents(who).where(Agent.team != "").with_only_columns(col(Agent.team)).distinct()
    return sorted(session.execute(query).scalars(), key=folded)


def any_agent(session: Session, who: Identity) -> bool:
    """True when this person manages an agent at all, active or not."""
    return session.exec(access.agents(who).limit(1)).first() is not None


def campaigns(session: Session, who: Identity) -> dict[str, str]:
    """The names of the campaigns whose agents this person manages, by slug."""
    query = access.campaigns(who, Permission.AGENT_MANAGE).order_by(col(Campaign.name))
    return {campaign.slug: campaign.name for campaign in session.exec(query)}


def narrowed(
    who: Identity, filters: Filters, permission: Permission = Permission.AGENT_MANAGE
) -> SelectOfScalar[Agent]:
    """The agents on whom this person holds the permission, and whom the filters let through."""
    query = access.agents(who, permission)
    if not filters.inactive:
        query = query.where(col(Agent.active).is_(True))
    if filters.team:
        query = query.where(Agent.team == filters.team)
    if filters.campaign:
        chosen = access.campaigns(who, Permission.AGENT_MANAGE).where(Campaign.slug == filters.campaign)
        ids = chosen.with_only_columns(col(Campaign.id))
        works = select(AgentCampaign.agent_id).where(col(AgentCampaign.campaign_id).in_(ids))
        heard = select(Call.id).where(Call.agent_id == Agent.id, col(Call.campaign_id).in_(ids))
        query = query.where(or_(col(Agent.id).in_(works), heard.exists()))
    if filters.text:
        aliased = select(AgentAlias.agent_id).where(
            col(AgentAlias.alias).contains(folded(filters.text), autoescape=True)
        )
        called = col(Agent.name_folded).contains(folded(filters.text), autoescape=True)
        query = query.where(or_(called, col(Agent.id).in_(aliased)))
    return query


def figures_of(who: Identity, since: datetime) -> SelectOfScalar[Call]:
    """The linked calls since then that this person may see: what figures about agents are made of."""
    return access.calls(who).where(col(Call.agent_id).is_not(None), col(Call.created_at) >= since)


def flag_rate() -> Any:  # noqa: ANN401  an expression of SQL
    """The share of flagged calls among those that have a result."""
    return func.avg(case((col(Call.version_number) > 0, case((col(Call.flagged).is_(True), 1.0), else_=0.0))))


def _sorted(who: Identity, mine: SelectOfScalar[Agent], order: Order) -> Select[Any]:
    by_name = (col(Agent.name_folded), col(Agent.id))
    ids = mine.with_only_columns(col(Agent.id))
    if order is Order.NAME:
        return ids.order_by(*by_name)
    grouped = figures_of(who, now() - timedelta(days=DAYS)).with_only_columns(
        col(Call.agent_id).label("agent"), func.count().label("calls"), func.avg(Call.effective_score).label("score")
    )
    figures = grouped.group_by(col(Call.agent_id)).subquery()
    joined = ids.outerjoin(figures, and_(figures.c.agent == Agent.id))
    if order is Order.CALLS:
        return joined.order_by(func.coalesce(figures.c.calls, 0).desc(), *by_name)
    score = figures.c.score.desc() if order is Order.BEST else figures.c.score.asc()
    return joined.order_by(figures.c.score.is_(None), score, *by_name)


def _rows(session: Session, who: Identity, ids: list[int]) -> list[Row]:
    since = now() - timedelta(days=DAYS)
    theirs = figures_of(who, since).where(col(Call.agent_id).in_(ids))
    grouped = theirs.with_only_columns(col(Call.agent_id), func.count(), func.avg(Call.effective_score), flag_rate())
    figures = {row[0]: row[1:] for row in session.execute(grouped.group_by(col(Call.agent_id)))}
    ever = access.calls(who).where(col(Call.agent_id).in_(ids))
    last = ever.with_only_columns(col(Call.agent_id), func.max(Call.created_at)).group_by(col(Call.agent_id))
    newest = {row[0]: row[1] for row in session.execute(last)}
    works = _works(session, who, ids)
    people = _people(session, ids)
    found = {agent.id: agent for agent in session.exec(select(Agent).where(col(Agent.id).in_(ids)))}
    rows = []
    for number in ids:
        agent, (calls, score, flagged) = found[number], figures.get(number, (0, None, None))
        rows.append(
            Row(
                id=number,
                name=agent.name,
                team=agent.team,
                active=agent.active,
                calls=calls,
                score=None if score is None else float(score),
                flagged=None if flagged is None else float(flagged),
                newest=newest.get(number),
                campaigns=tuple(works.get(number, ())),
                people=tuple(people.get(number, ())),
            )
        )
    return rows


def _works(session: Session, who: Identity, ids: list[int]) -> dict[int, list[str]]:
    """The names of the campaigns that each works for, among those that this person manages."""
    mine = access.campaigns(who, Permission.AGENT_MANAGE).join(AgentCampaign, _of_campaign())
    named = mine.with_only_columns(col(AgentCampaign.agent_id), col(Campaign.name)).order_by(col(Campaign.name))
    found: dict[int, list[str]] = {}
    for number, name in session.execute(named.where(col(AgentCampaign.agent_id).in_(ids))):
        found.setdefault(number, []).append(name)
    return found


def _of_campaign() -> Any:  # noqa: ANN401  an expression of SQL
    return col(AgentCampaign.campaign_id) == Campaign.id


def _people(session: Session, ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(User.agent_id, User.name).where(col(User.agent_id).in_(ids)).order_by(col(User.name))
    for number, name in session.exec(query):
        found.setdefault(number or 0, []).append(name)
    return found


def works_for(session: Session, who: Identity, agent_id: int) -> dict[str, str]:
    """The campaigns that an agent works for, among those that this person manages: names by slug."""
    mine = access.campaigns(who, Permission.AGENT_MANAGE).join(AgentCampaign, _of_campaign())
    query = mine.where(AgentCampaign.agent_id == agent_id).order_by(col(Campaign.name))
    return {campaign.slug: campaign.name for campaign in session.exec(query)}
