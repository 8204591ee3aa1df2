"""Signing in and out."""

import pytest
from argon2 import PasswordHasher
from sqlmodel import select

from dashboard.door.signin import WRONG, safe_next
from records import db, sessions
from records.people import User, WebSession
from records.roles import Role
from tests.dashboard.conftest import PASSWORD
from tests.dashboard.forms import FROM_HERE, send, token_in


def signed_in(token: str | None) -> bool:
    with db.reading() as session:
        return bool(token) and sessions.find(session, token or "") is not None


def test_the_right_password_signs_in_and_leads_where_one_wanted_to_go(visitor, ann):
    client = visitor()
    answer = send(client, "/login?next=%2Fcall%3Fid%3Dabc", email=" ANN@Example.org ", password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/call?id=abc")
    assert signed_in(client.cookies["tv_session"])


@pytest.mark.parametrize(
    ("email", "password"),
    [("ann@example.org", "wrong horse battery"), ("nobody@example.org", PASSWORD), ("a\x00b@example.org", PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_person_get_the_same_words(visitor, ann, email, password):
    client = visitor()
    answer = send(client, "/login", email=email, password=password)
    assert (answer.status_code, WRONG in answer.text) == (401, True)
    assert "tv_session" not in client.cookies
    assert password not in answer.text


def test_the_typed_address_stays_and_the_password_does_not(visitor, ann):
    answer = send(visitor(), "/login", email='ann"><script>@example.org', password="wrong horse battery")
    assert 'value="ann&quot;&gt;&lt;script&gt;@example.org"' in answer.text
    assert "<script>" not in answer.text
    assert "wrong horse battery" not in answer.text


def test_what_is_missing_is_said_beside_its_field(visitor, ann):
    answer = send(visitor(), "/login", email="", password=" ")
    assert answer.status_code == 422
    assert 'id="email-note">Write your email.' in answer.text
    assert 'id="password-note">Write your password.' in answer.text


@pytest.mark.parametrize("fact", ["deactivated", "without password"])
def test_who_may_not_sign_in_gets_the_words_of_a_wrong_password(visitor, ann, fact):
    with db.writing() as session:
        user = session.get_one(User, ann.id)
        user.active = fact != "deactivated"
        user.password_hash = None if fact == "without password" else user.password_hash
    answer = send(visitor(), "/login", email="ann@example.org", password=PASSWORD)
    assert (answer.status_code, WRONG in answer.text) == (401, True)


def test_every_sign_in_is_a_new_token_and_ends_the_one_that_the_browser_brought(visitor, ann):
    client, planted = visitor(), "planted-by-somebody-else-0000000000000000000"
    client.cookies.set("tv_session", planted, domain="testserver.local")
    send(client, "/login", email="ann@example.org", password=PASSWORD)
    first = client.cookies["tv_session"]
    fields = {"form_token": client.cookies["tv_form"], "email": "ann@example.org", "password": PASSWORD}
    client.post("/login", data=fields, headers=FROM_HERE)
    second = client.cookies["tv_session"]
    assert len({planted, first, second}) == 3
    assert (signed_in(first), signed_in(second)) == (False, True)
    with db.reading() as session:
        assert len(session.exec(select(WebSession)).all()) == 1


def test_signing_in_changes_the_form_token_too(visitor, ann):
    client = visitor()
    client.get("/login")
    before = client.cookies["tv_form"]
    send(client, "/login", email="ann@example.org", password=PASSWORD)
    assert client.cookies["tv_form"] != before


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(visitor, ann):
    answer = send(visitor(), "/login", email="ann@example.org", password=PASSWORD)
    session_cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("tv_session="))
    assert "HttpOnly" in session_cookie
    assert "SameSite=lax" in session_cookie
    assert "Max-Age=43200" in session_cookie
    assert "Secure" not in session_cookie


def test_behind_tls_the_cookies_are_secure_and_bound_to_this_host(visitor, ann, reached_at):
    reached_at("https://calls.example.com")
    client = visitor(at="https://calls.example.com")
    here = {"Origin": "https://calls.example.com", "Sec-Fetch-Site": "same-origin"}
    answer = send(client, "/login", headers=here, email="ann@example.org", password=PASSWORD)
    assert answer.status_code == 303
    lines = answer.headers.get_list("set-cookie")
    assert {line.split("=")[0] for line in lines} == {
        "__Host-tv_session",
        "__Host-tv_form",
        "__Host-tv_known",
    }
    assert all("Secure" in line and "Path=/" in line and "Domain" not in line for line in lines)
    assert client.get("/calls").json()["who"] == "ann@example.org"
    gone = client.post("/logout", headers=here).headers.get_list("set-cookie")
    assert len(gone) == 2
    assert all("Max-Age=0" in line and "Secure" in line and "HttpOnly" in line for line in gone), "else it stays"


def test_a_hash_of_older_parameters_is_made_anew_at_the_next_sign_in(visitor, ann):
    with db.writing() as session:
        old = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
        session.get_one(User, ann.id).password_hash = old
    assert send(visitor(), "/login", email="ann@example.org", password=PASSWORD).status_code == 303
    with db.reading() as session:
        renewed = session.get_one(User, ann.id).password_hash
    assert renewed != old
    assert send(visitor(), "/login", email="ann@example.org", password=PASSWORD).status_code == 303


def test_who_is_signed_in_already_is_sent_on(visitor, ann):
    answer = visitor(ann).get("/login?next=/call?id=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/call?id=1")


def test_without_an_owner_the_page_says_how_to_become_one(visitor, home):
    assert "totalview user setup-link" in visitor().get("/login").text


def test_with_an_owner_the_page_says_nothing_of_set_up(visitor, ann):
    assert "setup-link" not in visitor().get("/login").text


def test_a_manager_is_no_owner(visitor, home):
    with db.writing() as session:
        session.add(User(email="m@example.org", name="M", role=Role.MANAGER))
    assert "totalview user setup-link" in visitor().get("/login").text


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "\t//evil.test",
        "javascript:alert(1)",
        "evil.test",
        "/\r\nSet-Cookie: a=b",
        "",
        None,
        "/",
        "/login",
        "/login?next=/login",
        "/logout",
        "/setup?token=x",
    ],
)
def test_signing_in_leads_nowhere_else(wanted):
    assert safe_next(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/calls", "/call?id=abc", "/calls?q=a%2F%2Fb&status=failed", "/calls?q=café"])
def test_signing_in_leads_to_the_page_that_was_wanted(wanted):
    assert safe_next(wanted) == wanted


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
    ],
)
def test_a_form_sent_by_another_site_signs_nobody_in(visitor, ann, headers):
    client = visitor()
    answer = send(client, "/login", headers=headers, email="ann@example.org", password=PASSWORD)
    assert (answer.status_code, "tv_session" in client.cookies) == (403, False)
    assert "send it again" in answer.text
    assert 'value="ann@example.org"' in answer.text


