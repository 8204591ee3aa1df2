"""A session that somebody else has: planted before the sign-in, or kept after it ended, with a page still open."""

from collections.abc import Callable

import httpx
import pytest
from sqlmodel import col, delete, select, update

from records import access, db, people_edits, sessions
from records.people import Assignment, User, WebSession
from records.roles import Role
from tests.dashboard.conftest import PASSWORD, password_hash
from tests.dashboard.forms import token_in
from tests.records.made import person, stored_call, stored_campaign
from tests.website import Website, page_socket, run_page, text_of

__all__ = ["password_hash"]  # a fixture made elsewhere

SECRET = "secret.wav"
OUT = "You are signed out"


@pytest.fixture
def mia(home, password_hash) -> User:
    """A Manager of Support, where there is a call; and somebody who may change her account."""
    with db.writing() as session:
        support = stored_campaign(session, "Support")
        stored_call(session, support, filename=SECRET)
        user = person(session, Role.MANAGER, support)
        user.password_hash = password_hash
        person(session, Role.OWNER)
    return user


def started(user: User) -> str:
    with db.writing() as session:
        return sessions.start(session, user)


def posted(where: str) -> Callable[[Website, User, str], None]:
    def send(site: Website, _user: User, token: str) -> None:
        cookies = {"Cookie": f"tv_session={token}", "Sec-Fetch-Site": "same-origin"}
        assert httpx.post(site.address + where, headers=cookies).status_code == 303

    return send


def by_the_owner(change: Callable[..., object], *given: object) -> Callable[[Website, User, str], None]:
    def act(_site: Website, user: User, _token: str) -> None:
        with db.writing() as session:
            owner = session.exec(select(User).where(User.role == Role.OWNER)).one()
            change(session, access.identity(session, owner), user.id, *given)

    return act


def over(_site: Website, user: User, _token: str) -> None:
    with db.writing() as session:
        session.exec(update(WebSession).where(col(WebSession.user_id) == user.id).values(expires_at=db.now()))


ENDS = {
    "signed out": posted("/logout"),
    "signed out everywhere": posted("/logout_everywhere"),
    "another role": by_the_owner(people_edits.set_role, Role.AGENT),
    "deactivated": by_the_owner(people_edits.deactivate),
    "another password": by_the_owner(people_edits.set_password, "a hash"),
    "expired": over,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_whoever_kept_the_cookie_or_a_page_open_sees_no_more(site: Website, mia, end):
    token = started(mia)
    cookie = f"tv_session={token}"
    with page_socket(site, Cookie=cookie) as opened:
        assert SECRET in text_of(run_page(opened))
        end(site, mia, token)
        text = text_of(run_page(opened))
        assert (OUT in text, SECRET in text) == (True, False)
    with page_socket(site, Cookie=cookie) as opened:
        assert OUT in text_of(run_page(opened))
    for path in ("/calls.csv", "/api/v1/calls", "/recordings/x", "/password"):
        assert httpx.get(site.address + path, headers={"Cookie": cookie}).status_code == 401, path


def test_who_is_taken_off_a_campaign_sees_no_more_of_it_on_the_page_that_is_open(site: Website, mia):
    with page_socket(site, Cookie=f"tv_session={started(mia)}") as opened:
        assert SECRET in text_of(run_page(opened))
        with db.writing() as session:
            session.exec(delete(Assignment).where(col(Assignment.user_id) == mia.id))
        assert SECRET not in text_of(run_page(opened))


@pytest.mark.parametrize("planted", ["planted", "another's"])
def test_a_cookie_that_was_planted_before_the_sign_in_opens_nothing_after_it(site: Website, mia, planted):
    with db.writing() as session:
        other = person(session, Role.AGENT)
    value = started(other) if planted == "another's" else planted
    with httpx.Client(base_url=site.address, timeout=60) as browser:
        form = token_in(browser.get("/login").text)
        cookies = {"Cookie": f"tv_session={value}; tv_form={browser.cookies['tv_form']}"}
        given = {"email": mia.email, "password": PASSWORD, "form_token": form}
        answer = httpx.post(f"{site.address}/login", data=given, headers={**cookies, "Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 303
        assert answer.cookies["tv_session"] != value
    assert httpx.get(f"{site.address}/calls.csv", headers={"Cookie": f"tv_session={value}"}).status_code == 401
