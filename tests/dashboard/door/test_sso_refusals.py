"""Single sign-on that is forged, replayed or broken: a sentence each time, and nobody comes in by it."""

import json
import secrets
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from config import settings
from tests.clients.identity import identity_provider as running
from tests.dashboard.door.conftest import ANN, Came


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


def test_the_cookie_never_grows_beyond_what_browsers_keep(visitor, works, ann):
    client = visitor()
    long = ["/calls?q=" + secrets.token_hex(size) for size in (300, 700, 700, 700, 3000)]
    begun = [client.get("/sso", params={"next": wanted}) for wanted in long]
    assert all(len(answer.headers["set-cookie"]) < 4096 for answer in begun)
    arrived = client.get(works.signs_in(begun[-1].headers["location"], "u1"))
    assert arrived.headers["location"] == "/", "too long to remember; the person is in all the same"


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


@pytest.mark.parametrize("said", [b"{}", b'{"issuer": "me"}', b"[]", b"<html>"])
def test_a_provider_that_talks_nonsense_is_asked_anew_the_next_time(visitor, works, monkeypatch, said):
    really = httpx2.Response.json
    monkeypatch.setattr(httpx2.Response, "json", lambda _: json.loads(said))
    client = visitor()
    assert Came(client, client.get("/sso")).trouble == "away"
    monkeypatch.setattr(httpx2.Response, "json", really)
    assert client.get("/sso").headers["location"].startswith(works.issuer)


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