@pytest.mark.parametrize("token", ["", "made-up"])
def test_a_form_without_its_token_signs_nobody_in(visitor, ann, token):
    client = visitor()
    client.get("/login")
    fields = {"email": "ann@example.org", "password": PASSWORD, "form_token": token}
    assert client.post("/login", data=fields, headers=FROM_HERE).status_code == 403


def test_a_browser_without_cookies_is_asked_to_send_the_form_again(visitor, ann):
    client = visitor()
    page = client.get("/login")
    client.cookies.clear()
    fields = {"email": "ann@example.org", "password": PASSWORD, "form_token": token_in(page.text)}
    assert client.post("/login", data=fields, headers=FROM_HERE).status_code == 403


def test_signing_out_ends_the_session_and_takes_the_cookie_back(visitor, ann):
    client = visitor(ann)
    token = client.cookies["tv_session"]
    answer = client.post("/logout", headers=FROM_HERE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not signed_in(token)
    assert any(line.startswith("tv_session=") and "Max-Age=0" in line for line in answer.headers.get_list("set-cookie"))
    client.cookies.set("tv_session", token)
    assert client.get("/calls").status_code == 303, "a copied cookie is worth nothing"


def test_another_site_cannot_sign_anybody_out(visitor, ann):
    client = visitor(ann)
    token = client.cookies["tv_session"]
    assert client.post("/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert signed_in(token)


def test_a_link_signs_nobody_out(visitor, ann):
    client = visitor(ann)
    client.get("/logout")
    assert signed_in(client.cookies["tv_session"])


def test_signing_out_twice_is_no_error(visitor, ann):
    client = visitor(ann)
    assert [client.post("/logout", headers=FROM_HERE).status_code for _ in range(2)] == [303, 303]
