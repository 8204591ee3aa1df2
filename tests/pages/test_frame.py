"""Who gets which menu, and what a stranger sees."""

import ast

import pytest
from streamlit.errors import StreamlitAPIException
from streamlit.testing.v1 import AppTest

from dashboard import guard, mishap
from dashboard.navigation import MENU, PAGES
from records import db, sessions
from records.people import User
from records.roles import Role
from tests.pages.conftest import mounted, shown
from tests.records.made import person, stored_call

SIGNED_OUT = "You are signed out"


def test_every_page_in_the_menu_is_there_and_every_page_is_in_the_menu():
    assert {entry.file for entry in MENU} == {path.name for path in PAGES.glob("*.py")}


@pytest.mark.parametrize("name", ["olivia", "sam", "carla", "mia", "adam"])
def test_everybody_arrives_at_home(cast, see, name):
    at = see(getattr(cast, name))
    assert not at.exception
    assert at.title[0].value == "Home"


def frame(at) -> str:
    """The box in the menu, as HTML."""
    return next(
        each.proto.body for each in at.get("html") if "tv-who" in each.proto.body and "<form" in each.proto.body
    )


@pytest.mark.parametrize("name", ["olivia", "adam"])
def test_the_frame_says_who_is_signed_in_and_offers_the_way_out(cast, see, name):
    user = getattr(cast, name)
    box = frame(see(user))
    assert user.email in box
    assert 'action="/logout"' in box
    assert ">Sign out</button>" in box


def test_an_address_in_the_frame_is_text(home, see):
    with db.writing() as session:
        user = person(session, Role.OWNER)
        user.email = "<img src=x onerror=alert(1)>@example.org"
    box = frame(see(user))
    assert "<img" not in box
    assert "&lt;img" in box


@pytest.mark.parametrize("page", ["", "calls.py", "call.py"])
def test_a_stranger_is_told_to_sign_in_whatever_the_page(cast, see, page):
    with db.writing() as session:
        stored_call(session, cast.support, filename="secret.wav")
    at = see(None)
    if page:
        with pytest.raises(ValueError, match="page"):
            at.switch_page(str(PAGES / page))
    assert at.title[0].value == SIGNED_OUT
    assert mounted(at) == []
    assert any('action="/login"' in each.proto.body for each in at.get("html"))
    assert "secret" not in str(at.main)


@pytest.mark.parametrize("sid", ["", "x" * 64, 7, None, True])
def test_a_made_up_session_is_a_strangers(cast, see, sid):
    at = see(None)
    at.user = {"sid": sid}
    at.run()
    assert at.title[0].value == SIGNED_OUT


@pytest.mark.parametrize("how", ["signed out everywhere", "deactivated"])
def test_a_session_that_ends_while_the_page_is_open_is_noticed_at_the_next_run(cast, see, how):
    at = see(cast.olivia, "calls.py")
    assert at.title[0].value == "Calls"
    with db.writing() as session:
        if how == "deactivated":
            session.get_one(User, cast.olivia.id).active = False
        else:
            sessions.end_all(session, cast.olivia)
    at.run()
    assert at.title[0].value == SIGNED_OUT
    assert mounted(at) == []


@pytest.mark.parametrize("page", ["calls.py", "call.py", "home.py"])
def test_a_page_run_without_its_entry_shows_nothing_to_a_stranger(cast, page):
    with db.writing() as session:
        stored_call(session, cast.support, filename="secret.wav")
    at = AppTest.from_file(PAGES / page, default_timeout=60)
    at.user = {"sid": None}
    at.run()
    assert at.title[0].value == SIGNED_OUT
    assert mounted(at) == []


def test_a_new_role_counts_at_the_next_run(cast, see):
    with db.writing() as session:
        stored_call(session, cast.sales, filename="sales.wav")
    at = see(cast.olivia, "calls.py")
    assert len(shown(at, "table")["rows"]) == 1
    with db.writing() as session:
        session.get_one(User, cast.olivia.id).role = Role.AGENT
    at.run()
    assert "table" not in mounted(at)


def test_a_role_without_the_permission_finds_no_page(cast, see, monkeypatch):
    at = see(cast.adam)
    monkeypatch.setattr(guard, "scope_of", lambda *_: None)
    at.run()
    assert at.title[0].value == "There is no such page"
    assert mounted(at) == []


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.py")), ids=lambda path: path.name)
def test_every_fragment_asks_again_who_it_is(path):
    """A fragment's run skips the page's first line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and any("fragment" in ast.unparse(each) for each in node.decorator_list):
            _docstring, first, *_ = node.body
            assert ast.unparse(first).removeprefix("who = ").startswith("require("), f"{path.name}: {node.name}"


def test_a_page_that_breaks_shows_a_sentence_and_logs_the_rest(caplog, monkeypatch):
    words = []
    monkeypatch.setattr(mishap.st, "error", lambda text, **_: words.append(text))
    assert mishap.shown(StreamlitAPIException("secret detail"))
    assert "Load it again" in words[0]
    assert "secret detail" not in words[0]
    assert "secret detail" in caplog.text


def test_signing_in_again_leads_back_to_the_page_that_was_open(cast, see):
    at = see(None)
    at.context = {"url": "http://testserver/call"}
    at.query_params["id"] = 'abc"><b>'
    at.run()
    form = next(
        each.proto.body for each in at.get("html") if "tv-sign-in" in each.proto.body and "<form" in each.proto.body
    )
    assert 'name="next" value="/call?id=abc%22%3E%3Cb%3E"' in form
