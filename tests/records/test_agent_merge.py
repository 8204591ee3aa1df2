"""Two agents become one: completely, once, whatever breaks off or happens at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from records import agent_calls, agent_merge, db
from records.access import COMMAND_LINE
from records.agents import Agent, named
from records.calls import Call, CallEvent
from records.campaigns import NotUsable
from records.identity import NotAllowed, NotFound
from records.people import User
from tests.records.agent_world import World, acts, linked, names, stored, works, world

__all__ = ["world"]  # a fixture made elsewhere


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(agent_calls, "BATCH", 3)
    monkeypatch.setattr(agent_merge, "PAUSE_S", 0)


def pair(world: World) -> tuple[int, int]:
    """Ada, and Ada's second record with ten calls, a name, a campaign and an account."""
    kept = world.agent("Ada Moss", "support", aliases=("4711",))
    other = world.agent("A. Moss", "support", "sales", aliases=("ada@example.org",))
    world.calls(4, world.support, agent_id=kept)
    world.calls(7, world.support, agent_id=other)
    world.calls(3, world.sales, agent_id=other)
    with db.writing() as session:
        session.get_one(User, world.people["adam"].id).agent_id = other
    return kept, other


def test_all_that_is_the_others_passes_over_on_both_databases(database):
    world = World()
    kept, other = pair(world)
    with db.reading() as session:
        outlook = agent_merge.outlook(session, world.who["sam"], kept, other)
        before = session.exec(select(Call.updated_at).where(Call.agent_id == other)).first()
    assert (outlook.calls, outlook.aliases, outlook.campaigns) == (10, ("ada@example.org",), ("Sales", "Support"))
    assert outlook.people == (world.people["adam"].email,)

    assert agent_merge.merge(world.who["sam"], kept, other) == 10
    assert (stored(other), linked(kept), works(kept)) == (None, 14, {world.support.id, world.sales.id})
    assert names() == {"4711": kept, "ada@example.org": kept, "a. moss": kept}
    with db.reading() as session:
        assert session.get_one(User, world.people["adam"].id).agent_id == kept
        words = "The agent is Ada Moss: A. Moss was merged into them."
        lines = session.exec(select(CallEvent).where(CallEvent.words == words)).all()
        assert len({line.call_id for line in lines}) == len(lines) == 10
        assert {(line.was, line.became, line.by) for line in lines} == {("pending", "pending", world.who["sam"].label)}
        assert session.exec(select(Call.updated_at).where(Call.id == lines[0].call_id)).one() > before
        assert named(session, "A. Moss").id == kept
    act, subject, details = acts()[-1]
    assert (act, subject, details["into"], details["calls"]) == ("agent.merge", "A. Moss", "Ada Moss", 10)
    assert details["people"] == [world.people["adam"].email]


@pytest.mark.parametrize("at", [1, 2, 4])
def test_a_merge_that_broke_off_is_finished_by_repeating_it(world: World, monkeypatch, at):
    kept, other = pair(world)
    real, tries = agent_calls.hand_over, iter(range(100))

    def dies(*given, **named):
        if next(tries) == at:
            raise RuntimeError("killed")
        return real(*given, **named)

    monkeypatch.setattr(agent_merge, "hand_over", dies)
    with pytest.raises(RuntimeError):
        agent_merge.merge(COMMAND_LINE, kept, other)
    assert stored(other).active is False  # no new call finds them
    assert linked(kept) + linked(other) == 14
    monkeypatch.setattr(agent_merge, "hand_over", real)
    agent_merge.merge(COMMAND_LINE, kept, other)
    assert (stored(other), linked(kept)) == (None, 14)
    assert names() == {"4711": kept, "ada@example.org": kept, "a. moss": kept}


