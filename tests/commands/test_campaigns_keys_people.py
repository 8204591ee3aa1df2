"""Campaigns, keys and people from the command line: scriptable, and wrong input gets a sentence."""

import hashlib
import json

import pytest
from sqlmodel import text

from records import db
from records.tables import METADATA

CHECKS = """
checks:
  - {name: Greeting, section: Opening, kind: phrase, any: ["thank you for calling"], speaker: agent, weight: 5}
  - {name: Silence, kind: metric, metric: longest_silence_s, at_most: 20, weight: 5}
"""


@pytest.fixture
def checks(tmp_path):
    path = tmp_path / "checks.yaml"
    path.write_text(CHECKS)
    return path


def rows(query):
    with db.reading() as session:
        return [tuple(row) for row in session.execute(text(query))]


def everything_stored():
    with db.reading() as session:
        connection = session.connection()
        return "".join(str(row) for table in METADATA.sorted_tables for row in connection.execute(table.select()))


def test_a_campaign_is_created_with_its_checks_and_listed(totalview, checks):
    made = totalview("campaign", "create", "--name", "Customer Service", "--checks", checks, "--json")
    assert made.returncode == 0
    assert json.loads(made.stdout) == {"slug": "customer-service", "name": "Customer Service", "id": 1, "checks": 2}
    listed = totalview("campaign", "list", "--json")
    assert [json.loads(line) for line in listed.stdout.splitlines()] == [json.loads(made.stdout)]
    assert "customer-service" in totalview("campaign", "list").stdout


def test_an_empty_list_says_what_to_do_next(typed):
    assert "campaign create" in typed("campaign", "list").stdout


def test_a_taken_slug_is_refused_in_words(typed):
    typed("campaign", "create", "--name", "Sales")
    again = typed("campaign", "create", "--name", "SALES!")
    assert again.returncode == 1
    assert again.stdout == ""
    assert again.stderr.strip() == "There is a campaign 'sales' already. Choose another name or slug."


def test_a_wrong_checks_file_creates_nothing(typed, checks):
    checks.write_text(CHECKS.replace("longest_silence_s", "longest_sigh_s"))
    made = typed("campaign", "create", "--name", "Sales", "--checks", checks)
    assert made.returncode == 1
    assert "Check 2 ('Silence')" in made.stderr
    assert "Traceback" not in made.stderr
    assert rows("select count(*) from campaign") == [(0,)]


def test_a_key_is_printed_once_alone_and_stored_as_a_hash(typed):
    typed("campaign", "create", "--name", "Sales")
    made = typed("key", "create", "--campaign", "sales", "--name", "dialler")
    key = made.stdout.strip()
    assert made.stdout == f"{key}\n"
    assert key.startswith("tv_")
    assert len(key) >= len("tv_") + 43
    [(shown, stored, revoked)] = rows("select shown, key_hash, revoked_at from api_key")
    assert stored == hashlib.sha256(key.encode()).hexdigest()
    assert key.startswith(shown)
    assert revoked is None
    assert key not in everything_stored()


def test_a_key_is_revoked_by_itself_and_the_acts_are_logged(typed):
    typed("campaign", "create", "--name", "Sales")
    key = typed("key", "create", "--campaign", "sales").stdout.strip()
    assert typed("key", "revoke", key).returncode == 0
    assert rows("select revoked_at is not null from api_key") == [(True,)]
    acts = rows('select act, "by" from audit_entry order by id')
    assert acts == [(act, "command line") for act in ("campaign.create", "key.create", "key.revoke")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--campaign", "nowhere"], "There is no campaign 'nowhere'."),
        (["--campaign", "sales", "--expires", "tomorrow"], "'tomorrow' is no date."),
        (["--campaign", "sales", "--expires", "2020-01-01"], "is past"),
    ],
)
def test_a_key_that_cannot_be_made_says_why(typed, arguments, words):
    typed("campaign", "create", "--name", "Sales")
    made = typed("key", "create", *arguments)
    assert (made.returncode, made.stdout) == (1, "")
    assert words in made.stderr


def test_an_unknown_key_is_not_revoked(typed):
    assert typed("key", "revoke", "tv_nothing").returncode == 1


def test_a_person_is_added_with_campaign_and_agent(typed):
    typed("campaign", "create", "--name", "Sales")
    person = [
        "--email",
        "Ana@Example.com",
        "--name",
        "Ana",
        "--role",
        "manager",
        "--campaign",
        "sales",
        "--agent",
        "Ana L",
    ]
    added = typed("user", "add", *person, "--agent", "Ana L", "--password-stdin", stdin="correct horse battery\n")
    assert added.returncode == 0, added.stderr
    assert rows("select email, role, agent_id from person") == [("ana@example.com", "manager", 1)]
    assert rows("select count(*) from assignment") == [(1,)]
    [(stored,)] = rows("select password_hash from person")
    assert stored.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("nobody", "correct horse battery", "is no e-mail address"),
        ("ana@example.com", "short", "at least 12 characters"),
    ],
)
def test_a_person_with_wrong_data_is_not_added(typed, email, password, words):
    person = ["--email", email, "--name", "Ana", "--role", "owner", "--password-stdin"]
    added = typed("user", "add", *person, stdin=f"{password}\n")
    assert added.returncode == 1
    assert words in added.stderr
    assert rows("select count(*) from person") == [(0,)]


def test_the_same_address_is_added_once(typed):
    person = ["--email", "ana@example.com", "--name", "Ana", "--role", "owner", "--password-stdin"]
    typed("user", "add", *person, stdin="correct horse battery\n")
    again = typed("user", "add", *person, stdin="correct horse battery\n")
    assert "has an account already" in again.stderr
    link = typed("user", "setup-link")
    assert (link.returncode, link.stdout) == (1, "")


def test_a_setup_link_is_printed_alone_while_there_is_no_owner(totalview):
    link = totalview("user", "setup-link", TOTALVIEW_PORT="9000")
    assert link.stdout.startswith("http://localhost:9000/setup?token=")


def test_a_wrong_setting_is_one_sentence(totalview):
    told = totalview("campaign", "list", TOTALVIEW_PORT="many")
    assert told.returncode == 1
    assert told.stderr.startswith("TOTALVIEW_PORT: ")
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("migrate",), ("campaign", "list"), ("scheduler",)])
def test_a_database_of_a_newer_version_is_left_alone_in_words(typed, arguments):
    with db.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    refused = typed(*arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "The database is of a newer version (9999) than this program" in refused.stderr
    assert rows("SELECT version_num FROM alembic_version") == [("9999",)]
