"""The page behind an invitation or a link for a forgotten password."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import col, select

from records import db, links, passwords, sessions
from records.audit import AuditEntry
from records.password_choices import SPENT, PasswordRefused, by_link
from records.people import LinkPurpose, OneTimeLink, OutsideAccount, User
from records.roles import Role
from tests.dashboard.conftest import PASSWORD
from tests.dashboard.forms import send

NEW = "a wholly new password"


@pytest.fixture
def bob(home) -> User:
    """Invited, and never here yet."""
    with db.writing() as session:
        user = User(email="bob@example.org", name="Bob <b>B</b>", role=Role.MANAGER)
        session.add(user)
    return user


def link(user: User, purpose: LinkPurpose = LinkPurpose.INVITE) -> str:
    with db.writing() as session:
        return links.issue(session, user, purpose).removeprefix("http://localhost:8501")


def acts() -> list[tuple[str, str, str]]:
    with db.reading() as session:
        entries = session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))
        return [(entry.act, entry.by, entry.subject) for entry in entries]


def stored(user: User) -> str | None:
    with db.reading() as session:
        return session.get_one(User, user.id).password_hash


def test_an_invited_person_chooses_a_password_and_is_in(visitor, bob):
    client, address = visitor(), link(bob)
    page = client.get(address).text
    assert "Welcome, Bob &lt;b&gt;B&lt;/b&gt;" in page
    assert 'value="bob@example.org"' in page
    answer = send(client, address, password=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/calls").json()["who"] == "bob@example.org"
    assert acts() == [("person.welcome", "bob@example.org", "bob@example.org")]
    assert send(visitor(), "/login", email="bob@example.org", password=NEW).status_code == 303


def test_a_link_for_a_forgotten_password_ends_every_session_and_outside_account(visitor, ann):
    elsewhere = visitor(ann)
    with db.writing() as session:
        session.add(OutsideAccount(issuer="https://works.example", subject="u1", user_id=ann.id))
    client = visitor()
    address = link(ann, LinkPurpose.PASSWORD_RESET)
    assert "signed out everywhere else" in client.get(address).text
    assert send(client, address, password=NEW).status_code == 303
    assert elsewhere.get("/calls").status_code == 303
    assert acts() == [("password.reset", "ann@example.org", "ann@example.org")]
    told = [send(visitor(), "/login", email="ann@example.org", password=it).status_code for it in (PASSWORD, NEW)]
    assert told == [401, 303]
    with db.reading() as session:
        assert session.exec(select(OutsideAccount)).all() == []


def test_whoever_was_signed_in_in_this_browser_is_so_no_more(visitor, ann, bob):
    client = visitor(ann)
    before = client.cookies["tv_session"]
    send(client, link(bob), password=NEW)
    with db.reading() as session:
        assert sessions.find(session, before) is None


@pytest.mark.parametrize("how", ["used", "replaced", "too old", "unknown", "none", "deactivated", "for set-up"])
def test_a_link_that_is_good_no_more_says_whom_to_ask(visitor, bob, monkeypatch, how):
    address = link(bob)
    if how == "used":
        send(visitor(), address, password=NEW)
    if how == "replaced":
        link(bob)
    if how == "too old":
        later = db.now() + timedelta(days=7, seconds=1)
        monkeypatch.setattr(links, "now", lambda: later)
    if how == "deactivated":
        with db.writing() as session:
            session.get_one(User, bob.id).active = False
    if how == "for set-up":
        with db.writing() as session:
            session.exec(select(OneTimeLink)).one().purpose = LinkPurpose.OWNER_SETUP
    address = {"unknown": "/welcome?token=made-up", "none": "/welcome"}.get(how, address)
    answer = visitor().get(address)
    assert answer.status_code == 410
    assert SPENT in answer.text
    assert "Ask whoever sent it to you" in answer.text
    assert "<form" not in answer.text


def test_what_is_too_short_is_said_and_the_link_stays_good(visitor, bob):
    client, address = visitor(), link(bob)
    answer = send(client, address, password="short")
    assert (answer.status_code, 'id="password-note">Use at least 12 characters.' in answer.text) == (422, True)
    assert stored(bob) is None
    assert send(client, address, password=NEW).status_code == 303


def test_of_two_clicks_the_second_changes_nothing(visitor, bob):
    first, second, address = visitor(), visitor(), link(bob)
    second.get(address)
    send(first, address, password=NEW)
    kept = stored(bob)
    fields = {"token": address.split("=")[1], "form_token": second.cookies["tv_form"], "password": "of the second one"}
    answer = second.post("/welcome", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, SPENT in answer.text) == (410, True)
    assert stored(bob) == kept
    assert "tv_session" not in second.cookies


def test_of_two_at_the_same_moment_one_comes_in(database, monkeypatch):
    with db.writing() as session:
        user = User(email="bob@example.org", name="Bob", role=Role.MANAGER)
        session.add(user)
        session.flush()
        token = links.issue(session, user, LinkPurpose.INVITE).split("=")[1]
    monkeypatch.setattr("records.password_choices.hashed", lambda password: password)

    def go(password: str) -> bool:
        try:
            return bool(by_link(token, password))
        except PasswordRefused:
            return False

    with ThreadPoolExecutor(4) as pool:
        came = list(pool.map(go, [f"the password of {n}" for n in range(4)]))
    assert sorted(came) == [False, False, False, True]
    assert stored(user) == f"the password of {came.index(True)}"


def test_another_site_s_form_changes_nothing(visitor, bob):
    client, address = visitor(), link(bob)
    answer = send(client, address, headers={"Sec-Fetch-Site": "cross-site"}, password=NEW)
    assert answer.status_code == 403
    assert stored(bob) is None
    assert send(client, address, password=NEW).status_code == 303


def test_no_password_is_hashed_inside_a_transaction(visitor, bob, ann, monkeypatch):
    """On SQLite everybody else's writes would wait for it."""
    inside, really = [], passwords._hasher().hash

    def hashing(secret):
        inside.append(any(lock.locked() for lock in db._writers.values()))
        return really(secret)

    monkeypatch.setattr(passwords, "_hasher", lambda: type("H", (), {"hash": staticmethod(hashing)}))
    assert by_link(link(bob).split("=")[1], NEW)
    assert inside == [False]
