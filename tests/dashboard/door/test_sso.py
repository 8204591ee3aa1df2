"""Single sign-on against a real identity provider: who comes in, and who does not."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from config import settings
from dashboard.door.signin import TROUBLES
from records import db, links, sessions
from records.audit import AuditEntry
from records.people import LinkPurpose, OneTimeLink, OutsideAccount, User
from tests.dashboard.door.conftest import ANN, Came

Comes = Callable[..., Came]


@pytest.fixture
def comes(visitor, works) -> Comes:
    """`comes(subject)`: a browser goes to the provider, logs in there and comes back."""

    def go(subject: str = "u1", *, wanted: str = "/", user: User | None = None) -> Came:
        client = visitor(user)
        begun = client.get("/sso", params={"next": wanted})
        back = works.signs_in(begun.headers["location"], subject)
        return Came(client, client.get(back))

    return go


def linked() -> list[tuple[str, int]]:
    with db.reading() as session:
        return [(row.subject, row.user_id) for row in session.exec(select(OutsideAccount))]


def change(user: User, **facts) -> None:
    with db.writing() as session:
        session.get_one(User, user.id).sqlmodel_update(facts)


def test_a_verified_address_links_the_account_once_and_the_wanted_page_opens(comes, works, ann):
    came = comes(wanted="/call?id=abc")
    assert (came.answer.status_code, came.answer.headers["location"]) == (303, "/call?id=abc")
    assert came.who == "ann@example.org"
    assert linked() == [("u1", ann.id)]
    with db.reading() as session:
        [entry] = session.exec(select(AuditEntry))
    assert (entry.act, entry.by, entry.details) == (
        "person.link_outside",
        "ann@example.org",
        {"provider": works.issuer, "account": "u1"},
    )
    comes()
    assert linked() == [("u1", ann.id)]


def test_it_is_the_same_cookie_as_a_password_s_and_ends_what_the_browser_brought(comes, ann):
    came = comes(user=ann)
    token = came.client.cookies.get("tv_session", domain="testserver.local")
    with db.reading() as session:
        assert sessions.find(session, token).label == "ann@example.org"
        assert len(sessions.open_ones(session, sessions.find(session, token))) == 1
        assert session.get_one(User, ann.id).signed_in_at is not None
    cookie = next(line for line in came.answer.headers.get_list("set-cookie") if line.startswith("tv_session="))
    assert ("HttpOnly" in cookie, "SameSite=lax" in cookie) == (True, True)


def test_a_new_address_at_the_provider_is_still_the_same_person(comes, works, ann):
    comes()
    works.knows(u1={"email": "ann.new@example.org", "email_verified": True})
    assert comes().who == "ann@example.org"


def test_somebody_else_who_gets_the_address_later_is_not_let_into_the_account(comes, works, ann):
    comes()
    works.knows(u2=ANN)
    assert comes("u2").trouble == "taken"
    assert linked() == [("u1", ann.id)]


@pytest.mark.parametrize(
    ("claims", "trouble"),
    [
        ({"email": "eve@example.org", "email_verified": True}, "unknown"),
        ({"email": "ann@example.org", "email_verified": False}, "unverified"),
        ({"email": "ann@example.org"}, "unverified"),
        ({}, "unverified"),
    ],
)
def test_who_is_unknown_or_unverified_is_told_so_and_nobody_is_made(comes, works, ann, claims, trouble):
    works.knows(u9=claims)
    came = comes("u9", wanted="/calls")
    assert (came.trouble, came.place.path) == (trouble, "/login")
    page = came.client.get(came.answer.headers["location"]).text
    assert TROUBLES[trouble].split("'")[0] in page
    assert 'name="next" value="/calls"' in page
    assert "/sso?next=%2Fcalls&amp;again=1" in page
    assert linked() == []


def test_an_address_of_which_nothing_is_said_counts_where_the_settings_say_so(comes, works, ann, monkeypatch):
    monkeypatch.setenv("OIDC_TRUST_EMAIL", "true")
    settings.cache_clear()
    works.knows(u1={"email": "ann@example.org", "email_verified": False}, u2={"email": "ann@example.org"})
    assert comes("u1").trouble == "unverified"
    assert comes("u2").who == "ann@example.org"


@pytest.mark.parametrize("before", [True, False])
def test_a_deactivated_person_is_refused(comes, ann, before):
    if before:
        comes()
    change(ann, active=False)
    assert comes().trouble == "deactivated"


def test_coming_in_uses_an_invitation_up(comes, ann):
    with db.writing() as session:
        links.issue(session, ann, LinkPurpose.INVITE)
    comes()
    with db.reading() as session:
        assert session.exec(select(OneTimeLink)).one().used_at is not None


def test_after_trouble_the_provider_is_asked_to_ask_again(visitor, works):
    first, again = (visitor().get("/sso", params=given).headers["location"] for given in ({}, {"again": "1"}))
    assert ("prompt=login" in first, "prompt=login" in again) == (False, True)


def test_the_way_there_carries_state_nonce_and_a_challenge(visitor, works):
    answer = visitor().get("/sso")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))
    assert asked["redirect_uri"] == ["http://testserver/sso/callback"]
    cookie = answer.headers["set-cookie"]
    assert ("HttpOnly" in cookie, "SameSite=lax" in cookie, "Max-Age=600" in cookie) == (True, True, True)
