"""Who sees which rows: a fixed cast, two campaigns, and calls of two agents."""

from dataclasses import dataclass

import pytest

from records import access
from records.access import COMMAND_LINE, Identity, NotFound
from records.calls import Call
from records.campaigns import Campaign
from records.db import reading, writing
from records.people import Assignment, User
from records.roles import Permission, Role
from tests.records import made


@dataclass
class World:
    sales: Campaign
    support: Campaign
    cast: dict[str, Identity]
    calls: dict[str, Call]  # by name: campaign/agent


@pytest.fixture
def world(home) -> World:
    return populate()


def populate() -> World:
    with writing() as session:
        sales, support = made.stored_campaign(session, "Sales"), made.stored_campaign(session, "Support")
        alice, bob = made.agent(session, "Alice"), made.agent(session, "Bob")
        calls = {
            "sales/alice": made.stored_call(session, sales, agent_id=alice.id),
            "sales/bob": made.stored_call(session, sales, agent_id=bob.id),
            "sales/nobody": made.stored_call(session, sales),
            "support/alice": made.stored_call(session, support, agent_id=alice.id),
            "support/nobody": made.stored_call(session, support),
        }
        people = {
            "agent": made.person(session, Role.AGENT, agent_id=alice.id),
            "agent assigned": made.person(session, Role.AGENT, sales, agent_id=alice.id),
            "agent without a record": made.person(session, Role.AGENT, sales),
            "manager": made.person(session, Role.MANAGER, sales),
            "manager of both": made.person(session, Role.MANAGER, sales, support),
            "manager of none": made.person(session, Role.MANAGER, agent_id=alice.id),
            "compliance officer": made.person(session, Role.COMPLIANCE_OFFICER),
            "senior manager": made.person(session, Role.SENIOR_MANAGER),
            "owner": made.person(session, Role.OWNER),
        }
        cast = {name: access.identity(session, row) for name, row in people.items()}
    return World(sales, support, cast, calls)


ALL_CALLS = {"sales/alice", "sales/bob", "sales/nobody", "support/alice", "support/nobody"}
SALES = {"sales/alice", "sales/bob", "sales/nobody"}
ALICES = {"sales/alice", "support/alice"}
READS = {
    "agent": ALICES,
    "agent assigned": ALICES,
    "agent without a record": set(),
    "manager": SALES,
    "manager of both": ALL_CALLS,
    "manager of none": set(),
    "compliance officer": ALL_CALLS,
    "senior manager": ALL_CALLS,
    "owner": ALL_CALLS,
}
ACTS = {name: set() if name.startswith("agent") else seen for name, seen in READS.items()}
DELETES = {name: ALL_CALLS if name == "owner" else set() for name in READS}
CALLS = {
    Permission.CALL_READ: READS,
    Permission.CALL_REPROCESS: ACTS,
    Permission.CALL_UPLOAD: ACTS,
    Permission.CALL_DELETE: DELETES,
    Permission.CALL_HOLD: {name: ALL_CALLS if name in {"compliance officer", "owner"} else set() for name in READS},
}
CAMPAIGNS = {
    Permission.CALL_READ: ACTS,  # an agent's calls are no campaign
    Permission.CALL_UPLOAD: ACTS,
    Permission.SFTP_READ: ACTS,
    Permission.CAMPAIGN_EDIT: {name: ALL_CALLS if name in {"senior manager", "owner"} else set() for name in READS},
    Permission.KEY_MANAGE: {name: ALL_CALLS if name in {"senior manager", "owner"} else set() for name in READS},
    Permission.SFTP_CONFIGURE: {name: ALL_CALLS if name in {"senior manager", "owner"} else set() for name in READS},
}


def seen_calls(world: World, who: Identity, permission: Permission) -> set[str]:
    names = {call.id: name for name, call in world.calls.items()}
    with reading() as session:
        return {names[call.id] for call in session.exec(access.calls(who, permission))}


def seen_campaigns(who: Identity, permission: Permission) -> set[str]:
    with reading() as session:
        return {campaign.slug for campaign in session.exec(access.campaigns(who, permission))}


def test_everybody_reaches_the_calls_of_the_table_on_both_databases(database: str):
    world = populate()
    for permission, expected in CALLS.items():
        assert {name: seen_calls(world, who, permission) for name, who in world.cast.items()} == expected, permission


@pytest.mark.parametrize("permission", CAMPAIGNS)
def test_everybody_reaches_the_campaigns_of_the_table(world: World, permission: Permission):
    expected = {name: {call.split("/")[0] for call in calls} for name, calls in CAMPAIGNS[permission].items()}
    assert {name: seen_campaigns(who, permission) for name, who in world.cast.items()} == expected


@pytest.mark.parametrize("permission", CALLS)
def test_one_call_is_found_exactly_when_the_list_shows_it(world: World, permission: Permission):
    for name, who in world.cast.items():
        for label, call in world.calls.items():
            with reading() as session:
                if label in CALLS[permission][name]:
                    assert access.call(session, who, call.id, permission).id == call.id
                else:
                    with pytest.raises(NotFound, match=r"^There is no such call\.$"):
                        access.call(session, who, call.id, permission)


@pytest.mark.parametrize("call_id", ["f" * 32, "", "' OR 1=1 --", "f" * 10_000, "\N{PILE OF POO}", "\x00", "\ud800"])
def test_an_absent_call_is_refused_with_the_words_of_one_that_is_not_yours(world: World, call_id: str):
    for who in world.cast.values():
        with reading() as session, pytest.raises(NotFound, match=r"^There is no such call\.$"):
            access.call(session, who, call_id)


def test_a_campaign_that_is_not_yours_is_refused_with_the_words_of_an_absent_one(world: World):
    with reading() as session:
        with pytest.raises(NotFound) as theirs:
            access.campaign(session, world.cast["manager"], "support", Permission.CALL_UPLOAD)
        with pytest.raises(NotFound) as absent:
            access.campaign(session, world.cast["manager"], "nowhere", Permission.CALL_UPLOAD)
    assert str(theirs.value).replace("support", "nowhere") == str(absent.value) == "There is no campaign 'nowhere'."


def test_a_campaign_of_ones_own_is_found_by_its_slug(world: World):
    with reading() as session:
        found = access.campaign(session, world.cast["manager"], "sales", Permission.CALL_UPLOAD)
    assert found.id == world.sales.id


def test_the_command_line_sees_all(world: World):
    assert seen_calls(world, COMMAND_LINE, Permission.CALL_DELETE) == ALL_CALLS


def test_an_identity_carries_what_the_account_is_linked_to(world: World):
    manager, agent = world.cast["manager"], world.cast["agent"]
    assert (manager.campaign_ids, manager.agent_id) == (frozenset({world.sales.id}), None)
    assert agent.agent_id == world.calls["sales/alice"].agent_id
    assert manager.label.endswith("@example.org")


def test_losing_an_assignment_is_seen_by_the_next_identity(world: World):
    with writing() as session:
        user = session.get_one(User, world.cast["manager"].user_id)
        session.delete(session.get_one(Assignment, (user.id, world.sales.id)))
    with reading() as session:
        who = access.identity(session, user)
    assert seen_calls(world, who, Permission.CALL_READ) == set()


def test_a_call_moves_out_of_sight_with_its_agent(world: World):
    with writing() as session:
        session.get_one(Call, world.calls["sales/alice"].id).agent_id = world.calls["sales/bob"].agent_id
    assert seen_calls(world, world.cast["agent"], Permission.CALL_READ) == {"support/alice"}
