"""The page behind the one-time link."""

from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from records import db, setup
from records.people import User
from records.setup import SPENT, TAKEN
from tests.dashboard.forms import send

TYPED = {"name": "Ann", "email": "ann@example.org", "password": "correct horse battery"}


@pytest.fixture
def link(home) -> str:
    """The path and query of a fresh set-up link."""
    with db.writing() as session:
        whole = urlsplit(setup.owner_link(session) or "")
    return f"{whole.path}?{whole.query}"


def people() -> list[str]:
    with db.reading() as session:
        return [user.email for user in session.exec(select(User)).all()]


def test_the_link_makes_the_owner_who_is_signed_in_at_once(visitor, link):
    client = visitor()
    answer = send(client, link, **TYPED)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/calls").json()["who"] == "ann@example.org"


def test_the_fields_and_the_button_bear_the_promised_words(visitor, link):
    page = visitor().get(link).text
    for label in ("Name", "Email", "Password"):
        assert f">{label}</label>" in page
    assert ">Create owner account</button>" in page


def test_what_is_wrong_is_said_beside_the_field_and_the_rest_stays(visitor, link):
    client = visitor()
    answer = send(client, link, name="Ann <b>", email="nonsense", password="short")
    assert answer.status_code == 422
    assert 'id="email-note">Write a whole address' in answer.text
    assert 'id="password-note">Use at least 12 characters.' in answer.text
    assert 'value="Ann &lt;b&gt;"' in answer.text
    assert "short" not in answer.text
    assert people() == []
    assert send(client, link, **TYPED).status_code == 303, "the link is still good"


@pytest.mark.parametrize("path", ["/setup", "/setup?token=", "/setup?token=guessed"])
def test_a_wrong_link_says_so_and_shows_no_form(visitor, home, path):
    answer = visitor().get(path)
    assert answer.status_code == 410
    assert SPENT in answer.text
    assert "<form" not in answer.text


def test_a_used_link_says_that_there_is_an_owner(visitor, link):
    send(visitor(), link, **TYPED)
    answer = visitor().get(link)
    assert (answer.status_code, TAKEN in answer.text) == (410, True)


def test_of_two_open_forms_the_second_makes_nobody(visitor, link):
    slow, quick = visitor(), visitor()
    slow.get(link)
    page = send(quick, link, **TYPED)
    assert page.status_code == 303
    answer = slow.post(
        "/setup",
        data={**TYPED, "email": "eve@example.org", "token": link.split("=")[1], "form_token": slow.cookies["tv_form"]},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert (answer.status_code, TAKEN in answer.text) == (410, True)
    assert people() == ["ann@example.org"]


def test_a_form_of_another_site_makes_nobody(visitor, link):
    answer = send(visitor(), link, headers={"Sec-Fetch-Site": "cross-site"}, **TYPED)
    assert answer.status_code == 403
    assert people() == []
