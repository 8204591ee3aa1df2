import pytest
from sqlmodel import select

from records import db, people_edits
from records.access import COMMAND_LINE, Identity, NotAllowed, NotFound
from records.agents import Agent
from records.audit import AuditEntry
from records.campaigns import Campaign, NotUsable
from records.passwords import hashed, matches
from records.people import Assignment, User
from records.people_edits import NewPerson
from records.roles import Role
from tests.records import made

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 costs 0.1 s a go, on purpose; one test below runs it."""
    monkeypatch.setattr(people_edits, "hashed", lambda password: f"hash of {password}")


def add(email: str = "ann@example.org", *, who: Identity = COMMAND_LINE, **facts) -> User:
    given = {"name": "Ann", "role": Role.MANAGER, **facts}
    secret = people_edits.secret_of(given.pop("password", PASSWORD))
    with db.writing() as session:
        return people_edits.add(session, who, NewPerson(email=email, **given), secret)


def everything() -> tuple[list, list, list, list]:
    with db.reading() as session:
        return (
            sorted(session.exec(select(User.email))),
            sorted(session.exec(select(Agent.name))),
            list(session.exec(select(Assignment))),
            list(session.exec(select(AuditEntry).where(AuditEntry.act == "person.add"))),
        )


def test_a_person_is_added_with_campaigns_and_an_audit_line(campaign: Campaign):
    person = add(campaigns=("support",))
    users, agents, assigned, audit = everything()
    assert (users, agents) == (["ann@example.org"], [])
    assert [(row.user_id, row.campaign_id) for row in assigned] == [(person.id, campaign.id)]
    assert [(row.subject, row.by) for row in audit] == [("ann@example.org", "command line")]
    assert audit[0].details == {"role": "manager", "campaigns": ["support"]}
    assert PASSWORD not in audit[0].model_dump_json()


def test_the_password_is_stored_as_its_hash(home, monkeypatch):
    monkeypatch.setattr(people_edits, "hashed", hashed)
    person = add()
    assert matches(PASSWORD, person.password_hash)
    assert PASSWORD not in person.password_hash


@pytest.mark.parametrize("given", ["  Ann@Example.ORG ", "ANN@EXAMPLE.ORG"])
def test_an_address_is_stored_in_lower_case_and_taken_once(home, given: str):
    assert add(given).email == "ann@example.org"
    with pytest.raises(NotUsable, match=r"ann@example\.org has an account already"):
        add("ann@example.org")
    assert len(everything()[0]) == 1


@pytest.mark.parametrize("email", ["", "ann", "@", "ann@", "@example.org", "a@b@c", "a b@c", "a\n@b", "a\x00@b"])
def test_what_is_no_address_is_refused(database: str, email: str):
    with pytest.raises(NotUsable):
        add(email)
    assert everything() == ([], [], [], [])


def test_two_that_take_one_address_at_once_make_one_account(database: str, monkeypatch):
    add()
    monkeypatch.setattr(people_edits, "_usable_email", lambda _session, given: given)
    with pytest.raises(NotUsable, match="has an account already"):
        add()
    assert everything()[0] == ["ann@example.org"]


@pytest.mark.parametrize(
    "facts",
    [
        {"email": "a" * 320 + "@b"},
        {"name": "n" * 201},
        {"agent": "n" * 201},
        {"name": "a\x00b"},
        {"password": "short"},
        {"password": ""},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_what_cannot_be_used_is_refused_and_leaves_nothing(database: str, facts: dict):
    with pytest.raises(NotUsable):
        add(**facts)
    assert everything() == ([], [], [], [])


def test_a_campaign_that_is_not_there_leaves_no_person_behind(campaign: Campaign):
    with pytest.raises(NotFound, match="There is no campaign 'nowhere'"):
        add(campaigns=("support", "nowhere"), agent="Ann")
    assert everything() == ([], [], [], [])


def test_a_campaign_named_twice_is_assigned_once(campaign: Campaign):
    add(campaigns=("support", "support"))
    assert len(everything()[2]) == 1


def test_a_name_left_out_is_the_address(home):
    assert add(name="  ").name == "ann@example.org"


@pytest.mark.parametrize("name", ["ÖZGE Çelik", "özge çelik", " Özge Çelik "])
def test_an_agent_is_found_by_name_in_any_case(database: str, name: str):
    with db.writing() as session:
        known = made.agent(session, "Özge Çelik")
    assert add(agent=name).agent_id == known.id
    assert everything()[1] == ["Özge Çelik"]


def test_an_agent_that_is_not_there_is_made(home):
    person = add(agent="Özge", role=Role.AGENT)
    with db.reading() as session:
        (made_,) = session.exec(select(AuditEntry).where(AuditEntry.act == "agent.create"))
        (added,) = session.exec(select(AuditEntry).where(AuditEntry.act == "person.add"))
    assert (made_.subject, made_.by, added.details["agent"]) == ("Özge", "command line", "Özge")
    assert everything()[1] == ["Özge"]
    assert person.agent_id is not None


def test_an_agent_who_has_left_is_not_taken_for_a_new_one(home):
    with db.writing() as session:
        gone = made.agent(session, "Özge")
        gone.active = False
    assert add(agent="Özge").agent_id != gone.id


def test_two_agents_of_one_name_are_a_question_and_no_guess(home):
    with db.writing() as session:
        made.agent(session, "Ann")
        made.agent(session, "ann")
    with pytest.raises(NotUsable, match=r"Several agents are called 'ANN'\. Link the person on the Agents page"):
        add(agent="ANN")
    assert everything()[0] == []


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("new", Role)
def test_who_may_make_whom(home, role: Role, new: Role):
    who = Identity(user_id=None, role=role, label="somebody")
    allowed = role is Role.OWNER or (role is Role.SENIOR_MANAGER and new is not Role.OWNER)
    if allowed:
        assert add(who=who, role=new).role is new
        assert everything()[3][0].by == "somebody"
        return
    with pytest.raises(NotAllowed):
        add(who=who, role=new)
    assert everything() == ([], [], [], [])
