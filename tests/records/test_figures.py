"""Figures equal what the rows say, for every scope and on both databases."""

from dataclasses import astuple
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from records import access, call_list, db, figures
from records.call_filters import Filters
from records.figures import Order, both
from records.figures_days import Days
from records.figures_keeping import keep
from records.figures_kept import NOTHING_KEPT
from records.figures_sums import NOTHING, Tally
from records.identity import Identity
from records.roles import Role
from records.statuses import CallStatus, Source
from tests.records.figured import fill, moments, rows, tally
from tests.records.made import agent, person, stored_call, stored_campaign

OWNER = Identity(1, Role.OWNER, "owner@example.org")
OVER_SUMMER_TIME = Days(date(2026, 3, 27), date(2026, 3, 30), "Europe/Berlin")


class World:
    """Two campaigns, two agents and nobody, over the night in which the clocks change; and who looks."""

    def __init__(self, days: Days) -> None:
        with db.writing() as session:
            self.campaigns = [stored_campaign(session, name) for name in ("a", "b")]
            self.agents = [agent(session, name) for name in ("Ada", "Ben")]
            fill(session, self.campaigns, [*self.agents, None], moments(days))
            people = {
                "owner": person(session, Role.OWNER),
                "senior": person(session, Role.SENIOR_MANAGER),
                "compliance": person(session, Role.COMPLIANCE_OFFICER),
                "manager of b": person(session, Role.MANAGER, self.campaigns[1]),
                "manager of nothing": person(session, Role.MANAGER),
                "agent": person(session, Role.AGENT, agent_id=self.agents[0].id),
                "agent without link": person(session, Role.AGENT),
            }
            self.people = {name: access.identity(session, user) for name, user in people.items()}

    def theirs(self, name: str):
        """Which calls somebody sees, said once more in Python."""
        b, ada = self.campaigns[1].id, self.agents[0].id
        return {
            "manager of b": lambda call: call.campaign_id == b,
            "manager of nothing": lambda _call: False,
            "agent": lambda call: call.agent_id == ada,
            "agent without link": lambda _call: False,
        }.get(name, lambda _call: True)


@pytest.fixture(params=["added up now", "kept"])
def kept_of(request: pytest.FixtureRequest):
    """Which of some days are kept for a person: none, or all that are over."""
    if request.param == "kept":
        return lambda days, who: NOTHING_KEPT if who.role is Role.AGENT else keep(both(days), days.zone)
    return lambda _days, _who: NOTHING_KEPT


def same(found: Tally, expected: Tally) -> bool:
    return astuple(found) == pytest.approx(astuple(expected))


def test_each_day_and_the_days_before_are_what_the_rows_say(database, kept_of):
    days, world = OVER_SUMMER_TIME, World(OVER_SUMMER_TIME)
    zone = ZoneInfo(days.zone)
    for name, who in world.people.items():
        kept = kept_of(days, who)
        with db.reading() as session:
            found = figures.daily(session, who, days, kept=kept)
            mine = [call for call in rows(session, days) if world.theirs(name)(call)]
            before = [call for call in rows(session, days.before) if world.theirs(name)(call)]
        assert list(found.days) == list(days.dates)
        assert same(found.total, tally(mine)), name
        assert same(found.before, tally(before)), name
        for day, counted in found.days.items():
            of_day = [call for call in mine if call.created_at.astimezone(zone).date() == day]
            assert same(counted, tally(of_day)), (name, day)
            for status in CallStatus:
                assert found.statuses[status][day] == sum(call.status == status for call in of_day)
            for source in Source:
                assert found.sources[source][day] == sum(call.source == source for call in of_day)
    assert found.total == NOTHING, "the agent without a link was last"


