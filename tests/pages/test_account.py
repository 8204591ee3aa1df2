"""One's own account: everybody sees theirs, and can end their own sessions and nobody else's."""

import pytest
from sqlmodel import delete

from config import settings
from records import db, sessions
from records.people import Assignment, OutsideAccount, User
from tests.house_rules import ROOT
from tests.pages.conftest import Cast, session_of, shown


def facts(at) -> dict[str, str]:
    return dict(shown(at, "facts")["pairs"])


def texts(at) -> list[str]:
    return [each.value for each in at.text]


def captions(at) -> str:
    return "\n".join(each.value for each in at.caption)


def html(at) -> str:
    return "".join(each.proto.body for each in at.get("html"))


@pytest.mark.parametrize(
    ("name", "role", "reach"),
    [
        ("olivia", "Owner: may do everything", "All"),
        ("sam", "Senior Manager: sets campaigns, keys and people up", "All"),
        ("carla", "Compliance Officer: sees and reviews the calls", "All"),
        ("mia", "Manager: looks after the calls and agents", "Support"),
        ("adam", "Agent: sees the calls that are one's own", "Wherever you have calls"),
    ],
)
def test_everybody_sees_who_they_are_here(see, cast: Cast, name, role, reach):
    user = getattr(cast, name)
    at = see(user, "account.py")
    assert not at.exception
    told = facts(at)
    assert (told["Name"], told["Email"], told["Campaigns"]) == (user.name, user.email, reach)
    assert told["Role"].startswith(role)
    assert told.get("Agent") == ("Ada Moss" if name == "adam" else None)


def test_a_stranger_is_signed_out_and_sees_nothing(see, cast: Cast):
    at = see(None)
    assert at.title[0].value == "You are signed out"
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        at.switch_page(str(ROOT / "pages" / "account.py"))


@pytest.mark.parametrize(("name", "words"), [("mia", "None yet. Ask an Owner"), ("adam", "not linked to an agent")])
def test_who_sees_nothing_is_told_whom_to_ask(see, cast: Cast, name, words):
    with db.writing() as session:
        user = session.get_one(User, getattr(cast, name).id)
        user.agent_id = None
        session.exec(delete(Assignment).where(Assignment.user_id == user.id))
    assert words in facts(see(getattr(cast, name), "account.py"))["Campaigns"]


def test_a_name_is_text_whatever_it_holds(see, cast: Cast):
    nasty = "**Bob** <img src=x> :red[x] $x$ 🎧"
    with db.writing() as session:
        session.get_one(User, cast.mia.id).name = nasty
    at = see(cast.mia, "account.py")
    assert facts(at)["Name"] == nasty
    assert nasty not in captions(at) + html(at)


def test_every_browser_is_listed_and_the_present_one_first(see, cast: Cast):
    with db.writing() as session:
        sessions.start(session, cast.mia, browser="Firefox on Windows")
        sessions.start(session, cast.mia, browser="Safari on iPhone")
        sessions.start(session, cast.sam, browser="Edge on Windows")
    at = see(cast.mia, "account.py")
    assert texts(at) == ["Unknown browser", "Safari on iPhone", "Firefox on Windows"]
    assert [each.label for each in at.button if each.label == "Sign out"] == ["Sign out"] * 2


def test_one_of_one_s_own_browsers_can_be_signed_out(see, cast: Cast):
    with db.writing() as session:
        token = sessions.start(session, cast.mia, browser="Firefox on Windows")
    at = see(cast.mia, "account.py")
    at.button[0].click().run()
    assert not at.exception
    assert texts(at) == ["Unknown browser"]
    assert at.toast[0].value == "That browser is signed out\\."
    with db.reading() as session:
        assert sessions.find(session, token) is None


def test_nobody_ends_a_session_of_somebody_else(cast: Cast):
    other = session_of(cast.olivia)
    with db.writing() as session:
        who = sessions.find(session, sessions.start(session, cast.mia))
        sessions.end_one(session, who, other)
    with db.reading() as session:
        assert sessions.find_hashed(session, other)


def test_a_button_of_a_session_that_ended_meanwhile_does_nothing(see, cast: Cast):
    with db.writing() as session:
        token = sessions.start(session, cast.mia, browser="Firefox on Windows")
    at = see(cast.mia, "account.py")
    with db.writing() as session:
        sessions.end_one(session, sessions.find(session, token), at.user["sid"])
    at.button[0].click().run()
    assert at.title[0].value == "You are signed out"
    with db.reading() as session:
        assert sessions.find(session, token)


def test_the_way_to_another_password_is_there_for_those_who_have_one(see, cast: Cast):
    assert 'action="/password"' not in html(see(cast.mia, "account.py"))
    with db.writing() as session:
        session.get_one(User, cast.mia.id).password_hash = "some hash"
    assert 'action="/password"' in html(see(cast.mia, "account.py"))


def test_who_comes_in_by_single_sign_on_reads_so(see, cast: Cast, monkeypatch):
    monkeypatch.setenv("OIDC_NAME", "Example *Works*")
    settings.cache_clear()
    with db.writing() as session:
        session.add(OutsideAccount(issuer="https://works.example", subject="u1", user_id=cast.mia.id))
    told = captions(see(cast.mia, "account.py"))
    assert r"You can come in by Example \*Works\*" in told
    assert "You have no password here" in told


def test_the_form_that_signs_out_everywhere_posts(see, cast: Cast):
    assert '<form class="tv-act" method="post" action="/logout_everywhere"' in html(see(cast.adam, "account.py"))


def test_a_changed_password_is_said_once(see, cast: Cast):
    at = see(cast.mia, "account.py", password="changed")
    assert at.toast[0].value.startswith("Your password is changed.")
    assert "password" not in at.query_params
    assert not at.run().toast
