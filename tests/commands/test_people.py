"""People from the command line: links alone on stdout, sentences on stderr."""

import json

import pytest
from sqlmodel import select

from records import db, links, people_edits, sessions
from records.access import COMMAND_LINE, identity
from records.agents import Agent
from records.audit import AuditEntry
from records.passwords import matches
from records.people import LinkPurpose, User
from records.people_edits import NewPerson
from records.roles import Role
from tests.records import made

PASSWORD = "correct horse battery"
ANN = ("--email", "Ann@example.org", "--name", "Ann", "--role", "manager")


@pytest.fixture
def ann(home) -> User:
    """A Manager of no campaign, beside an Owner."""
    with db.writing() as session:
        made.person(session, Role.OWNER)
        made.stored_campaign(session, "Support")
        return people_edits.add(session, COMMAND_LINE, NewPerson("ann@example.org", "Ann", Role.MANAGER), "hash")


def stored(email: str = "ann@example.org") -> User:
    with db.reading() as session:
        return session.exec(select(User).where(User.email == email)).one()


def last_act() -> tuple[str, str]:
    with db.reading() as session:
        return session.exec(select(AuditEntry.act, AuditEntry.by).order_by(AuditEntry.id.desc())).first()


def purpose(link: str) -> LinkPurpose | None:
    with db.reading() as session:
        held = links.holder(session, link.strip().partition("token=")[2])
        return held and held[1]


def test_an_invitation_prints_the_link_alone(typed, home):
    with db.writing() as session:
        made.stored_campaign(session, "Support")
    done = typed("user", "invite", *ANN, "--campaign", "support", "--agent", "Ann L")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("http://localhost:8501/welcome?token=")
    assert len(done.stdout.splitlines()) == 1
    assert "Send this link to ann@example.org" in done.stderr
    assert purpose(done.stdout) is LinkPurpose.INVITE
    with db.reading() as session:
        assert len(identity(session, stored()).campaign_ids) == 1
        assert session.exec(select(Agent.name)).all() == ["Ann L"]
    assert last_act() == ("person.invite", "command line")
    again = typed("user", "invite", *ANN)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.strip() == "ann@example.org has an account already."


def test_everybody_is_listed_one_json_object_a_line(typed, ann):
    with db.writing() as session:
        people_edits.set_campaigns(session, COMMAND_LINE, ann.id, ["support"])
        people_edits.invite(session, COMMAND_LINE, NewPerson("zoe@example.org", "Zoë 🙂", Role.AGENT, agent="Zoë"))
    rows = [json.loads(line) for line in typed("user", "list", "--json").stdout.splitlines()]
    assert rows[0] == {
        "email": "ann@example.org",
        "name": "Ann",
        "role": "manager",
        "campaigns": ["support"],
        "agent": None,
        "state": "active",
        "link_until": None,
        "last_signed_in": None,
    }
    assert (rows[-1]["name"], rows[-1]["state"], rows[-1]["agent"]) == ("Zoë 🙂", "invited", "Zoë")
    assert rows[-1]["link_until"] > db.now().isoformat()
    shown = typed("user", "list").stdout
    assert shown.splitlines()[0].split()[:3] == ["Email", "Name", "Role"]
    assert "support" in shown


def test_a_list_of_many_is_read_in_parts(typed, home, monkeypatch):
    monkeypatch.setattr("commands.people.AT_A_TIME", 2)
    with db.writing() as session:
        emails = {made.person(session, Role.AGENT).email for _ in range(5)}
    rows = typed("user", "list", "--json").stdout.splitlines()
    assert {json.loads(row)["email"] for row in rows} == emails
    assert len(rows) == 5


def test_an_empty_list_says_what_to_do(typed):
    assert "totalview user setup-link" in typed("user", "list").stdout
    assert typed("user", "list", "--json").stdout == ""


def test_a_role_is_set_and_signs_out(typed, ann):
    with db.writing() as session:
        token = sessions.start(session, ann)
    done = typed("user", "set-role", "ANN@example.org", "compliance_officer")
    assert (done.returncode, done.stdout) == (0, "")
    assert stored().role is Role.COMPLIANCE_OFFICER
    with db.reading() as session:
        assert sessions.find(session, token) is None


def test_campaigns_are_set_and_taken_away(typed, ann):
    assert typed("user", "set-campaigns", "ann@example.org", "support").returncode == 0
    with db.reading() as session:
        assert len(identity(session, ann).campaign_ids) == 1
    assert typed("user", "set-campaigns", "ann@example.org").returncode == 0
    with db.reading() as session:
        assert identity(session, ann).campaign_ids == set()


def test_a_password_is_reset_by_link_or_set_from_stdin(typed, ann):
    done = typed("user", "reset-password", "ann@example.org")
    assert purpose(done.stdout) is LinkPurpose.PASSWORD_RESET
    assert stored().password_hash == "hash"
    assert typed("user", "reset-password", "ann@example.org", "--password-stdin", stdin="short\n").returncode == 1
    done = typed("user", "reset-password", "ann@example.org", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert (done.returncode, done.stdout) == (0, "")
    assert matches(PASSWORD, stored().password_hash)
    assert last_act() == ("person.set_password", "command line")


def test_a_person_is_deactivated_and_reactivated(typed, ann):
    assert typed("user", "deactivate", "ann@example.org").returncode == 0
    assert not stored().active
    refused = typed("user", "reset-password", "ann@example.org")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Reactivate the account first" in refused.stderr
    assert typed("user", "reactivate", "ann@example.org").returncode == 0
    assert stored().active


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["set-role", "nobody@example.org", "owner"], 1, "Nobody has an account with the address"),
        (["set-role", "ann@example.org", "boss"], 2, "boss"),
        (["set-campaigns", "ann@example.org", "nowhere"], 1, "There is no campaign 'nowhere'."),
        (["deactivate", "nobody@example.org"], 1, "Nobody has an account"),
        (["reactivate", "\x00"], 1, "Nobody has an account"),
        (["invite", "--email", "x", "--name", "", "--role", "agent"], 1, "'x' is no e-mail address."),
    ],
)
def test_what_cannot_be_done_is_a_sentence_on_stderr(typed, ann, arguments, code, words):
    done = typed("user", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_last_owner_stays(typed, ann):
    with db.reading() as session:
        owner = session.exec(select(User).where(User.role == Role.OWNER)).one()
    for arguments in (["set-role", owner.email, "agent"], ["deactivate", owner.email]):
        done = typed("user", *arguments)
        assert done.returncode == 1
        assert "is the last Owner. Make somebody else an Owner first." in done.stderr
