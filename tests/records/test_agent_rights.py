"""Whose an agent's record and names are: a Manager neither gets a say in foreign ones nor their calls."""

from functools import partial

import pytest

from records import access, agent_edits, agent_import, agent_merge, agent_unlinked, db
from records.access import COMMAND_LINE
from records.agent_edits import Profile
from records.agent_import import Line, Outcome
from records.agents import aliases_of, named
from records.campaigns import NotUsable
from records.identity import NotAllowed
from tests.records.agent_world import World, acts, linked, names, stored, works, world

__all__ = ["world"]  # a fixture made elsewhere

NOT_YOURS = "Bob Elsewhere works for none of your campaigns, so that their record is not yours to change. Ask an Owner"
SHARED = "Bob Elsewhere works in campaigns that are not yours too. Ask an Owner or a Senior Manager."


def do(act, who, *given, **named):
    with db.writing() as session:
        return act(session, who, *given, **named)


def changes(world: World, number: int):
    """All that changes what an agent is called and how they are found."""
    mia = world.who["mia"]
    yield lambda: do(agent_edits.edit, mia, number, name="Hacked", team="")
    yield lambda: do(agent_edits.add_alias, mia, number, "another")
    yield lambda: do(agent_edits.remove_alias, mia, number, "bob@corp")
    yield lambda: do(agent_edits.set_active, mia, number, active=False)


@pytest.mark.parametrize("campaigns", [("sales",), ()])
def test_calls_that_name_an_agent_show_them_to_a_manager_and_give_no_say(world: World, campaigns):
    bob = world.agent("Bob Elsewhere", *campaigns, aliases=("bob@corp",))
    mine = world.agent("Mallory", "support")
    world.calls(1, world.support, agent_id=bob, agent_given="bob@corp")
    before = acts()
    with db.reading() as session:
        assert aliases_of(session, access.agent(session, world.who["mia"], bob).id) == ["bob@corp"]
    taking = [lambda: do(agent_edits.set_campaigns, world.who["mia"], bob, ["support"])]
    taking += [partial(agent_merge.merge, world.who["mia"], *pair) for pair in ((mine, bob), (bob, mine))]
    for act in (*changes(world, bob), *taking):
        with pytest.raises(NotAllowed, match=NOT_YOURS):
            act()
    assert (acts(), stored(bob).name, stored(bob).active) == (before, "Bob Elsewhere", True)


def test_who_works_for_two_managers_campaigns_is_changed_by_those_who_manage_both(world: World):
    bob = world.agent("Bob Elsewhere", "support", "sales", aliases=("bob@corp",))
    for act in changes(world, bob):
        with pytest.raises(NotAllowed, match=SHARED):
            act()
    do(agent_edits.edit, world.who["sam"], bob, name="Bob", team="")
    assert stored(bob).name == "Bob"


def test_a_foreign_upload_takes_no_agent_from_their_manager(world: World):
    ada = world.agent("Ada", "support")
    world.calls(1, world.sales, agent_id=ada, agent_given="Ada")
    do(agent_edits.edit, world.who["mia"], ada, name="Ada Moss", team="North")
    assert stored(ada).name == "Ada Moss"


@pytest.mark.parametrize("given", ["bob elsewhere", "BOB  ELSEWHERE", "Bób Elsewhere"])
@pytest.mark.parametrize("active", [True, False])
def test_a_foreign_agents_name_is_no_managers_to_give(world: World, given, active):
    bob = world.agent("Bob Elsewhere", "sales")
    do(agent_edits.set_active, COMMAND_LINE, bob, active=active)
    mallory, namesake = world.agent("Mallory", "support"), world.agent(given, "support")
    mia = world.who["mia"]
    new = Profile("Eve", aliases=(given,), campaigns=("support",))
    for act in (
        lambda: do(agent_edits.add_alias, mia, mallory, given),
        lambda: do(agent_edits.add_alias, mia, namesake, given),
        lambda: do(agent_edits.create, mia, new),
    ):
        with pytest.raises(NotUsable, match=r"is another agent's name\. Ask an Owner or a Senior Manager\."):
            act()
    agent_merge.merge(mia, mallory, namesake)
    assert names() == {}
    with db.reading() as session:
        assert getattr(named(session, "Bob Elsewhere"), "id", None) == (bob if active else None)


