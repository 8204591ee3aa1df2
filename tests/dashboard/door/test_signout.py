"""Signing out, of this browser or of all."""

import pytest
from sqlmodel import select

from records import db, sessions
from records.audit import AuditEntry
from records.people import User
from records.roles import Role
from tests.dashboard.forms import FROM_HERE


def signed_in(token: str) -> bool:
    with db.reading() as session:
        return sessions.find(session, token) is not None


def test_signing_out_everywhere_ends_every_browser_of_one_person_and_nobody_else_s(visitor, ann):
    with db.writing() as session:
        bob = User(email="bob@example.org", name="Bob", role=Role.MANAGER)
        session.add(bob)
    here, there, bobs = visitor(ann), visitor(ann), visitor(bob)
    tokens = [client.cookies["tv_session"] for client in (here, there, bobs)]
    answer = here.post("/logout_everywhere", headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert any("tv_session=" in line and "Max-Age=0" in line for line in answer.headers.get_list("set-cookie"))
    assert [signed_in(token) for token in tokens] == [False, False, True]
    with db.reading() as session:
        assert [(entry.act, entry.by) for entry in session.exec(select(AuditEntry))] == [
            ("session.end_all", "ann@example.org")
        ]


@pytest.mark.parametrize("path", ["/logout", "/logout_everywhere"])
def test_another_site_signs_nobody_out(visitor, ann, path):
    client = visitor(ann)
    assert client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert signed_in(client.cookies["tv_session"])


def test_a_link_signs_nobody_out_everywhere(visitor, ann):
    client = visitor(ann)
    client.get("/logout_everywhere")
    assert signed_in(client.cookies["tv_session"])


@pytest.mark.parametrize("token", ["", "unknown"])
def test_a_stranger_is_only_sent_to_sign_in(visitor, ann, token):
    client = visitor()
    client.cookies.set("tv_session", token)
    assert client.post("/logout_everywhere", headers=FROM_HERE).headers["location"] == "/login"
    with db.reading() as session:
        assert session.exec(select(AuditEntry)).all() == []
