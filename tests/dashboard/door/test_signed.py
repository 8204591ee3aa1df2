"""Cookies that a browser keeps for us: nobody else can write them, and none counts for ever."""

import pytest
from itsdangerous import timed
from starlette.requests import Request
from starlette.responses import Response

from dashboard.door.signed import SignedCookie

FACTS = {"next": "/calls"}
COOKIE, OTHER = SignedCookie("test", 600), SignedCookie("other", 600)


def brought(value: str, name: str = "tv_test") -> Request:
    return Request({"type": "http", "headers": [(b"cookie", f"{name}={value}".encode())]})


def test_what_was_written_is_read(home):
    assert COOKIE.read(brought(COOKIE.sealed(FACTS))) == FACTS


@pytest.mark.parametrize("spoilt", ["", "x", "a.b.c", "{}", "é"])
def test_what_others_wrote_says_nothing(home, spoilt):
    assert COOKIE.read(brought(spoilt)) == {}
    assert COOKIE.read(brought(COOKIE.sealed(FACTS)[:-1])) == {}


def test_a_cookie_of_another_purpose_says_nothing(home):
    assert COOKIE.read(brought(OTHER.sealed(FACTS))) == {}


def test_one_that_is_too_old_says_nothing_whatever_the_browser_thinks(home, monkeypatch):
    sealed = COOKIE.sealed(FACTS)
    really = timed.time.time
    monkeypatch.setattr(timed.time, "time", lambda: really() + 599)
    assert COOKIE.read(brought(sealed)) == FACTS
    monkeypatch.setattr(timed.time, "time", lambda: really() + 602)
    assert COOKIE.read(brought(sealed)) == {}


def test_nothing_to_say_takes_the_cookie_back(home):
    response = Response()
    COOKIE.write(response, COOKIE.sealed({}))
    assert "Max-Age=0" in response.headers["set-cookie"]


def test_behind_tls_it_is_secure_and_bound_to_this_host(home, reached_at):
    reached_at("https://calls.example.com")
    response = Response()
    COOKIE.write(response, COOKIE.sealed(FACTS))
    told = response.headers["set-cookie"]
    assert told.startswith("__Host-tv_test=")
    assert all(word in told for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"))
