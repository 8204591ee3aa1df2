"""How one agent's calls went: figures, the course of the score, and which checks fail. Only calls that one may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, case, literal, union_all
from sqlmodel import Session, and_, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from records.agent_list import figures_of, flag_rate
from records.agents import Agent
from records.calls import Call
from records.campaigns import Campaign
from records.db import now
from records.identity import Identity
from records.results import CheckResult, Version
from records.statuses import Verdict

DAYS = 90  # that the figures are of
FAILED = 10  # checks, those that failed most


@dataclass(frozen=True)
class Figures:
    """Of some calls: how many, their average score, the share that was flagged among those with a result."""

    calls: int
    score: float | None
    flagged: float | None


@dataclass(frozen=True)
class Compared:
    """An agent's figures beside those of the team, and of all agents in the campaigns of these calls."""

    own: Figures
    team: Figures | None  # None: no team
    campaigns: Figures


@dataclass(frozen=True)
class Span:
    """Calls from a moment until before another: of a day, of a week."""

    start: datetime
    end: datetime
    calls: int = 0
    score: float | None = None


@dataclass(frozen=True)
class FailedCheck:
    """A check by its name, in one campaign: how often it failed, of how often it could be judged."""

    name: str
    campaign: str
    failed: int
    judged: int


def compared(session: Session, who: Identity, agent: Agent) -> Compared:
    """The figures of the last days."""
    known = figures_of(who, now() - timedelta(days=DAYS))
    own = known.where(Call.agent_id == agent.id)
    places = own.with_only_columns(col(Call.campaign_id)).distinct()
    team = select(Agent.id).where(Agent.team == agent.team)
    return Compared(
        own=_figures(session, own),
        team=_figures(session, known.where(col(Call.agent_id).in_(team))) if agent.team else None,
        campaigns=_figures(session, known.where(col(Call.campaign_id).in_(places))),
    )


def course(session: Session, who: Identity, agent: Agent, spans: Sequence[tuple[datetime, datetime]]) -> list[Span]:
    """Calls and average score of each span, in one query."""
    if not spans:
        return []
    own = figures_of(who, min(start for start, _ in spans)).where(Call.agent_id == agent.id)
    each = [_span(own, place, start, end) for place, (start, end) in enumerate(spans)]
    found = {row[0]: row[1:] for row in session.execute(union_all(*each))}
    return [Span(start, end, found[place][0], _number(found[place][1])) for place, (start, end) in enumerate(spans)]


def failed_checks(session: Session, who: Identity, agent: Agent) -> list[FailedCheck]:
    """The checks that failed most, by the newest version of each call."""
    own = figures_of(who, now() - timedelta(days=DAYS)).where(Call.agent_id == agent.id)
    failed = func.sum(case((col(CheckResult.verdict) == Verdict.FAIL, 1), else_=0))
    query = (
        own.with_only_columns(col(CheckResult.name), col(Campaign.name), failed, func.count())
        .select_from(Call)
        .join(Version, and_(col(Version.call_id) == Call.id, col(Version.number) == Call.version_number))
        .join(CheckResult, col(CheckResult.run_id) == Version.run_id)
        .join(Campaign, col(Campaign.id) == Call.campaign_id)
        .where(col(CheckResult.verdict).in_((Verdict.PASS, Verdict.FAIL)))
        .group_by(col(CheckResult.name), col(Campaign.name))
        .having(failed > 0)
        .order_by(failed.desc(), col(CheckResult.name), col(Campaign.name))
        .limit(FAILED)
    )
    return [FailedCheck(name, campaign, int(bad), judged) for name, campaign, bad, judged in session.execute(query)]


def _figures(session: Session, calls: SelectOfScalar[Call]) -> Figures:
    number, score, flagged = session.execute(
        calls.with_only_columns(func.count(), func.avg(Call.effective_score), flag_rate())
    ).one()
    return Figures(number, _number(score), _number(flagged))


def _span(own: SelectOfScalar[Call], place: int, start: datetime, end: datetime) -> Select[tuple[int, int, float]]:
    there = own.where(col(Call.created_at) >= start, col(Call.created_at) < end)
    return there.with_only_columns(literal(place), func.count(), func.avg(Call.effective_score))


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