def test_a_manager_finishes_their_own_merge_that_broke_off(world: World, monkeypatch):
    kept, other = world.agent("Ada", "support"), world.agent("A. Moss", "support")
    monkeypatch.setattr(agent_merge, "hand_over", lambda *_given, **_named: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        agent_merge.merge(world.who["mia"], kept, other)
    monkeypatch.undo()
    agent_merge.merge(world.who["mia"], kept, other)
    assert (stored(other), works(kept)) == (None, {world.support.id})


def at_once(*merges: tuple[int, int]) -> list[object]:
    def run(pair: tuple[int, int]) -> object:
        try:
            return agent_merge.merge(COMMAND_LINE, *pair)
        except (NotUsable, NotFound) as refused:
            return refused

    with ThreadPoolExecutor(len(merges)) as pool:
        return list(pool.map(run, merges))


def test_the_same_merge_twice_at_once_is_one_on_both_databases(database):
    world = World()
    kept, other = pair(world)
    done = at_once((kept, other), (kept, other))
    assert (stored(other), linked(kept)) == (None, 14)
    assert sum(moved for moved in done if isinstance(moved, int)) == 10


def test_two_who_merge_in_opposite_directions_leave_one_agent_with_everything_on_both_databases(database):
    world = World()
    one, two = pair(world)
    done = at_once((one, two), (two, one))
    left = [number for number in (one, two) if stored(number)]
    assert len(left) == 1, done
    assert linked(left[0]) == 14
    assert stored(left[0]).active


def test_a_call_that_comes_in_while_merging_passes_over_too(world: World, monkeypatch):
    kept, other = pair(world)
    real, late = agent_merge._last, iter([True])

    def a_call_comes_first(session, *given, **named):
        if next(late, False):
            call = Call(campaign_id=world.sales.id, source="api", filename="late", size=1, sha256="e" * 64)
            call.agent_id = other
            session.add(call)
            session.flush()
        return real(session, *given, **named)

    monkeypatch.setattr(agent_merge, "_last", a_call_comes_first)
    assert agent_merge.merge(COMMAND_LINE, kept, other) == 11
    assert (stored(other), linked(kept)) == (None, 15)


def test_an_account_that_is_linked_while_merging_passes_over_and_is_named(world: World, monkeypatch):
    kept, other = world.agent("Ada"), world.agent("A. Moss")
    real = agent_merge._last

    def somebody_links_first(session, *given):
        session.get_one(User, world.people["adam"].id).agent_id = other
        session.flush()
        return real(session, *given)

    monkeypatch.setattr(agent_merge, "_last", somebody_links_first)
    agent_merge.merge(COMMAND_LINE, kept, other)
    assert acts()[-1] == ("agent.link_person", "Ada", {"person": world.people["adam"].email})


def test_an_own_name_that_a_third_agent_has_is_not_taken_from_them(world: World):
    kept, other, third = world.agent("Ada Moss"), world.agent("Ada"), world.agent("ADA")
    agent_merge.merge(COMMAND_LINE, kept, other)
    assert names() == {}
    with db.reading() as session:
        assert named(session, "Ada").id == third


def test_a_manager_merges_only_what_is_wholly_theirs(world: World):
    kept, other = pair(world)
    mia = world.who["mia"]
    for one, two in ((kept, other), (other, kept)):
        with pytest.raises(NotAllowed, match=r"^A\. Moss works in campaigns that are not yours too"):
            agent_merge.merge(mia, one, two)
    mine, heard = world.agent("AM", "support"), world.agent("Ada M", "support")
    world.calls(1, world.sales, agent_id=heard)
    with pytest.raises(NotAllowed, match="Ada M has calls in campaigns that are not yours too"):
        agent_merge.merge(mia, mine, heard)
    foreign = world.agent("Ben", "sales")
    with pytest.raises(NotFound):
        agent_merge.merge(mia, kept, foreign)
    assert linked(other) == 10
    world.calls(2, world.support, agent_id=mine)
    assert agent_merge.merge(mia, kept, mine) == 2


def test_one_cannot_be_merged_with_oneself_nor_into_a_deactivated_one(world: World):
    kept, other = pair(world)
    with pytest.raises(NotUsable, match="two different"):
        agent_merge.merge(COMMAND_LINE, kept, kept)
    with db.writing() as session:
        session.get_one(Agent, kept).active = False
    with pytest.raises(NotUsable, match="Ada Moss is deactivated"):
        agent_merge.merge(COMMAND_LINE, kept, other)
    assert agent_merge.merge(COMMAND_LINE, other, kept) == 4


@pytest.mark.parametrize("who", ["carla", "adam"])
def test_who_does_not_manage_agents_merges_none(world: World, who):
    kept, other = pair(world)
    with pytest.raises(NotAllowed):
        agent_merge.merge(world.who[who], kept, other)
    assert stored(other) is not None


def test_the_one_kept_who_goes_meanwhile_is_said(world: World, monkeypatch):
    kept, other = pair(world)
    monkeypatch.setattr(agent_merge, "sleep", lambda _: agent_merge.merge(COMMAND_LINE, third, kept))
    third = world.agent("Adah")
    with pytest.raises(NotFound, match="merged into another meanwhile"):
        agent_merge.merge(COMMAND_LINE, kept, other)
    monkeypatch.undo()
    agent_merge.merge(COMMAND_LINE, third, other)
    assert linked(third) == 14
