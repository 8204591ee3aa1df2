import pytest

from records import db
from records.agents import Agent, AgentAlias, all_named, folded, named
from tests.records.agent_world import World, world

__all__ = ["world"]  # a fixture made elsewhere


def found(given: str) -> str | None:
    with db.reading() as session:
        agent = named(session, given)
        return agent.name if agent else None


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("  Ada \t Moss ", "ada moss"),
        ("ADA.MOSS@Example.ORG", "ada.moss@example.org"),
        ("ÉLODIE", "élodie"),
        ("e\u0301lodie", "élodie"),  # the accent typed apart
        ("Straße", "strasse"),
        ("😀 Fox", "😀 fox"),
        ("", ""),
    ],
)
def test_names_are_compared_without_case_and_width(given, stored):
    assert folded(given) == stored
    assert folded(stored) == stored


@pytest.mark.parametrize("given", ["Zoë Strauß", "ZOË STRAUSS", " zoe\u0308  strauß "])
def test_a_name_is_found_beyond_a_to_z_on_both_databases(database, given):
    World().agent("Zoë Strauß")
    assert found(given) == "Zoë Strauß"


def test_an_alias_goes_before_a_name(world: World):
    world.agent("Ben Okoye", aliases=("ADA MOSS",))
    world.agent("Ada Moss")
    assert found("ada moss") == "Ben Okoye"


def test_two_agents_of_one_name_are_found_both_or_neither(world: World):
    world.agent("Ada Moss", team="North")
    world.agent("ada moss", team="South")
    assert found("Ada Moss") is None
    with db.reading() as session:
        assert [agent.team for agent in all_named(session, "ADA MOSS")] == ["North", "South"]


def test_a_deactivated_agent_is_not_found_by_name_or_alias(world: World):
    number = world.agent("Ada Moss", aliases=("4711",))
    with db.writing() as session:
        session.get_one(Agent, number).active = False
    assert (found("Ada Moss"), found("4711"), found("")) == (None, None, None)


def test_an_alias_is_a_key(world: World):
    world.agent("Ada Moss", aliases=("Ada@Example.org",))
    with db.reading() as session:
        assert session.get(AgentAlias, "ada@example.org") is not None
