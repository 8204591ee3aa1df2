"""The first owner: one link, one account, whatever is clicked twice."""

import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from config import settings
from records import db, passwords, setup
from records.audit import AuditEntry
from records.people import OneTimeLink, User
from records.roles import Role
from records.setup import SPENT, TAKEN, SetupRefused

ANN = ("Ann Owner", "Ann@Example.com ", "correct horse battery")


def fresh_token() -> str:
    with db.writing() as session:
        link = setup.owner_link(session)
    return parse_qs(urlsplit(link or "").query)["token"][0]


def refusal(token: str, *typed: str) -> dict[str, str]:
    with pytest.raises(SetupRefused) as refused:
        setup.create_owner(token, *typed)
    return refused.value.problems


def everybody() -> list[User]:
    with db.reading() as session:
        return list(session.exec(select(User)).all())


def test_the_link_leads_to_this_sites_setup_page(home, monkeypatch):
    monkeypatch.setenv("TOTALVIEW_PUBLIC_URL", "https://calls.example.com/")
    settings.cache_clear()
    with db.writing() as session:
        link = setup.owner_link(session)
    assert (link or "").startswith("https://calls.example.com/setup?token=")


def test_the_link_makes_an_owner_who_is_audit_logged(database):
    user = setup.create_owner(fresh_token(), *ANN)
    assert (user.name, user.email, user.role, user.active) == ("Ann Owner", "ann@example.com", Role.OWNER, True)
    assert passwords.matches(ANN[2], user.password_hash)
    with db.reading() as session:
        entry = session.exec(select(AuditEntry)).one()
    assert (entry.act, entry.subject, entry.by, entry.user_id) == (
        "owner.create",
        "ann@example.com",
        "ann@example.com",
        user.id,
    )


def test_only_the_tokens_hash_is_stored(home):
    token = fresh_token()
    with db.reading() as session:
        assert token not in repr(session.exec(select(OneTimeLink)).all())


def test_with_an_active_owner_there_is_no_link(database):
    setup.create_owner(fresh_token(), *ANN)
    with db.writing() as session:
        assert setup.owner_link(session) is None


def test_when_the_only_owner_is_deactivated_a_link_can_be_made_again(home):
    user = setup.create_owner(fresh_token(), *ANN)
    with db.writing() as session:
        session.get_one(User, user.id).active = False
    again = setup.create_owner(fresh_token(), "Bea", "bea@example.com", ANN[2])
    assert again.role is Role.OWNER


def test_a_newer_link_voids_the_older(database):
    older, newer = fresh_token(), fresh_token()
    assert refusal(older, *ANN) == {"token": SPENT}
    assert setup.create_owner(newer, *ANN).id


def test_a_second_click_is_told_and_makes_nobody(database):
    token = fresh_token()
    setup.create_owner(token, *ANN)
    assert refusal(token, "Eve", "eve@example.com", ANN[2]) == {"token": TAKEN}
    assert [user.email for user in everybody()] == ["ann@example.com"]


def test_a_link_is_over_after_seven_days(home, monkeypatch):
    token, made = fresh_token(), db.now()
    monkeypatch.setattr(setup, "now", lambda: made + timedelta(days=7, minutes=1))
    assert refusal(token, *ANN) == {"token": SPENT}
    monkeypatch.setattr(setup, "now", lambda: made + timedelta(days=6, hours=23))
    assert setup.create_owner(token, *ANN).id


@pytest.mark.parametrize("token", ["", "guess", "\x00", "a" * 5000])
def test_a_guessed_token_makes_nobody(home, token):
    fresh_token()
    assert refusal(token, *ANN) == {"token": SPENT}
    assert everybody() == []


def test_two_clicks_at_once_make_one_owner(database):
    token, answers = fresh_token(), []
    gate = threading.Barrier(2)

    def click(name: str) -> None:
        gate.wait()
        try:
            answers.append(setup.create_owner(token, name, f"{name}@example.com", ANN[2]).email)
        except SetupRefused as refused:
            answers.append(refused.problems)

    clicks = [threading.Thread(target=click, args=(name,)) for name in ("ann", "bea")]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    assert [type(answer) for answer in sorted(answers, key=str)].count(str) == 1
    assert [answer for answer in answers if isinstance(answer, dict)] == [{"token": TAKEN}]
    assert len(everybody()) == 1


def test_who_comes_while_another_is_being_made_owner_waits_and_is_told(database):
    token, answers = fresh_token(), []
    second = threading.Thread(target=lambda: answers.append(refusal(token, *ANN)))
    with db.writing() as session:
        setup._spend(session, token)
        second.start()
        second.join(0.5)  # far enough to stand before the lock
        session.add(User(email="first@example.com", name="First", role=Role.OWNER))
    second.join()
    assert answers == [{"token": TAKEN}]


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        (("", "", ""), {"name", "email", "password"}),
        ((" ", "ann@example.com", ANN[2]), {"name"}),
        (("Ann", "ann at example", ANN[2]), {"email"}),
        (("Ann", "ann@exam\nple.com", ANN[2]), {"email"}),
        (("Ann", "a" * 320 + "@example.com", ANN[2]), {"email"}),
        (("A\x07nn", "ann@example.com", ANN[2]), {"name"}),
        (("A" * 201, "ann@example.com", ANN[2]), {"name"}),
        (("Ann", "ann@example.com", "elevenchars"), {"password"}),
    ],
)
def test_what_is_wrong_is_said_field_by_field_and_the_link_stays_good(home, typed, fields):
    token = fresh_token()
    assert refusal(token, *typed).keys() == fields
    assert setup.create_owner(token, *ANN).id


def test_an_address_that_somebody_has_is_refused_and_the_link_stays_good(database):
    with db.writing() as session:
        session.add(User(email="ann@example.com", name="Ann", role=Role.AGENT))
    token = fresh_token()
    assert refusal(token, *ANN).keys() == {"email"}
    assert setup.create_owner(token, "Bea", "bea@example.com", ANN[2]).id


def test_a_name_is_kept_as_typed(home):
    assert setup.create_owner(fresh_token(), " Zoë <b> O’Neil 🙂 ", *ANN[1:]).name == "Zoë <b> O’Neil 🙂"
