"""What may be done to whose account, by whom, and what it leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlmodel import col, select

from records import db, links, people_edits, sessions
from records.access import COMMAND_LINE, Identity, NotAllowed, NotFound, identity
from records.api_keys import hashed
from records.audit import AuditEntry
from records.campaigns import Campaign, NotUsable
from records.people import Assignment, LinkPurpose, User
from records.people_edits import NewPerson
from records.roles import Role
from tests.records import made

ACTS: dict[str, Callable] = {
    "person.invite_again": lambda session, who, person: people_edits.new_link(session, who, person.id),
    "person.set_password": lambda session, who, person: people_edits.set_password(session, who, person.id, "hash"),
    "person.rename": lambda session, who, person: people_edits.set_name(session, who, person.id, "Another"),
    "person.set_role": lambda session, who, person: people_edits.set_role(session, who, person.id, another(person)),
    "person.set_campaigns": lambda session, who, person: people_edits.set_campaigns(
        session, who, person.id, ["support"]
    ),
    "person.link_agent": lambda session, who, person: people_edits.link_agent(session, who, person.id, 1),
    "person.deactivate": lambda session, who, person: people_edits.deactivate(session, who, person.id),
}
CHANGEABLE = {  # by the role that asks: whose accounts it changes
    Role.AGENT: set(),
    Role.MANAGER: set(),
    Role.COMPLIANCE_OFFICER: set(),
    Role.SENIOR_MANAGER: set(Role) - {Role.OWNER},
    Role.OWNER: set(Role),
}


def another(person: User) -> Role:
    return Role.AGENT if person.role is not Role.AGENT else Role.MANAGER


def somebody(role: Role) -> Identity:
    return Identity(user_id=None, role=role, label="somebody")


def stored(person: User) -> User:
    with db.reading() as session:
        return session.exec(select(User).where(User.id == person.id)).one()


def acts() -> list[str]:
    with db.reading() as session:
        return list(session.exec(select(AuditEntry.act).where(col(AuditEntry.act) != "campaign.create")))


def details(act: str) -> dict:
    with db.reading() as session:
        return session.exec(select(AuditEntry.details).where(AuditEntry.act == act)).one()


def do(act: Callable, person: User, who: Identity = COMMAND_LINE) -> object:
    with db.writing() as session:
        return act(session, who, person)


@pytest.fixture
def spare(home) -> User:
    """An Owner, so that nobody else is the last one; and an agent with the number 1."""
    with db.writing() as session:
        made.agent(session, "Ada Moss")
        return made.person(session, Role.OWNER)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", ACTS)
def test_who_may_do_what_to_whom(campaign: Campaign, spare: User, role: Role, act: str):
    for target in Role:
        with db.writing() as session:
            person = made.person(session, target)
        before = acts()
        if target in CHANGEABLE[role]:
            do(ACTS[act], person, somebody(role))
            assert acts() == [*before, act]
            continue
        with pytest.raises(NotAllowed, match="Owner"):
            do(ACTS[act], person, somebody(role))
        assert acts() == before
        assert stored(person).model_dump() == person.model_dump()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("number", [0, -1, 999, 2**31, 2**70])
def test_nobody_is_there_to_be_changed(home, act: str, number: int):
    with pytest.raises(NotFound, match="There is no such person"):
        do(ACTS[act], User(id=number, email="x", name="x", role=Role.AGENT))
    assert acts() == []


def test_a_senior_manager_makes_no_owner_of_anybody(spare: User):
    with db.writing() as session:
        mia = made.person(session, Role.MANAGER)
    with pytest.raises(NotAllowed, match="Only an Owner can make another Owner"), db.writing() as session:
        people_edits.set_role(session, somebody(Role.SENIOR_MANAGER), mia.id, Role.OWNER)
    assert stored(mia).role is Role.MANAGER


def test_a_link_kept_from_before_a_promotion_opens_no_owners_account(spare: User):
    senior = somebody(Role.SENIOR_MANAGER)
    with db.writing() as session:
        mia, link = people_edits.invite(session, senior, NewPerson("mia@example.org", "Mia", Role.MANAGER))
        token = link.rpartition("=")[2]
        assert links.holder(session, token)
        people_edits.set_role(session, COMMAND_LINE, mia.id, Role.OWNER)
        assert links.holder(session, token) is None
        with pytest.raises(NotAllowed):
            people_edits.new_link(session, senior, mia.id)


@pytest.mark.parametrize("act", ["person.set_role", "person.deactivate"])
def test_nobody_changes_their_own_role_or_shuts_themselves_out(spare: User, act: str):
    with db.writing() as session:
        other = made.person(session, Role.OWNER)
        who = identity(session, other)
    with pytest.raises(NotAllowed, match="their own"):
        do(ACTS[act], other, who)
    assert acts() == []


@pytest.mark.parametrize("act", ["person.set_role", "person.deactivate"])
def test_the_last_owner_stays_and_an_inactive_one_is_no_other(spare: User, act: str):
    with db.writing() as session:
        made.person(session, Role.OWNER).active = False
    with pytest.raises(NotUsable, match="is the last Owner"):
        do(ACTS[act], spare)
    assert (stored(spare).role, stored(spare).active, acts()) == (Role.OWNER, True, [])


def test_two_owners_who_demote_each_other_at_once_leave_one(database: str):
    with db.writing() as session:
        both = [made.person(session, Role.OWNER) for _ in range(2)]
        who = [identity(session, owner) for owner in both]
    together, told = Barrier(2), []

    def demote(asks: Identity, other: User) -> None:
        together.wait()
        try:
            with db.writing() as session:
                people_edits.set_role(session, asks, other.id, Role.MANAGER)
        except NotUsable as refused:
            told.append(str(refused))

    threads = [Thread(target=demote, args=pair) for pair in zip(who, reversed(both), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [stored(owner).role for owner in both].count(Role.OWNER) == 1
    assert len(told) == 1


def signed_in(person: User) -> bool:
    with db.reading() as session:
        return sessions.find_hashed(session, hashed(person.name)) is not None


def sign_in(person: User) -> None:
    with db.writing() as session:
        session.add(
            sessions.WebSession(
                token_hash=hashed(person.name), user_id=person.id, expires_at=db.now() + timedelta(hours=1)
            )
        )


@pytest.mark.parametrize(
    ("act", "stays"),
    [
        ("person.set_role", False),
        ("person.deactivate", False),
        ("person.set_password", False),
        ("person.set_campaigns", True),
        ("person.link_agent", True),
        ("person.rename", True),
        ("person.invite_again", True),
    ],
)
def test_who_is_signed_out_by_what(campaign: Campaign, spare: User, act: str, stays: bool):
    with db.writing() as session:
        person = made.person(session, Role.MANAGER)
    sign_in(person)
    do(ACTS[act], person)
    assert signed_in(person) is stays


def test_the_same_role_again_signs_nobody_out_and_leaves_no_line(spare: User):
    sign_in(spare)
    with db.writing() as session:
        people_edits.set_role(session, COMMAND_LINE, spare.id, Role.OWNER)
        people_edits.set_name(session, COMMAND_LINE, spare.id, f" {spare.name} ")
        people_edits.link_agent(session, COMMAND_LINE, spare.id, None)
        people_edits.set_campaigns(session, COMMAND_LINE, spare.id, [])
        people_edits.reactivate(session, COMMAND_LINE, spare.id)
    assert signed_in(spare)
    assert acts() == []


def test_an_invited_person_has_no_password_and_a_link_that_is_theirs(campaign: Campaign):
    with db.writing() as session:
        new = NewPerson("Ann@Example.org", "Ann", Role.MANAGER, ("support",))
        person, link = people_edits.invite(session, COMMAND_LINE, new)
    assert person.password_hash is None
    assert "/welcome?token=" in link
    with db.reading() as session:
        holder = links.holder(session, link.partition("token=")[2])
        assert holder is not None
        assert (holder[0].email, holder[1]) == ("ann@example.org", LinkPurpose.INVITE)
        assert [row.campaign_id for row in session.exec(select(Assignment))] == [campaign.id]
    assert details("person.invite") == {"role": "manager", "campaigns": ["support"]}


def test_an_invitation_names_the_agent_whose_calls_it_opens(home):
    with db.writing() as session:
        ada = made.agent(session, "Ada Moss")
        people_edits.invite(session, COMMAND_LINE, NewPerson("ann@example.org", "Ann", Role.AGENT, agent_id=ada.id))
    assert details("person.invite") == {"role": "agent", "campaigns": [], "agent": "Ada Moss"}


def test_a_fresh_link_voids_the_one_before_and_says_what_it_is_for(spare: User):
    with db.writing() as session:
        _, first = people_edits.new_link(session, COMMAND_LINE, spare.id)
        _, second = people_edits.new_link(session, COMMAND_LINE, spare.id)
        people_edits.set_password(session, COMMAND_LINE, spare.id, "hash")
        _, third = people_edits.new_link(session, COMMAND_LINE, spare.id)
    with db.reading() as session:
        held = [links.holder(session, link.partition("token=")[2]) for link in (first, second, third)]
    assert [holder and holder[1] for holder in held] == [None, None, LinkPurpose.PASSWORD_RESET]
    assert acts() == ["person.invite_again"] * 2 + ["person.set_password", "person.reset_password"]


def test_a_deactivated_person_has_no_link_and_gets_none_and_comes_back_as_they_were(spare: User, campaign: Campaign):
    with db.writing() as session:
        mia = made.person(session, Role.MANAGER, campaign)
        _, link = people_edits.new_link(session, COMMAND_LINE, mia.id)
        people_edits.deactivate(session, COMMAND_LINE, mia.id)
    with db.writing() as session:
        session.get_one(User, mia.id).active = True  # even if it were
        assert links.holder(session, link.partition("token=")[2]) is None
        session.get_one(User, mia.id).active = False
    with pytest.raises(NotUsable, match="is deactivated"):
        do(ACTS["person.invite_again"], mia)
    with pytest.raises(NotUsable, match="which is deactivated"), db.writing() as session:
        people_edits.invite(session, COMMAND_LINE, NewPerson(mia.email, "Mia", Role.MANAGER))
    with db.writing() as session:
        back = people_edits.reactivate(session, COMMAND_LINE, mia.id)
        assert (back.active, identity(session, back).campaign_ids) == (True, {campaign.id})


def test_campaigns_are_exactly_those_named(campaign: Campaign, spare: User):
    with db.writing() as session:
        sales = made.stored_campaign(session, "Sales")
        mia = made.person(session, Role.MANAGER, campaign)
        people_edits.set_campaigns(session, COMMAND_LINE, mia.id, ["sales", "sales"])
        assert identity(session, mia).campaign_ids == {sales.id}
    assert details("person.set_campaigns") == {"added": ["sales"], "removed": ["support"]}
    with pytest.raises(NotFound, match="no campaign 'nowhere'"), db.writing() as session:
        people_edits.set_campaigns(session, COMMAND_LINE, mia.id, ["nowhere"])
    with db.reading() as session:
        assert identity(session, mia).campaign_ids == {sales.id}


def test_an_agent_is_linked_and_unlinked_and_must_be_there(spare: User):
    do(ACTS["person.link_agent"], spare)
    assert stored(spare).agent_id == 1
    assert details("person.link_agent") == {"agent": "Ada Moss"}
    with pytest.raises(NotFound, match="no such agent"), db.writing() as session:
        people_edits.link_agent(session, COMMAND_LINE, spare.id, 77)
    with db.writing() as session:
        people_edits.link_agent(session, COMMAND_LINE, spare.id, None)
    assert stored(spare).agent_id is None


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "n" * 201])
def test_a_name_that_cannot_be_used_changes_nothing(spare: User, name: str):
    with pytest.raises(NotUsable), db.writing() as session:
        people_edits.set_name(session, COMMAND_LINE, spare.id, name)
    assert stored(spare).name == spare.name
