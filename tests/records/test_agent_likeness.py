import pytest

from records import agent_likeness, db
from records.agent_likeness import simple
from records.agents import Agent
from tests.records.agent_world import World, world

__all__ = ["world"]  # a fixture made elsewhere


def suggested(world: World, given: str, who: str = "sam") -> list[tuple[str, int]]:
    with db.reading() as session:
        among = agent_likeness.known(session, world.who[who])
    return [(each.name, each.likeness) for each in agent_likeness.suggestions(among, given)]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("ada moss", "Ada Moss"),
        ("Moss, Ada", "Ada Moss"),
        ("ada.moss@elsewhere.example", "Ada Moss"),
        ("ADA_MOSS", "Ada Moss"),
        ("A. Moss", "Ada Moss"),
        ("Ada Mos", "Ada Moss"),
        ("Zoe Strauss", "Zoë Strauß"),
        ("zoë strauß", "Zoë Strauß"),
        ("Lukasz Gaska", "Łukasz Gąska"),
        ("4711", "Ben Okoye"),
        ("b.okoye", "Ben Okoye"),
    ],
)
def test_the_agent_who_is_meant_comes_first(world: World, given, meant):
    for name in ("Ada Moss", "Zoë Strauß", "Łukasz Gąska", "Chiara Conti"):
        world.agent(name)
    world.agent("Ben Okoye", aliases=("4711", "b.okoye@example.org"))
    assert suggested(world, given)[0][0] == meant


def test_a_name_that_is_exact_says_so_and_one_that_is_near_never_does(world: World):
    world.agent("Ada Moss")
    world.agent("Ada Mosse")
    assert suggested(world, "ADA MOSS") == [("Ada Moss", 100)]
    assert all(likeness < 100 for _, likeness in suggested(world, "ada.moss"))


def test_two_of_one_name_are_both_suggested(world: World):
    world.agent("Ada Moss")
    world.agent("ada moss")
    assert suggested(world, "Ada Moss") == [("Ada Moss", 100), ("ada moss", 100)]


@pytest.mark.parametrize("given", ["x9981", "", "😀", "---", "Benedict", "Adam Smith"])
def test_nobody_is_suggested_for_what_is_like_nobody(world: World, given):
    world.agent("Ada Moss")
    world.agent("Ben Okoye")
    assert suggested(world, given) == []


def test_only_active_agents_whom_one_manages_are_suggested(world: World):
    world.agent("Ada Moss", "sales", aliases=("a.m",))
    away = world.agent("Ada Moss", "support")
    with db.writing() as session:
        session.get_one(Agent, away).active = False
    assert suggested(world, "Ada Moss", "mia") == suggested(world, "a.m", "mia") == []
    assert suggested(world, "Ada Moss") == [("Ada Moss", 100)]


def test_names_are_made_simple():
    assert simple("Élodie  D'Aubigné-Roy") == "elodie d aubigne roy"
    assert simple("ada.moss@example.org") == "ada moss"
    assert simple("a@b@c") == "a b c"
