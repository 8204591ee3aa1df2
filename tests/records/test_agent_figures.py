from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from records import access, agent_figures, db
from records.agent_figures import FailedCheck, Figures
from records.statuses import Verdict
from tests.records.agent_world import World
from tests.records.finished import add_version, finished_call, greeting


def call(world: World, agent_id: int | None, campaign, score: float | None, *, days: float = 1, **facts):
    with db.writing() as session:
        created = db.now() - timedelta(days=days)
        return finished_call(session, campaign, score=score, agent_id=agent_id, created_at=created, **facts)


def asked(world: World, who: str, agent_id: int, figures, *more):
    with db.reading() as session:
        return figures(session, world.who[who], access.agent(session, world.who[who], agent_id), *more)


def test_figures_stand_beside_those_of_team_and_campaigns_on_both_databases(database):
    world = World()
    ada, ben, cleo = (world.agent(name, team=team) for name, team in (("Ada", "N"), ("Ben", "N"), ("Cleo", "S")))
    call(world, ada, world.support, 80, flagged=True)
    call(world, ada, world.support, 60)
    call(world, ada, world.support, 0, days=91, flagged=True)
    call(world, ben, world.sales, 40)
    call(world, cleo, world.support, 100)
    call(world, None, world.support, 0, flagged=True)  # without an agent: in no figure about agents
    found = asked(world, "sam", ada, agent_figures.compared)
    assert found.own == Figures(2, 70, 0.5)
    assert found.team == Figures(3, 60, pytest.approx(1 / 3))
    assert found.campaigns == Figures(3, 80, pytest.approx(1 / 3))
    assert asked(world, "sam", ada, agent_figures.compared).own.calls == 2


def test_a_manager_reads_figures_of_assigned_campaigns_only(world_with_two):
    world, ada = world_with_two
    assert asked(world, "mia", ada, agent_figures.compared).own == Figures(1, 90, 0)
    assert asked(world, "sam", ada, agent_figures.compared).own == Figures(2, 50, 0.5)
    assert [check.campaign for check in asked(world, "mia", ada, agent_figures.failed_checks)] == []
    assert [check.campaign for check in asked(world, "sam", ada, agent_figures.failed_checks)] == ["Sales"]
    week = [(db.now() - timedelta(days=7), db.now())]
    assert [(span.calls, span.score) for span in asked(world, "mia", ada, agent_figures.course, week)] == [(1, 90)]
    assert [(span.calls, span.score) for span in asked(world, "sam", ada, agent_figures.course, week)] == [(2, 50)]


@pytest.fixture
def world_with_two(home):
    """Ada has a good call in Mia's campaign, and a bad one in another."""
    world = World()
    ada = world.agent("Ada")
    call(world, ada, world.support, 90)
    bad = call(world, ada, world.sales, 10, flagged=True)
    with db.writing() as session:
        add_version(session, session.merge(bad), checks=(greeting(verdict=Verdict.FAIL),))
    return world, ada


def test_an_agent_without_team_or_calls_is_compared_with_nobody(home):
    world = World()
    found = asked(world, "sam", world.agent("Ada"), agent_figures.compared)
    assert (found.own, found.team, found.campaigns) == (Figures(0, None, None), None, Figures(0, None, None))


def test_the_course_counts_each_call_in_its_span_on_both_databases(database):
    world = World()
    ada, ben = world.agent("Ada"), world.agent("Ben")
    days = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3, 4)]
    with db.writing() as session:
        for moment, score in ((days[0], 50), (days[1] - timedelta(seconds=1), 70), (days[1], 90), (days[2], None)):
            finished_call(session, world.support, score=score, agent_id=ada, created_at=moment)
        finished_call(session, world.support, score=1, agent_id=ben, created_at=days[0])
    spans = list(pairwise(days))
    course = asked(world, "sam", ada, agent_figures.course, spans)
    assert [(span.start, span.calls, span.score) for span in course] == [
        (days[0], 2, 60),
        (days[1], 1, 90),
        (days[2], 1, None),
    ]
    assert asked(world, "sam", ada, agent_figures.course, []) == []


def test_failed_checks_are_counted_by_the_newest_version_on_both_databases(database):
    world = World()
    ada = world.agent("Ada")
    with db.writing() as session:
        for verdicts in (("fail", "pass"), ("fail", "fail"), ("pass", "not_evaluated"), ("not_applicable", "pass")):
            made = finished_call(session, world.support, agent_id=ada)  # its first version passed
            checks = tuple(
                greeting(name=name, verdict=Verdict(each))
                for name, each in zip(("Greeting", "Summary"), verdicts, strict=True)
            )
            add_version(session, made, checks=checks)
    assert asked(world, "sam", ada, agent_figures.failed_checks) == [
        FailedCheck("Greeting", "Support", 2, 3),
        FailedCheck("Summary", "Support", 1, 3),
    ]
