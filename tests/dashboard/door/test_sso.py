"""Single sign-on against a real identity provider: who comes in, who does not, and what cannot be replayed."""

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from config import settings
from dashboard.door import identity_provider
from dashboard.door.signin import TROUBLES
from records import db, links, sessions
from records.audit import AuditEntry
from records.people import LinkPurpose, OneTimeLink, OutsideAccount, User
from tests.clients.identity import IdentityProvider
from tests.clients.identity import identity_provider as running
from tests.clients.node import node_modules

__all__ = ["node_modules"]  # a fixture made elsewhere

ANN = {"email": "Ann@Example.org", "email_verified": True}
Comes = Callable[..., "Came"]


class Came:
    """Where somebody stands after the way to the provider and back."""

    def __init__(self, client, answer) -> None:
        self.client, self.answer = client, answer
        self.place = urlsplit(answer.headers["location"])
        self.trouble = parse_qs(self.place.query).get("trouble", [""])[0]
        self.who = client.get("/calls").json()["who"] if not self.trouble else None


@pytest.fixture(scope="module")
def _provider(node_modules, tmp_path_factory) -> Iterator[IdentityProvider]:
    with running(node_modules, tmp_path_factory.mktemp("idp"), "http://testserver/sso/callback") as provider:
        yield provider


@pytest.fixture
def works(_provider, monkeypatch, home) -> IdentityProvider:
    """The company's provider, which knows Ann and is set up here."""
    for name, value in {**_provider.settings, "TOTALVIEW_PUBLIC_URL": "http://testserver"}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    identity_provider._client.cache_clear()
    _provider.knows(u1=ANN)
    return _provider


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


# --- what is forged, replayed or broken


def test_another_browser_cannot_use_the_answer(visitor, works, ann):
    begun = visitor().get("/sso")
    back = works.signs_in(begun.headers["location"], "u1")
    other = visitor()
    other.get("/sso")
    assert Came(other, other.get(back)).trouble == "stale"


@pytest.mark.parametrize("state", ["", "made-up"])
def test_a_state_that_was_not_begun_here_is_refused(visitor, works, ann, state):
    client = visitor()
    back = works.signs_in(client.get("/sso").headers["location"], "u1")
    query = parse_qs(urlsplit(back).query)
    assert Came(client, client.get("/sso/callback", params={**query, "state": state})).trouble == "stale"


def test_an_answer_counts_once(visitor, works, ann):
    client = visitor()
    begun = client.get("/sso")
    kept = client.cookies.get("tv_sso", domain="testserver.local")
    back = works.signs_in(begun.headers["location"], "u1")
    assert Came(client, client.get(back)).who == "ann@example.org"
    assert Came(client, client.get(back)).trouble == "stale"
    thief = visitor()
    thief.cookies.set("tv_sso", kept)  # with a copy of the cookie too: the provider gives nothing twice
    assert Came(thief, thief.get(back)).trouble == "unusable"


def test_two_tabs_at_once_both_arrive(visitor, works, ann):
    client = visitor()
    begun = [client.get("/sso", params={"next": wanted}).headers["location"] for wanted in ("/calls", "/people")]
    arrived = [client.get(works.signs_in(address, "u1")).headers["location"] for address in begun]
    assert arrived == ["/calls", "/people"]


def test_a_code_swapped_for_another_sign_in_s_is_refused(visitor, works, ann):
    """PKCE and the nonce: a code is good only where it was asked for."""
    mine, theirs = visitor(), visitor()
    back = urlsplit(works.signs_in(theirs.get("/sso").headers["location"], "u1"))
    state = parse_qs(urlsplit(mine.get("/sso").headers["location"]).query)["state"][0]
    code = parse_qs(back.query)["code"][0]
    assert Came(mine, mine.get("/sso/callback", params={"code": code, "state": state})).trouble == "unusable"


def test_an_answer_in_another_provider_s_name_is_refused(visitor, works, ann):
    client = visitor()
    back = works.signs_in(client.get("/sso").headers["location"], "u1")
    query = {**parse_qs(urlsplit(back).query), "iss": "https://elsewhere.example"}
    assert Came(client, client.get("/sso/callback", params=query)).trouble == "unusable"


@pytest.mark.parametrize(("error", "trouble"), [("access_denied", "denied"), ("server_error", "away")])
def test_an_error_of_the_provider_s_is_a_sentence(visitor, works, error, trouble):
    client = visitor()
    state = parse_qs(urlsplit(client.get("/sso").headers["location"]).query)["state"][0]
    came = Came(client, client.get("/sso/callback", params={"error": error, "state": state}))
    assert came.trouble == trouble


def test_a_provider_that_is_away_is_a_sentence(visitor, works, monkeypatch):
    monkeypatch.setenv("OIDC_ISSUER", "http://127.0.0.1:9")
    settings.cache_clear()
    client = visitor()
    came = Came(client, client.get("/sso?next=/calls"))
    assert came.trouble == "away"
    assert "does not answer just now" in client.get(came.answer.headers["location"]).text


def test_a_provider_that_goes_away_in_the_middle_is_a_sentence(node_modules, visitor, tmp_path, monkeypatch, ann):
    with running(node_modules, tmp_path, "http://testserver/sso/callback") as brief:
        for name, value in {**brief.settings, "TOTALVIEW_PUBLIC_URL": "http://testserver"}.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        brief.knows(u1=ANN)
        client = visitor()
        back = brief.signs_in(client.get("/sso").headers["location"], "u1")
        brief.stop()
        assert Came(client, client.get(back)).trouble == "away"


def test_a_provider_that_calls_itself_otherwise_is_not_used(visitor, works, monkeypatch):
    monkeypatch.setenv("OIDC_ISSUER", works.issuer.replace("127.0.0.1", "localhost"))
    settings.cache_clear()
    client = visitor()
    assert Came(client, client.get("/sso")).trouble == "away"


def test_without_a_provider_there_is_no_button_and_no_way(visitor, home):
    client = visitor()
    assert "Continue with" not in client.get("/login").text
    assert client.get("/sso").headers["location"] == "/login?next=%2F"
    assert Came(client, client.get("/sso/callback?code=x&state=y")).trouble == "stale"


def test_the_button_bears_the_provider_s_name_and_nothing_else(visitor, works, monkeypatch):
    monkeypatch.setenv("OIDC_NAME", "<b>Works</b>")
    settings.cache_clear()
    page = visitor().get("/login?next=/calls").text
    assert ">Continue with &lt;b&gt;Works&lt;/b&gt;</a>" in page
    assert 'href="/sso?next=%2Fcalls"' in page


def test_words_come_only_from_our_own_list(visitor, works):
    page = visitor().get("/login?trouble=<script>alert(1)</script>").text
    assert "<script" not in page
    assert 'role="alert"' not in page
