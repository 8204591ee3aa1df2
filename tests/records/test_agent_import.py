import pytest
from sqlalchemy import event
from sqlmodel import select

from records import agent_import, db
from records.access import COMMAND_LINE
from records.agent_import import Line, Outcome
from records.agents import Agent, named
from records.campaigns import NotUsable
from records.identity import NotAllowed, NotFound
from tests.records.agent_world import World, acts, names, stored, works, world

__all__ = ["world"]  # a fixture made elsewhere

NEW, UPDATES, SAME, PROBLEM = Outcome


def lines(*given: tuple) -> list[Line]:
    return [Line(number, *each) for number, each in enumerate(given, start=2)]


def planned(world: World, *given: tuple, who: str = "sam", **how) -> list[tuple[Outcome, str]]:
    with db.reading() as session:
        steps = agent_import.plan(session, world.who[who], lines(*given), **how)
    return [(step.outcome, step.words) for step in steps]


def brought(world: World, *given: tuple, who: str = "sam", **how) -> list[Outcome]:
    with db.writing() as session:
        steps = agent_import.bring(session, world.who[who], lines(*given), **how)
    return [step.outcome for step in steps]


def test_agents_come_with_team_names_and_campaigns_and_again_without_change_on_both_databases(database):
    world = World()
    given = (("Zoë Strauß", "North", ("Z@example.org", "4711"), ("support", "sales")), ("Ben", "", (), ()))
    assert brought(world, *given) == [NEW, NEW]
    with db.reading() as session:
        zoe = named(session, "zoë strauß")
    assert (zoe.team, names(), works(zoe.id)) == (
        "North",
        {"z@example.org": zoe.id, "4711": zoe.id},
        {world.support.id, world.sales.id},
    )
    assert brought(world, *given) == [SAME, SAME]
    audit = [(act, subject) for act, subject, _ in acts()]
    assert audit == [("agent.import", "2 agents")]
    assert acts()[0][2] == {"made": 2, "changed": 0, "first": ["Zoë Strauß", "Ben"]}


def test_a_line_updates_whom_an_alias_or_a_unique_name_finds_and_takes_nothing_away(world: World):
    ada = world.agent("Ada", "support", aliases=("a@example.org",), team="North")
    ben = world.agent("Ben Okoye", team="South")
    given = (
        ("Ada Moss", "", ("A@EXAMPLE.ORG", "4711"), ("sales",)),
        ("BEN OKOYE", "East", (), ()),
    )
    assert planned(world, *given) == [
        (UPDATES, "name: Ada → Ada Moss, 1 more name, 1 more campaign"),
        (UPDATES, "name: Ben Okoye → BEN OKOYE, team: South → East"),
    ]
    brought(world, *given)
    assert (stored(ada).name, stored(ada).team, stored(ben).team) == ("Ada Moss", "North", "East")
    assert works(ada) == {world.support.id, world.sales.id}
    assert names() == {"a@example.org": ada, "4711": ada}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("", "North"), "Give the agent a name"),
        (("x" * 201,), "at most 200"),
        (("a\x07b",), "cannot be shown"),
        (("New", "t" * 201), "A team's name may have at most 200"),
        (("New", "", ("x" * 321,)), "at most 320"),
        (("New", "", (), ("nowhere",)), "There is no campaign 'nowhere'"),
        (("Twin",), "2 agents are called 'Twin'"),
        (("New", "", ("one", "two")), "Its other names are of two agents: One and Two"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_in_words(world: World, given, words):
    for name, alias in (("One", "one"), ("Two", "two"), ("Twin", "t1"), ("twin", "t2")):
        world.agent(name, aliases=(alias,))
    ((outcome, said),) = planned(world, given)
    assert outcome is PROBLEM
    assert words in said


def test_lines_that_contradict_each_other_are_told_by_number(world: World):
    world.agent("Ada", aliases=("a",))
    assert planned(
        world,
        ("Ben", "", ("b",)),
        ("Cleo", "", ("B",)),
        ("Ada",),
        ("Anything", "", ("a",)),
        ("Dan",),
        ("dan",),
        ("Eve", "", ("e1",)),
        ("Eve", "", ("e2",)),
    ) == [
        (NEW, ""),
        (PROBLEM, "'b' stands in line 2 too. Two agents cannot share it."),
        (SAME, ""),
        (PROBLEM, "Line 4 is about the same agent."),
        (NEW, ""),
        (PROBLEM, "Line 6 has the same name. If they are two people, give each an alias."),
        (NEW, ""),
        (NEW, ""),
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_a_name_twice_of_which_one_has_no_alias_is_a_question_in_either_order(world: World, order):
    given = [("Ada Moss",), ("ada moss", "", ("a@x",))][::order]
    assert planned(world, *given) == [
        (NEW, ""),
        (PROBLEM, "Line 2 has the same name. If they are two people, give each an alias."),
    ]
    brought(world, *given)
    with db.reading() as session:
        assert len(session.exec(select(Agent)).all()) == 1


def test_good_lines_come_in_without_the_bad_or_not_at_all(world: World):
    given = (("Ada",), ("",), ("Ben",))
    with pytest.raises(NotUsable, match="Nothing was imported: 1 of 3 lines"):
        brought(world, *given, all_or_nothing=True)
    with db.reading() as session:
        assert session.exec(select(Agent)).all() == []
    assert brought(world, *given) == [NEW, PROBLEM, NEW]
    with db.reading() as session:
        assert sorted(session.exec(select(Agent.name))) == ["Ada", "Ben"]


def test_a_manager_brings_agents_of_their_campaigns_only(world: World):
    world.agent("Secret", "sales", aliases=("4711",))
    assert planned(
        world,
        ("Ada",),
        ("Ben", "", (), ("sales",)),
        ("Cleo", "", ("4711",), ("support",)),
        ("Secret", "", (), ("support",)),
        ("Dan", "", (), ("SUPPORT",)),
        who="mia",
    ) == [
        (PROBLEM, "Name one of your campaigns: the agent works for it."),
        (PROBLEM, "There is no campaign 'sales'. Write its slug, as in the address of its page."),
        (PROBLEM, "'4711' is another agent's already. Ask an Owner or a Senior Manager."),
        (NEW, ""),  # not theirs looks like absent
        (NEW, ""),
    ]
    assert planned(world, ("Ada",), who="mia", campaign="support") == [(NEW, "")]
    with pytest.raises(NotFound):
        planned(world, ("Ada",), who="mia", campaign="sales")
    for who in ("carla", "adam"):
        with pytest.raises(NotAllowed):
            planned(world, ("Ada",), who=who)


def test_ten_thousand_lines_take_as_many_queries_to_look_at_as_ten(about_sqlite):
    world = World()
    many = [Line(n, f"Agent {n}", f"Team {n % 20}", (f"{n}@example.org", str(n)), ("support",)) for n in range(10_000)]
    with db.writing() as session:
        done = agent_import.bring(session, COMMAND_LINE, many)
    assert {step.outcome for step in done} == {NEW}
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    with db.reading() as session:
        event.listen(session.get_bind(), "before_cursor_execute", note)
        assert {step.outcome for step in agent_import.plan(session, world.who["sam"], many)} == {SAME}
        event.remove(session.get_bind(), "before_cursor_execute", note)
    assert len(asked) <= 6