def test_campaigns_and_agents_are_what_the_rows_say(database, kept_of):
    days, world = OVER_SUMMER_TIME, World(OVER_SUMMER_TIME)
    for name, who in world.people.items():
        kept = kept_of(days, who)
        with db.reading() as session:
            mine = [call for call in rows(session, days) if world.theirs(name)(call)]
            daily = figures.daily(session, who, days, kept=kept)
            campaigns = {each.key: each.tally for each in figures.by_campaign(session, daily)}
            agents = {each.name: each.tally for each in figures.by_agent(session, who, days, kept=kept)}
        for campaign in world.campaigns:
            expected = tally(call for call in mine if call.campaign_id == campaign.id)
            assert same(campaigns.get(campaign.slug, NOTHING), expected), name
        for one in world.agents:
            expected = tally(call for call in mine if call.agent_id == one.id)
            assert same(agents.get(one.name, NOTHING), expected), name
        linked = sum(call.agent_id is not None for call in mine)
        assert sum(each.calls for each in agents.values()) == linked, "calls without an agent are in none"


def test_a_campaign_narrows_every_figure(database, kept_of):
    days, world = OVER_SUMMER_TIME, World(OVER_SUMMER_TIME)
    only, kept = frozenset({"a"}), kept_of(days, OWNER)
    with db.reading() as session:
        expected = tally(call for call in rows(session, days) if call.campaign_id == world.campaigns[0].id)
        daily = figures.daily(session, OWNER, days, only, kept)
        assert same(daily.total, expected)
        assert [each.key for each in figures.by_campaign(session, daily)] == ["a"]
        agents = figures.by_agent(session, OWNER, days, only, kept)
        assert sum(each.tally.calls for each in agents) == expected.calls * 2 // 3
        assert figures.daily(session, OWNER, days, frozenset({"nowhere"}), kept).total == NOTHING


def test_the_lists_of_the_same_days_count_the_same(database):
    days, _world = OVER_SUMMER_TIME, World(OVER_SUMMER_TIME)
    within = {"added_from": days.begin, "added_until": days.end}
    with db.reading() as session:
        total = figures.daily(session, OWNER, days).total
        for filters, expected in (
            (Filters(**within), total.calls),
            (Filters(**within, score_from=0), total.scored),
            (Filters(**within, flagged=True), total.flagged),
            (Filters(**within, statuses=frozenset({CallStatus.FAILED}), cancelled=False), total.failed),
        ):
            assert expected > 0
            assert call_list.count(session, OWNER, filters) == expected


def test_agents_come_in_the_order_asked_for_and_never_too_many(database, monkeypatch):
    monkeypatch.setattr(figures, "AGENTS_SHOWN", 3)
    day = date(2026, 11, 18)
    moment = Days(day, day).begin
    outcomes = {
        "busy": [(90.0, False)] * 3,
        "low": [(20.0, False)],
        "flagged": [(60.0, True)],
        "unheard": [(None, False)],
    }
    with db.writing() as session:
        campaign = stored_campaign(session, "a")
        for name, calls in outcomes.items():
            one = agent(session, name)
            for score, flagged in calls:
                facts = {"status": CallStatus.COMPLETED, "score": score, "flagged": flagged, "agent_id": one.id}
                judged = 0 if name == "unheard" else 1
                stored_call(session, campaign, created_at=moment, version_number=judged, **facts)
    with db.reading() as session:
        in_order = {
            order: [each.name for each in figures.by_agent(session, OWNER, Days(day, day), order=order)]
            for order in Order
        }
    assert in_order[Order.LOWEST] == ["low", "flagged", "busy"]
    assert in_order[Order.FLAGGED] == ["flagged", "busy", "low"]
    assert in_order[Order.MOST][0] == "busy"


def test_of_nothing_there_is_no_average_and_no_share():
    assert (NOTHING.score, NOTHING.flag_rate, NOTHING.failed_share) == (None, None, None)
    some = Tally(calls=4, completed=1, failed=1, judged=2, flagged=1, scored=2, points=150.0)
    assert (some.score, some.flag_rate, some.failed_share) == (75.0, 0.5, 0.5)
    assert (some + some).score == 75.0
