import pytest
from sqlmodel import col, select

from records import agent_calls, agent_unlinked, db
from records.agents import Agent, named
from records.calls import Call, CallEvent
from records.campaigns import NotUsable
from records.identity import NotAllowed, NotFound
from tests.records.agent_world import World, acts, linked, names, world

__all__ = ["world"]  # a fixture made elsewhere


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(agent_calls, "BATCH", 3)
    monkeypatch.setattr(agent_unlinked, "PAUSE_S", 0)


def groups(world: World, who: str = "sam") -> list[tuple[str, int]]:
    with db.reading() as session:
        return [(group.name, group.calls) for group in agent_unlinked.groups(session, world.who[who])]


def spellings(world: World, who: str = "sam") -> dict[str, tuple[str, ...]]:
    with db.reading() as session:
        return {group.key: group.spellings for group in agent_unlinked.groups(session, world.who[who])}


def test_unlinked_calls_are_counted_by_name_whatever_its_case_on_both_databases(database):
    world = World()
    world.calls(4, world.support, agent_given="Élodie Roy")
    world.calls(3, world.sales, agent_given="ÉLODIE ROY")
    world.calls(5, world.sales, agent_given="x9981")
    world.calls(2, world.sales, agent_given="")
    world.calls(2, world.sales, agent_given="known", agent_id=world.agent("Known"))
    assert groups(world) == [("Élodie Roy", 7), ("x9981", 5)]
    assert set(spellings(world)["élodie roy"]) == {"Élodie Roy", "ÉLODIE ROY"}
    with db.reading() as session:
        assert agent_unlinked.count(session, world.who["sam"]) == 12


def test_a_manager_sees_and_links_the_calls_of_their_campaigns_only(world: World):
    mine = world.agent("Ada", "support")
    world.calls(4, world.support, agent_given="ada.m")
    world.calls(5, world.sales, agent_given="ada.m")
    assert groups(world, "mia") == [("ada.m", 4)]
    assert agent_unlinked.link(world.who["mia"], ("ada.m",), mine) == 4
    assert (groups(world, "mia"), groups(world)) == ([], [("ada.m", 5)])
    assert agent_unlinked.link(world.who["sam"], ("ada.m",), mine) == 5


def test_linking_remembers_the_name_writes_the_timeline_and_touches_the_calls(database):
    world = World()
    ada = world.agent("Ada Moss")
    ids = world.calls(7, world.support, agent_given="Ada.M") + world.calls(1, world.support, agent_given="ada.m")
    with db.reading() as session:
        before = {call.id: call.updated_at for call in session.exec(select(Call))}
    assert agent_unlinked.link(world.who["sam"], spellings(world)["ada.m"], ada) == 8
    assert names() == {"ada.m": ada}
    with db.reading() as session:
        calls = session.exec(select(Call)).all()
        assert all(call.agent_id == ada and call.updated_at > before[call.id] for call in calls)
        lines = session.exec(select(CallEvent).where(CallEvent.words == "The agent is Ada Moss.")).all()
        assert {line.call_id for line in lines} == set(ids)
        assert named(session, "ADA.M").id == ada
    assert acts()[-1] == ("agent.link_calls", "Ada Moss", {"given": "ada.m"})


def test_a_name_that_finds_the_agent_already_is_not_remembered_again(world: World):
    ada = world.agent("Ada Moss", aliases=("4711",))
    world.calls(1, world.support, agent_given="ADA MOSS")
    world.calls(1, world.support, agent_given="4711")
    agent_unlinked.link(world.who["sam"], ("ADA MOSS",), ada)
    agent_unlinked.link(world.who["sam"], ("4711",), ada)
    assert (names(), linked(ada)) == ({"4711": ada}, 2)


def test_where_two_have_the_name_the_choice_is_remembered(world: World):
    north, _south = world.agent("Ada Moss", team="North"), world.agent("Ada Moss", team="South")
    world.calls(2, world.support, agent_given="Ada Moss")
    agent_unlinked.link(world.who["sam"], ("Ada Moss",), north)
    assert names() == {"ada moss": north}


