"""Who is assigned to a campaign: listed, added and removed by those who edit campaigns."""

import pytest
from sqlmodel import col, select

from records import db, members
from records.access import COMMAND_LINE, Identity, NotFound, identity
from records.audit import AuditEntry
from records.campaigns import Campaign, NotUsable
from records.people import User
from records.roles import Role
from tests.records import made


@pytest.fixture
def mia(campaign: Campaign) -> User:
    with db.writing() as session:
        return made.person(session, Role.MANAGER)


def assigned() -> list[str]:
    with db.reading() as session:
        return [person.email for person in members.assigned(session, COMMAND_LINE, "support").people]


def acts() -> list[tuple]:
    wanted = select(AuditEntry.act, AuditEntry.subject, AuditEntry.campaign_id)
    with db.reading() as session:
        return list(session.exec(wanted.where(col(AuditEntry.act).contains("member"))))


def test_members_come_and_go_with_a_line_each(campaign: Campaign, mia: User):
    with db.writing() as session:
        members.add(session, COMMAND_LINE, "support", [mia.id])
        assert identity(session, mia).campaign_ids == {campaign.id}
        assert members.add(session, COMMAND_LINE, "support", [mia.id]) == []  # once is enough
    assert assigned() == [mia.email]
    with db.writing() as session:
        members.remove(session, COMMAND_LINE, "support", mia.id)
        assert identity(session, mia).campaign_ids == set()
    assert acts() == [(f"campaign.{act}_member", mia.email, campaign.id) for act in ("add", "remove")]
    with pytest.raises(NotFound, match="not assigned"), db.writing() as session:
        members.remove(session, COMMAND_LINE, "support", mia.id)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_whom_an_assignment_would_not_help_is_not_assigned(mia: User, role: Role):
    with db.writing() as session:
        other = made.person(session, role)
    with pytest.raises(NotUsable, match="no active Manager"), db.writing() as session:
        members.add(session, COMMAND_LINE, "support", [mia.id, other.id])
    assert (assigned(), acts()) == ([], [])


def test_a_deactivated_person_is_no_candidate(mia: User):
    with db.writing() as session:
        session.get_one(User, mia.id).active = False
    with db.reading() as session:
        assert members.candidates(session, COMMAND_LINE, "support", "", 10).total == 0
    with pytest.raises(NotUsable), db.writing() as session:
        members.add(session, COMMAND_LINE, "support", [mia.id])


@pytest.mark.parametrize("number", [0, -1, 999, 2**31, 2**80])
def test_nobody_is_not_assigned(database: str, number: int):
    with db.writing() as session:
        made.stored_campaign(session, "Support")
    with pytest.raises(NotFound), db.writing() as session:
        members.add(session, COMMAND_LINE, "support", [number])
    with pytest.raises(NotFound), db.writing() as session:
        members.remove(session, COMMAND_LINE, "support", number)


def test_candidates_are_the_managers_who_are_not_assigned_found_by_any_part(campaign: Campaign):
    with db.writing() as session:
        people = [made.person(session, Role.MANAGER) for _ in range(4)]
        made.person(session, Role.OWNER)
        people[0].name, people[1].name, people[2].name = "Özge", "Jörg", "Özlem"
        members.add(session, COMMAND_LINE, "support", [people[0].id])
    with db.reading() as session:
        some = members.candidates(session, COMMAND_LINE, "support", "ÖZ", 10)
        assert [person.name for person in some.people] == ["Özlem"]
        few = members.candidates(session, COMMAND_LINE, "support", "", 2)
        assert (len(few.people), few.total) == (2, 3)


def test_who_sees_all_by_role_is_told_apart(campaign: Campaign, mia: User):
    with db.writing() as session:
        for role in Role:
            made.person(session, role)
        gone = made.person(session, Role.OWNER)
        gone.active = False
    with db.reading() as session:
        some = members.by_role(session, COMMAND_LINE, "support")
    assert {person.role for person in some.people} == {Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.OWNER}
    assert some.total == 3


@pytest.mark.parametrize("role", Role)
def test_only_those_who_edit_campaigns_see_and_change_members(campaign: Campaign, mia: User, role: Role):
    who = Identity(user_id=None, role=role, label="somebody", campaign_ids=frozenset({campaign.id}))
    for ask in (
        lambda session: members.assigned(session, who, "support"),
        lambda session: members.by_role(session, who, "support"),
        lambda session: members.candidates(session, who, "support", "", 10),
        lambda session: members.add(session, who, "support", [mia.id]),
        lambda session: members.remove(session, who, "support", mia.id),
    ):
        with db.writing() as session:
            if role in {Role.SENIOR_MANAGER, Role.OWNER}:
                ask(session)
            else:
                with pytest.raises(NotFound):
                    ask(session)
