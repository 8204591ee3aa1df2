import pytest

from records import agent_people, db
from records.identity import NotAllowed, NotFound
from records.people import User
from tests.records.agent_world import World, acts, world

__all__ = ["world"]  # a fixture made elsewhere


def link(world: World, who: str, agent_id: int, person: str) -> None:
    with db.writing() as session:
        agent_people.link(session, world.who[who], agent_id, world.people[person].id)


def linked(agent_id: int) -> list[str]:
    with db.reading() as session:
        return [person.email for person in agent_people.of(session, agent_id)]


def test_an_account_is_linked_moved_and_unlinked_with_audit_lines(world: World):
    ada, ben, adam = world.agent("Ada"), world.agent("Ben"), world.people["adam"]
    link(world, "sam", ada, "adam")
    link(world, "sam", ada, "adam")
    assert linked(ada) == [adam.email]
    link(world, "olivia", ben, "adam")
    assert (linked(ada), linked(ben)) == ([], [adam.email])
    with db.writing() as session:
        agent_people.unlink(session, world.who["sam"], ada, adam.id)  # is Ben's now: nothing to do
        agent_people.unlink(session, world.who["sam"], ben, adam.id)
    assert linked(ben) == []
    assert [(act, subject) for act, subject, _ in acts()[2:]] == [
        ("agent.link_person", "Ada"),
        ("agent.link_person", "Ben"),
        ("agent.unlink_person", "Ben"),
    ]


def test_only_who_manages_people_links_accounts(world: World):
    ada = world.agent("Ada", "support")
    for who in ("mia", "carla", "adam"):
        with pytest.raises(NotAllowed):
            link(world, who, ada, "adam")
        with db.reading() as session, pytest.raises(NotAllowed):
            agent_people.find(session, world.who[who], "")
    assert linked(ada) == []


def test_a_senior_manager_links_no_owner(world: World):
    ada = world.agent("Ada")
    with pytest.raises(NotAllowed, match="Only an Owner"):
        link(world, "sam", ada, "olivia")
    link(world, "olivia", ada, "olivia")
    assert linked(ada) == [world.people["olivia"].email]


def test_an_account_that_is_not_there_is_not_found(world: World):
    ada = world.agent("Ada")
    for number in (0, -1, 10_000, 2**80):
        with db.writing() as session, pytest.raises(NotFound, match="no such account"):
            agent_people.link(session, world.who["sam"], ada, number)


def test_accounts_are_found_by_part_of_name_or_address(world: World):
    with db.writing() as session:
        session.get_one(User, world.people["adam"].id).name = "Ömer Kaya"
        session.get_one(User, world.people["nobody"].id).active = False
    with db.reading() as session:
        for text in ("ömer", "ÖMER K", "kaya", world.people["adam"].email[:8]):
            assert world.people["adam"].id in {each.id for each in agent_people.find(session, world.who["sam"], text)}
        everyone = {each.email for each in agent_people.find(session, world.who["sam"], "")}
        assert agent_people.find(session, world.who["sam"], "100%_") == []
    assert world.people["olivia"].email not in everyone
    assert world.people["nobody"].email not in everyone
