"""Calls by the dozen with every kind of outcome, and what they add up to, computed from the rows one by one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from records.agents import Agent
from records.calls import Call
from records.campaigns import Campaign
from records.figures_days import Days
from records.figures_sums import Tally
from records.results import CheckResult, Version
from records.statuses import CallStatus, Source, Verdict
from tests.records.finished import add_version, greeting
from tests.records.made import stored_call

OUTCOMES = (
    {"status": CallStatus.COMPLETED, "score": 91.5},
    {"status": CallStatus.COMPLETED, "score": 40.0, "flagged": True},
    {"status": CallStatus.COMPLETED, "score": 30.0, "reviewed_score": 75.0, "effective_score": 75.0, "flagged": True},
    {"status": CallStatus.COMPLETED, "score": None, "flagged": True},
    {"status": CallStatus.FAILED, "error_code": "not_audio"},
    {"status": CallStatus.FAILED, "error_code": "cancelled"},
    {"status": CallStatus.FAILED, "error_code": None},
    {"status": CallStatus.PENDING},
    {"status": CallStatus.ANALYZING, "score": 70.0, "flagged": True, "version_number": 1},  # a rerun
)


def fill(
    session: Session, campaigns: Iterable[Campaign], agents: Iterable[Agent | None], when: Iterable[datetime]
) -> None:
    """One call of each outcome for each campaign, agent and moment, in turn from every source."""
    sources = list(Source)
    everything = product(OUTCOMES, campaigns, agents, when)
    for number, (outcome, campaign, agent, moment) in enumerate(everything):
        facts = {"source": sources[number % 4], "created_at": moment, "agent_id": agent.id if agent else None}
        call = stored_call(session, campaign, **facts, **outcome)
        if outcome["status"] is CallStatus.COMPLETED:
            judge(session, call, Greeting=Verdict.FAIL if number % 3 else Verdict.PASS, Farewell=Verdict.PASS)


def judge(session: Session, call: Call, **verdicts: Verdict) -> Version:
    """A newest version in which these checks found this."""
    results = tuple(greeting(name=name, verdict=verdict) for name, verdict in verdicts.items())
    number = call.version_number
    times = {"transcription": 10.0 + number, "analysis": 2.0}
    return add_version(session, call, checks=results, score=call.score, stage_seconds=times)


def rows(session: Session, days: Days) -> list[Call]:
    """The calls of these days, told one by one by their own clock's date."""
    zone = ZoneInfo(days.zone)
    return [
        call
        for call in session.exec(select(Call))
        if days.first <= call.created_at.astimezone(zone).date() <= days.last
    ]


def tally(calls: Iterable[Call]) -> Tally:
    found = list(calls)
    scores = [call.effective_score for call in found if call.effective_score is not None]
    return Tally(
        calls=len(found),
        completed=sum(call.status == CallStatus.COMPLETED for call in found),
        failed=sum(call.status == CallStatus.FAILED and call.error_code != "cancelled" for call in found),
        judged=sum(call.version_number > 0 for call in found),
        flagged=sum(call.flagged for call in found),
        scored=len(scores),
        points=sum(scores),
    )


def verdicts(session: Session, call: Call) -> dict[str, Verdict]:
    """What the newest version found, by check."""
    newest = session.exec(
        select(Version).where(Version.call_id == call.id, Version.number == call.version_number)
    ).first()
    if newest is None:
        return {}
    return {
        each.name: each.verdict for each in session.exec(select(CheckResult).where(CheckResult.run_id == newest.run_id))
    }


def moments(days: Days) -> list[datetime]:
    """Some in these days and in those before, at every part of the day, and both sides of where the two meet."""
    spread = [days.before.begin + timedelta(hours=31 * n) for n in range(6)]
    return [*spread, days.begin - timedelta(microseconds=1), days.begin, days.end - timedelta(microseconds=1)]
