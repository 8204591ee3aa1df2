from datetime import timedelta

import pytest
from sqlalchemy import event

from records import agent_list, db
from records.agent_list import Filters, Order, Page
from records.agents import Agent
from records.people import User
from tests.records.agent_world import World, world
from tests.records.finished import finished_call

__all__ = ["world"]  # a fixture made elsewhere


def page(world: World, who: str = "sam", order: Order = Order.NAME, number: int = 1, **filters) -> Page:
    with db.reading() as session:
        return agent_list.page(session, world.who[who], Filters(**filters), order, number)


def names(found: Page) -> list[str]:
    return [row.name for row in found.rows]


def finished(world: World, agent_id: int, campaign, *scores: float | None, days: float = 1, flagged: bool = False):
    with db.writing() as session:
        for score in scores:
            created = db.now() - timedelta(days=days)
            finished_call(session, campaign, score=score, agent_id=agent_id, flagged=flagged, created_at=created)


def test_figures_are_those_of_thirty_days_on_both_databases(database):
    world = World()
    ada = world.agent("Ada", "support", "sales", team="North")
    finished(world, ada, world.support, 80, 90)
    finished(world, ada, world.sales, 40, flagged=True)
    finished(world, ada, world.support, 0, days=31, flagged=True)
    world.calls(1, world.support, agent_id=ada)  # has no result yet
    with db.writing() as session:
        session.get_one(User, world.people["adam"].id).agent_id = ada
    (row,) = page(world).rows
    assert (row.name, row.team, row.active, row.calls, row.score) == ("Ada", "North", True, 4, 70)
    assert row.flagged == pytest.approx(1 / 3)
    assert (row.campaigns, row.people) == (("Sales", "Support"), (world.people["adam"].name,))
    (row,) = page(world, "mia").rows
    assert (row.calls, row.score, row.flagged, row.campaigns) == (3, 85, 0, ("Support",))


def test_a_reviewed_score_counts_in_place_of_the_first_one(world: World):
    ada = world.agent("Ada")
    with db.writing() as session:
        finished_call(session, world.support, score=20, effective_score=90.0, agent_id=ada)
    assert [row.score for row in page(world).rows] == [90]


def test_an_agent_without_calls_has_no_figures(world: World):
    world.agent("Ada")
    (row,) = page(world).rows
    assert (row.calls, row.score, row.flagged, row.newest) == (0, None, None, None)


def test_a_list_is_sorted_by_name_calls_and_score_with_the_scoreless_last(world: World):
    for name, *scores in (("ben", 50, 50), ("Ada", 90), ("Cleo",), ("Dan", 70, 70, 70)):
        finished(world, world.agent(name), world.support, *scores)
    assert names(page(world)) == ["Ada", "ben", "Cleo", "Dan"]
    assert names(page(world, order=Order.CALLS)) == ["Dan", "ben", "Ada", "Cleo"]
    assert names(page(world, order=Order.BEST)) == ["Ada", "Dan", "ben", "Cleo"]
    assert names(page(world, order=Order.WORST)) == ["ben", "Dan", "Ada", "Cleo"]


def test_pages_follow_each_other_and_one_too_far_is_the_last(world: World, monkeypatch):
    monkeypatch.setattr(agent_list, "SIZE", 2)
    for name in "ABCDE":
        world.agent(name)
    assert [names(page(world, number=number)) for number in (1, 2, 3)] == [["A", "B"], ["C", "D"], ["E"]]
    for number in (4, 10**6):
        far = page(world, number=number)
        assert (names(far), far.number, far.last, far.total) == (["E"], 3, 3, 5)
    assert page(world, number=-3).number == 1
    assert page(world, text="zzz").last == 1


@pytest.mark.parametrize("text", ["élodie", "ÉLODIE", "Élodie R", "roy", "ÜNAL", "E.ROY@EXAMPLE.ORG", "47"])
def test_a_search_finds_names_and_aliases_beyond_a_to_z_on_both_databases(database, text):
    world = World()
    world.agent("Élodie Roy Ünal", aliases=("e.roy@example.org", "4711"))
    world.agent("Ben")
    assert names(page(world, text=text)) == ["Élodie Roy Ünal"]


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "\\"])
def test_signs_of_sql_are_letters_in_a_search(world: World, text):
    world.agent("Ada")
    assert names(page(world, text=text)) == []


def test_filters_narrow(world: World):
    north = world.agent("North One", "sales", team="North")
    world.agent("South One", "support", team="South")
    heard = world.agent("Heard", team="North")
    world.calls(1, world.support, agent_id=heard)
    assert names(page(world, team="North")) == ["Heard", "North One"]
    assert names(page(world, campaign="support")) == ["Heard", "South One"]
    assert names(page(world, campaign="nowhere")) == []
    with db.writing() as session:
        session.get_one(Agent, north).active = False
    assert names(page(world)) == ["Heard", "South One"]
    assert names(page(world, inactive=True)) == ["Heard", "North One", "South One"]


def test_each_sees_the_agents_of_the_table_of_roles(world: World):
    world.agent("Mine", "support", team="A")
    world.agent("Theirs", "sales", team="B")
    seen = {who: names(page(world, who)) for who in world.who}
    everyone = ["Mine", "Theirs"]
    assert seen == {"mia": ["Mine"], "nobody": [], "sam": everyone, "olivia": everyone, "carla": [], "adam": []}
    assert names(page(world, "mia", campaign="sales")) == []
    with db.reading() as session:
        assert agent_list.teams(session, world.who["mia"]) == ["A"]
        assert [agent.name for agent in agent_list.find(session, world.who["mia"], "")] == ["Mine"]
        assert not agent_list.any_agent(session, world.who["nobody"])
        assert list(agent_list.campaigns(session, world.who["mia"])) == ["support"]


def test_a_page_takes_as_many_queries_whatever_there_is(about_sqlite):
    world = World()
    asked: list[str] = []

    def count(order: Order) -> int:
        with db.reading() as session:
            engine, begin = session.get_bind(), len(asked)
            event.listen(engine, "before_cursor_execute", note)
            agent_list.page(session, world.who["sam"], Filters(), order)
            event.remove(engine, "before_cursor_execute", note)
        return len(asked) - begin

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    world.agent("Ada")
    few = {order: count(order) for order in Order}
    for number in range(30):
        finished(world, world.agent(f"Agent {number}", "support", aliases=(f"a{number}",)), world.support, 50)
    assert {order: count(order) for order in Order} == few
    assert max(few.values()) <= 8