def test_a_name_by_which_somebody_is_found_is_not_given_to_another_by_anybody(world: World):
    world.agent("José Pérez", "support")
    other = world.agent("Ben", "support")
    for who in ("mia", "sam", "olivia"):
        for given in ("José Pérez", "jose perez"):
            with pytest.raises(NotUsable, match="is the name of José Pérez, whose calls it would take"):
                do(agent_edits.add_alias, world.who[who], other, given)
    assert names() == {}


def test_of_two_of_one_name_it_is_said_who_is_meant(world: World):
    north, _south = world.agent("Ada Moss", "support"), world.agent("Ada Moss", "support")
    do(agent_edits.add_alias, world.who["mia"], north, "Ada Moss")
    with db.reading() as session:
        assert named(session, "ada moss").id == north


def test_calls_of_ones_own_are_linked_to_foreign_agents_and_the_name_is_not_theirs_for_it(world: World):
    bob = world.agent("Bob Elsewhere", "sales", "support")
    world.calls(2, world.support, agent_given="b.e.")
    mia = world.who["mia"]
    with db.reading() as session:
        assert agent_unlinked.forgotten(session, mia, stored(bob), "b.e.") == SHARED
        assert agent_unlinked.forgotten(session, mia, stored(bob), "BOB elsewhere") == ""
        assert agent_unlinked.forgotten(session, world.who["sam"], stored(bob), "b.e.") == ""
    assert agent_unlinked.link(mia, ("b.e.",), bob) == 2
    assert (linked(bob), names()) == (2, {})


def test_a_foreign_agents_name_is_not_remembered_for_ones_own_when_its_calls_are_linked(world: World):
    world.agent("Bob Elsewhere", "sales")
    mallory = world.agent("Mallory", "support")
    world.calls(2, world.support, agent_given="Bob Elsewhere")
    assert agent_unlinked.link(world.who["mia"], ("Bob Elsewhere",), mallory) == 2
    assert (linked(mallory), names()) == (2, {})


def test_a_managers_list_changes_no_foreign_agent_and_takes_no_foreign_name(world: World):
    bob = world.agent("Bob Elsewhere", "sales", aliases=("bob@corp",))
    world.agent("Zoe Far", "sales")
    world.calls(1, world.support, agent_id=bob)
    given = [
        Line(2, "Bob Elsewhere", aliases=("bob@corp",)),
        Line(3, "Bob Elsewhere", campaigns=("support",), aliases=("bob@corp", "more")),
        Line(4, "Mallory", campaigns=("support",), aliases=("Zoé Far",)),
        Line(5, "Eve", campaigns=("support",), aliases=("bob elsewhere",)),
    ]
    with db.writing() as session:
        steps = [agent_import.bring(session, world.who["mia"], [line])[0] for line in given]
    assert [step.outcome for step in steps] == [Outcome.SAME, *[Outcome.PROBLEM] * 3]
    assert [step.words.partition(".")[0] for step in steps[1:]] == [
        NOT_YOURS.partition(".")[0],
        "'zoé far' is another agent's name",
        "'bob elsewhere' is another agent's name",
    ]
    assert (works(bob), names()) == ({world.sales.id}, {"bob@corp": bob})


def test_a_list_gives_nobody_a_name_by_which_another_is_found(world: World):
    ada = world.agent("Ada Moss", "support", aliases=("a@x",))
    with db.writing() as session:
        (step,) = agent_import.bring(session, COMMAND_LINE, [Line(2, "Ben", aliases=("ADA MOSS",))])
        (own,) = agent_import.bring(session, COMMAND_LINE, [Line(2, "Ada Moss", aliases=("a@x", "ada moss"))])
    assert step.words.startswith("'ada moss' is the name of Ada Moss, whose calls it would take.")
    assert (own.outcome, names()) == (Outcome.UPDATES, {"a@x": ada, "ada moss": ada})