def test_what_a_crash_left_over_is_still_there_to_be_linked(world: World, monkeypatch):
    ada = world.agent("Ada")
    world.calls(7, world.support, agent_given="a.m")
    real, tries = agent_calls.hand_over, iter(range(9))

    def dies(*given, **named):
        if next(tries) == 2:
            raise RuntimeError("killed")
        return real(*given, **named)

    monkeypatch.setattr(agent_unlinked, "hand_over", dies)
    with pytest.raises(RuntimeError):
        agent_unlinked.link(world.who["sam"], ("a.m",), ada)
    assert groups(world) == [("a.m", 1)]
    monkeypatch.setattr(agent_unlinked, "hand_over", real)
    assert agent_unlinked.link(world.who["sam"], ("a.m",), ada) == 1


def test_a_name_that_is_anothers_or_several_names_are_refused(world: World):
    ada, ben = world.agent("Ada", aliases=("a.m",)), world.agent("Ben")
    world.calls(1, world.support, agent_given="a.m")
    with pytest.raises(NotUsable, match=r"'a\.m' is Ada's already"):
        agent_unlinked.link(world.who["sam"], ("a.m",), ben)
    for given in ((), ("",), ("a.m", "b.m")):
        with pytest.raises(NotUsable, match="Choose one name"):
            agent_unlinked.link(world.who["sam"], given, ada)
    with db.writing() as session:
        session.get_one(Agent, ben).active = False
    with pytest.raises(NotUsable, match="Ben is deactivated"):
        agent_unlinked.link(world.who["sam"], ("x",), ben)
    assert groups(world) == [("a.m", 1)]


def test_nobody_links_to_an_agent_or_by_a_role_that_is_not_theirs(world: World):
    foreign = world.agent("Ben", "sales")
    world.calls(1, world.support, agent_given="b")
    with pytest.raises(NotFound):
        agent_unlinked.link(world.who["mia"], ("b",), foreign)
    for who in ("carla", "adam"):
        with pytest.raises(NotAllowed):
            agent_unlinked.link(world.who[who], ("b",), foreign)
        with db.reading() as session, pytest.raises(NotAllowed):
            agent_unlinked.groups(session, world.who[who])
    assert linked(None) == 1


def test_the_campaigns_of_a_name_are_those_one_manages(world: World):
    world.calls(1, world.support, agent_given="b")
    world.calls(1, world.sales, agent_given="b")
    with db.reading() as session:
        assert agent_unlinked.campaigns_of(session, world.who["sam"], ("b",)) == ["sales", "support"]
        assert agent_unlinked.campaigns_of(session, world.who["mia"], ("b",)) == ["support"]


def test_only_so_many_names_are_looked_at_and_more_come_up(world: World, monkeypatch):
    monkeypatch.setattr(agent_unlinked, "MOST", 2)
    for name, number in (("a", 3), ("b", 2), ("c", 1)):
        world.calls(number, world.support, agent_given=name)
    assert groups(world) == [("a", 3), ("b", 2)]
    agent_unlinked.link(world.who["sam"], ("a",), world.agent("Ada"))
    assert groups(world) == [("b", 2), ("c", 1)]
    with db.reading() as session:
        assert len(session.exec(select(Call).where(col(Call.agent_id).is_not(None))).all()) == 3
        assert agent_unlinked.looked_at(session, world.who["sam"])[1] is False


def test_a_name_is_found_in_all_its_spellings_however_many_have_more_calls(world: World, monkeypatch):
    monkeypatch.setattr(agent_unlinked, "MOST", 1)
    world.calls(2, world.support, agent_given="a")
    for name, campaign in (("Élodie", world.support), ("ÉLODIE", world.sales), ("Elodie", world.support)):
        world.calls(1, campaign, agent_given=name)
    with db.reading() as session:
        assert agent_unlinked.looked_at(session, world.who["sam"])[1] is True
        assert set(agent_unlinked.spellings(session, world.who["sam"], " élodie")) == {"Élodie", "ÉLODIE"}
        assert agent_unlinked.spellings(session, world.who["mia"], "élodie") == ("Élodie",)
        assert agent_unlinked.spellings(session, world.who["sam"], "") == ()
