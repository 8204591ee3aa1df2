import pytest

from records import agent_edits, db
from records.access import COMMAND_LINE
from records.agent_edits import Profile
from records.campaigns import NotUsable
from records.identity import NotAllowed, NotFound
from tests.records.agent_world import World, acts, names, stored, works, world

__all__ = ["world"]  # a fixture made elsewhere


def do(act, who, *given, **named):
    with db.writing() as session:
        return act(session, who, *given, **named)


def test_an_agent_is_made_with_names_campaigns_and_an_audit_line(world: World):
    new = Profile("  Ada Moss ", "North", ("Ada@Example.org", "", "4711", "ADA@example.org"), ("support",))
    agent = do(agent_edits.create, world.who["mia"], new)
    assert (agent.name, agent.team, agent.active) == ("Ada Moss", "North", True)
    assert names() == {"ada@example.org": agent.id, "4711": agent.id}
    assert works(agent.id) == {world.support.id}
    details = {"team": "North", "aliases": ["ada@example.org", "4711"], "campaigns": ["support"]}
    assert acts() == [("agent.create", "Ada Moss", details)]


@pytest.mark.parametrize("who", ["carla", "adam"])
def test_who_does_not_manage_agents_makes_and_changes_none(world: World, who):
    number = world.agent("Ada Moss", "support")
    before = acts()
    for act in (
        lambda session: agent_edits.create(session, world.who[who], Profile("Ben")),
        lambda session: agent_edits.edit(session, world.who[who], number, name="Ben", team=""),
        lambda session: agent_edits.add_alias(session, world.who[who], number, "x"),
        lambda session: agent_edits.remove_alias(session, world.who[who], number, "x"),
        lambda session: agent_edits.set_campaigns(session, world.who[who], number, []),
        lambda session: agent_edits.set_active(session, world.who[who], number, active=False),
    ):
        with db.writing() as session, pytest.raises(NotAllowed):
            act(session)
    assert acts() == before


def test_a_managers_agent_works_for_one_of_their_campaigns(world: World):
    with pytest.raises(NotUsable, match="Choose at least one of your campaigns"):
        do(agent_edits.create, world.who["mia"], Profile("Ada"))
    with pytest.raises(NotFound, match="no campaign 'sales'"):
        do(agent_edits.create, world.who["mia"], Profile("Ada", campaigns=("support", "sales")))
    assert do(agent_edits.create, world.who["sam"], Profile("Ada")).id
    assert [subject for _, subject, _ in acts()] == ["Ada"]


def test_an_agent_of_another_campaign_is_absent_for_a_manager(world: World):
    number = world.agent("Ben Okoye", "sales")
    for given in (number, 999, 0, -1, 2**31, 2**70):
        with pytest.raises(NotFound, match=r"^There is no such agent\.$"):
            do(agent_edits.edit, world.who["mia"], given, name="X", team="")
    assert stored(number).name == "Ben Okoye"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (" ", "Give the agent a name"),
        ("x" * 201, "at most 200"),
        ("a\x00b", "cannot be shown"),
        ("a\u202eb", "cannot be shown"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_in_words(world: World, name, words):
    with pytest.raises(NotUsable, match=words):
        do(agent_edits.create, COMMAND_LINE, Profile(name))


@pytest.mark.parametrize("name", ["😀 Fox", "<b>Bob</b>", "**Bob** :red[x]", "Łukasz", "O'Neil; DROP TABLE agent"])
def test_any_name_that_can_be_shown_is_kept_as_it_is(world: World, name):
    assert stored(world.agent(name, aliases=(name,))).name == name


def test_an_edit_is_logged_with_what_changed_and_no_change_is_not(world: World):
    number = world.agent("Ada", team="North")
    do(agent_edits.edit, COMMAND_LINE, number, name="Ada", team="North")
    do(agent_edits.edit, COMMAND_LINE, number, name="Ada Moss", team="North")
    assert acts()[1:] == [("agent.edit", "Ada", {"changed": ["name: Ada -> Ada Moss"]})]


def test_an_alias_is_one_agents_alone_whatever_its_case(world: World):
    ada, ben = world.agent("Ada", "support", aliases=("élodie",)), world.agent("Ben", "support")
    for given in ("Élodie", "ÉLODIE "):
        with pytest.raises(NotUsable, match="'élodie' is Ada's already"):
            do(agent_edits.add_alias, world.who["mia"], ben, given)
        with pytest.raises(NotUsable, match="Ada has 'élodie' already"):
            do(agent_edits.add_alias, world.who["mia"], ada, given)
    assert names() == {"élodie": ada}


def test_whose_alias_it_is_stays_untold_where_the_agent_is_not_theirs(world: World):
    world.agent("Secret Person", "sales", aliases=("4711",))
    mine = world.agent("Ben", "support")
    with pytest.raises(NotUsable, match="another agent's already") as refused:
        do(agent_edits.add_alias, world.who["mia"], mine, "4711")
    assert "Secret" not in str(refused.value)


@pytest.mark.parametrize("alias", ["", "  ", "x" * 321, "ß" * 200, "a\nb"])
def test_an_alias_that_no_database_would_keep_is_refused(world: World, alias):
    number = world.agent("Ada")
    with pytest.raises(NotUsable):
        do(agent_edits.add_alias, COMMAND_LINE, number, alias)


def test_an_alias_goes_and_only_ones_own(world: World):
    ada, ben = world.agent("Ada", aliases=("a", "b")), world.agent("Ben", aliases=("c",))
    do(agent_edits.remove_alias, COMMAND_LINE, ada, " A ")
    with pytest.raises(NotFound, match="Ben has no other name 'b' any more"):
        do(agent_edits.remove_alias, COMMAND_LINE, ben, "b")
    assert names() == {"b": ada, "c": ben}
    assert acts()[-1] == ("agent.remove_alias", "Ada", {"alias": "a"})


def test_a_manager_changes_only_their_own_part_of_the_campaigns(world: World):
    number = world.agent("Ada", "support", "sales")
    do(agent_edits.set_campaigns, world.who["mia"], number, [])
    assert works(number) == {world.sales.id}
    assert acts()[-1] == ("agent.set_campaigns", "Ada", {"added": [], "removed": ["support"]})
    with pytest.raises(NotFound):
        do(agent_edits.set_campaigns, world.who["mia"], number, ["support"])  # no longer theirs to see


def test_a_manager_leaves_at_least_one_campaign(world: World):
    number = world.agent("Ada", "support")
    with pytest.raises(NotUsable, match="Leave at least one campaign"):
        do(agent_edits.set_campaigns, world.who["mia"], number, [])
    with pytest.raises(NotFound, match="no campaign 'sales'"):
        do(agent_edits.set_campaigns, world.who["mia"], number, ["sales"])
    assert works(number) == {world.support.id}
    do(agent_edits.set_campaigns, world.who["sam"], number, [])
    assert works(number) == set()


def test_deactivating_and_the_way_back_are_logged_once_each(world: World):
    number = world.agent("Ada", "support")
    for active in (False, False, True, True):
        do(agent_edits.set_active, world.who["mia"], number, active=active)
        assert stored(number).active is active
    assert [act for act, _, _ in acts()[1:]] == ["agent.deactivate", "agent.reactivate"]
