"""The list of people: found by any part, paged, and read in as few queries as there are tables."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, event

from records import db, people_edits, people_list
from records.access import COMMAND_LINE, Identity, NotAllowed, NotFound
from records.campaigns import Campaign
from records.people import Assignment, User
from records.people_edits import NewPerson
from records.people_list import Filters, Standing
from records.roles import Role
from tests.records import made

EVERYTHING = Filters()


def page(filters: Filters = EVERYTHING, **how) -> people_list.Page:
    with db.reading() as session:
        return people_list.page(session, COMMAND_LINE, filters, **how)


def named(*names: str, **facts) -> None:
    with db.writing() as session:
        session.add_all(
            User(**{"email": f"{n}@{name}.example".lower(), "name": name, "role": Role.AGENT, **facts})
            for n, name in enumerate(names)
        )


def names(filters: Filters = EVERYTHING, **how) -> list[str]:
    return [person.name for person in page(filters, **how).people]


def test_a_person_is_told_with_campaigns_agent_and_last_sign_in(campaign: Campaign):
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    with db.writing() as session:
        sales = made.stored_campaign(session, "Sales")
        ada = made.agent(session, "Ada Moss")
        mia = made.person(session, Role.MANAGER, campaign, sales, agent_id=ada.id)
        mia.password_hash, mia.signed_in_at = "hash", noon
    (person,) = page().people
    assert (person.email, person.name, person.role) == (mia.email, mia.name, Role.MANAGER)
    assert (person.standing, person.signed_in_at, person.link_until) == (Standing.ACTIVE, noon, None)
    assert (person.agent_id, person.agent) == (ada.id, "Ada Moss")
    assert person.campaigns == {"sales": "Sales", "support": "Support"}


def test_who_has_no_password_is_invited_until_the_link_ends(home):
    with db.writing() as session:
        people_edits.invite(session, COMMAND_LINE, NewPerson("ann@example.org", "Ann", Role.OWNER))
    (ann,) = page().people
    assert ann.standing is Standing.INVITED
    assert ann.link_until is not None
    assert ann.link_until > db.now()


def test_who_comes_by_the_identity_provider_is_active_without_a_password(home):
    named("Ann", signed_in_at=db.now())
    assert page().people[0].standing is Standing.ACTIVE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ann", ["Ann", "Joanna"]),
        ("ÖZGE", ["Özge Çelik"]),
        ("özge", ["Özge Çelik"]),
        ("1@", ["Joanna"]),
        ("50%", ["50% Bob"]),
        ("_", []),
        ("🙂", ["Smile 🙂"]),
    ],
)
def test_people_are_found_by_a_part_of_name_or_address_in_any_case(database: str, text: str, found: list[str]):
    named("Ann", "Joanna", "Özge Çelik", "50% Bob", "Smile 🙂")
    assert names(Filters(text=text)) == found


def test_the_deactivated_are_left_out_unless_asked_for(home):
    named("Ann")
    named("Gone", active=False)
    assert names() == ["Ann"]
    assert names(Filters(deactivated=True)) == ["Ann", "Gone"]
    assert page(Filters(deactivated=True)).people[1].standing is Standing.DEACTIVATED


def test_roles_narrow_the_list(home):
    named("Ann", role=Role.OWNER)
    named("Bob", role=Role.MANAGER)
    assert names(Filters(roles=frozenset({Role.OWNER}))) == ["Ann"]


def test_pages_follow_each_other_by_name_and_none_is_empty(home):
    named("delta", "Alpha", "charlie", "Bravo", "echo")
    assert [names(number=n, size=2) for n in (1, 2, 3)] == [["Alpha", "Bravo"], ["charlie", "delta"], ["echo"]]
    assert [page(number=n, size=2).number for n in (-3, 0, 99)] == [1, 1, 3]
    assert (page(size=2).pages, page(size=2).total) == (3, 5)
    assert (page(Filters(text="nobody")).pages, page(Filters(text="nobody")).people) == (1, ())


def test_five_thousand_people_are_read_by_as_few_queries_as_one(campaign: Campaign):
    named(*(f"person {n:04}" for n in range(5_000)), role=Role.MANAGER)
    with db.writing() as session:
        session.add_all(Assignment(user_id=n + 1, campaign_id=campaign.id) for n in range(5_000))
    asked: list[str] = []

    def note(_connection, _cursor, statement: str, *_rest) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        shown = page(number=50)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(asked) == 4, asked
    assert (len(shown.people), shown.total) == (people_list.SIZE, 5_000)
    assert all(person.campaigns == {"support": "Support"} for person in shown.people)


@pytest.mark.parametrize("role", Role)
def test_only_those_who_manage_people_see_them(home, role: Role):
    named("Ann")
    who = Identity(user_id=None, role=role, label="somebody")
    for ask in (
        lambda session: people_list.page(session, who, Filters()),
        lambda session: people_list.find(session, who, 1),
        lambda session: people_list.by_email(session, who, "0@ann.example"),
    ):
        with db.reading() as session:
            if role in {Role.SENIOR_MANAGER, Role.OWNER}:
                assert ask(session)
            else:
                with pytest.raises(NotAllowed):
                    ask(session)


@pytest.mark.parametrize("number", [0, -1, 2, 2**31, 2**80])
def test_a_number_that_is_nobodys_is_not_found(database: str, number: int):
    named("Ann")
    with db.reading() as session, pytest.raises(NotFound):
        people_list.find(session, COMMAND_LINE, number)


@pytest.mark.parametrize("email", ["", "x@y", "0@ann.example\x00", "\ud83d"])
def test_an_address_that_is_nobodys_is_not_found(database: str, email: str):
    named("Ann")
    with db.reading() as session:
        assert people_list.by_email(session, COMMAND_LINE, " 0@ANN.example ").name == "Ann"
        with pytest.raises(NotFound):
            people_list.by_email(session, COMMAND_LINE, email)
