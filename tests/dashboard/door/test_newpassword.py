"""Changing one's password."""

import pytest
from sqlmodel import select

from records import db, links, sessions
from records.audit import AuditEntry
from records.password_choices import NONE_YET, SAME, WRONG, PasswordRefused, by_the_old_one
from records.people import LinkPurpose, User
from tests.dashboard.conftest import PASSWORD
from tests.dashboard.forms import FROM_HERE, send

NEW = "a wholly new password"


def stored(user: User) -> str | None:
    with db.reading() as session:
        return session.get_one(User, user.id).password_hash


def signed_in(token: str):
    with db.reading() as session:
        return sessions.find(session, token)


def test_a_new_password_ends_every_other_browser_and_gives_this_one_a_new_token(visitor, ann):
    here, there = visitor(ann), visitor(ann)
    before = here.cookies["tv_session"]
    with db.writing() as session:
        address = links.issue(session, ann, LinkPurpose.PASSWORD_RESET)
    answer = send(here, "/password", current=PASSWORD, password=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?password=changed")
    after = here.cookies.get("tv_session", domain="testserver.local")
    assert after != before
    assert [bool(signed_in(token)) for token in (before, there.cookies["tv_session"], after)] == [False, False, True]
    told = [send(visitor(), "/login", email="ann@example.org", password=it).status_code for it in (PASSWORD, NEW)]
    assert told == [401, 303]
    with db.reading() as session:
        assert [(one.act, one.by) for one in session.exec(select(AuditEntry))] == [("password.change", ann.email)]
        assert links.holder(session, address.split("=")[1]) is None, "a link sent before is void"


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ({"current": "not my password", "password": NEW}, f'id="current-note">{WRONG}'),
        ({"current": PASSWORD, "password": "short"}, 'id="password-note">Use at least 12'),
        ({"current": PASSWORD, "password": PASSWORD}, f'id="password-note">{SAME}'),
        ({"current": "", "password": NEW}, 'id="current-note">Write the password'),
        ({"current": PASSWORD, "password": ""}, 'id="password-note">Write a new'),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_changes(visitor, ann, typed, note):
    client = visitor(ann)
    answer = send(client, "/password", **typed)
    assert (answer.status_code, note in answer.text) == (422, True)
    assert stored(ann) == ann.password_hash
    assert client.get("/calls").status_code == 200


def test_a_stranger_is_sent_to_sign_in_and_back(visitor, ann):
    assert visitor().get("/password").headers["location"] == "/login?next=%2Fpassword"
    assert visitor().post("/password", data={}, headers=FROM_HERE).status_code == 401
    answer = send(visitor(), "/login?next=/password", email="ann@example.org", password=PASSWORD)
    assert answer.headers["location"] == "/password"


def test_another_site_s_form_changes_nothing(visitor, ann):
    answer = send(visitor(ann), "/password", headers={"Sec-Fetch-Site": "cross-site"}, current=PASSWORD, password=NEW)
    assert answer.status_code == 403
    assert stored(ann) == ann.password_hash


def test_who_has_no_password_is_told_how_to_get_one(visitor, ann):
    with db.writing() as session:
        session.get_one(User, ann.id).password_hash = None
    client = visitor(ann)
    page = client.get("/password").text
    assert NONE_YET in page
    assert "<form" not in page
    fields = {"form_token": client.cookies["tv_form"], "current": "x" * 12, "password": NEW}
    answer = client.post("/password", data=fields, headers=FROM_HERE)
    assert (answer.status_code, NONE_YET in answer.text) == (422, True)
    assert stored(ann) is None


def test_a_password_that_changed_meanwhile_is_not_overwritten(visitor, ann, monkeypatch):
    client = visitor(ann)
    who = signed_in(client.cookies["tv_session"])

    def changed_by_a_link(_password):
        with db.writing() as session:
            session.get_one(User, ann.id).password_hash = "by a link"
        return "mine"

    monkeypatch.setattr("records.password_choices.hashed", changed_by_a_link)
    with pytest.raises(PasswordRefused):
        by_the_old_one(who, PASSWORD, NEW)
    assert stored(ann) == "by a link"
