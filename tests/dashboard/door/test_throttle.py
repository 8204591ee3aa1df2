"""Wrong guesses are bounded, for whoever makes them, and nobody can shut an owner out from elsewhere."""

import logging

import pytest
from starlette.requests import Request

from dashboard.door import throttle
from dashboard.door.throttle import ADDRESS, ANYWHERE, CHANGE, HERE, LINKS
from jobs import guesses, rates
from jobs.guesses import Bound, TooMany
from records import db, setup
from tests.dashboard.conftest import PASSWORD
from tests.dashboard.forms import FROM_HERE, send
from tests.installation import installed

WRONG = "wrong horse battery"


@pytest.fixture
def quick(monkeypatch):
    """A password check that takes no time: these tests count guesses."""
    monkeypatch.setattr("records.passwords.matches", lambda password, stored: bool(stored) and password == PASSWORD)


def at(place: str) -> dict[str, str]:
    """From another address, as uvicorn tells it once it has read what a proxy says."""
    return {"x-test-address": place}


@pytest.fixture
def from_anywhere(monkeypatch):
    """The address that a request names is where it comes from."""
    monkeypatch.setattr(throttle, "address", lambda request: request.headers.get("x-test-address", "192.0.2.1"))


def guess(client, password=WRONG, email="ann@example.org", place="192.0.2.1"):
    if "tv_form" not in client.cookies:
        client.get("/login")
    fields = {"form_token": client.cookies["tv_form"], "email": email, "password": password, "next": "/calls"}
    return client.post("/login", data=fields, headers={**FROM_HERE, **at(place)})


def test_after_ten_wrong_passwords_the_right_one_says_nothing_either(visitor, ann, quick, from_anywhere):
    client = visitor()
    assert [guess(client).status_code for _ in range(HERE)] == [401] * HERE
    answer = guess(client, PASSWORD)
    assert answer.status_code == 429
    assert 14 * 60 < int(answer.headers["retry-after"]) <= 15 * 60
    assert "Too many wrong tries. Try again in 15 minutes" in answer.text
    assert 'value="ann@example.org"' in answer.text
    assert 'name="next" value="/calls"' in answer.text
    assert "tv_session" not in client.cookies


def test_somebody_who_does_not_exist_is_throttled_alike(visitor, ann, quick, from_anywhere):
    client = visitor()
    told = [guess(client, email="nobody@example.org").status_code for _ in range(HERE + 1)]
    assert told == [401] * HERE + [429]


def test_from_another_address_the_owner_comes_in_meanwhile(visitor, ann, quick, from_anywhere):
    attacker = visitor()
    for _ in range(HERE + 1):
        guess(attacker, place="203.0.113.9")
    assert guess(visitor(), PASSWORD).status_code == 303


def test_guesses_from_many_addresses_close_the_account_but_not_to_a_browser_that_was_in_before(
    visitor, ann, quick, from_anywhere
):
    mine, attacker = visitor(), visitor()
    assert guess(mine, PASSWORD).status_code == 303
    told = [guess(attacker, place=f"203.0.113.{n}").status_code for n in range(ANYWHERE + 1)]
    assert told == [401] * ANYWHERE + [429]
    assert guess(visitor(), PASSWORD, place="198.51.100.7").status_code == 429, "a browser that nobody knows"
    mine.cookies.delete("tv_session")
    assert guess(mine, PASSWORD, place="198.51.100.8").status_code == 303


def test_a_browser_that_was_in_before_is_bounded_too(visitor, ann, quick, from_anywhere):
    thief = visitor()
    guess(thief, PASSWORD)
    told = [guess(thief, place=f"203.0.113.{n}").status_code for n in range(HERE + 1)]
    assert told == [401] * HERE + [429]


def test_a_browser_known_for_one_person_is_not_for_another(visitor, ann, quick, from_anywhere):
    mallory = visitor()
    guess(mallory, PASSWORD)
    told = [guess(mallory, email="bob@example.org", place=f"203.0.113.{n}").status_code for n in range(ANYWHERE + 1)]
    assert told[-1] == 429


def test_a_known_browser_s_cookie_cannot_be_written_by_others(visitor, ann, quick, from_anywhere):
    forger = visitor()
    forger.cookies.set("tv_known", "eyJhIjoiYiJ9.aaaa.bbbb")
    assert [guess(forger).status_code for _ in range(HERE + 1)][-1] == 429


def test_people_who_share_a_desk_are_each_known(visitor, ann, home):
    request = Request({"type": "http", "headers": [], "client": ("192.0.2.1", 1)})
    for number in range(10):
        sealed = throttle.known_from_now(request, f"p{number}@example.org")
        request = Request({"type": "http", "headers": [(b"cookie", f"tv_known={sealed}".encode())]})
    names = [throttle.sign_in(request, f"p{number}@example.org")[0].name for number in range(10)]
    assert names == ["account from one address"] * 2 + ["known browser"] * 8


def test_one_address_that_tries_many_accounts_is_stopped(visitor, ann, quick, from_anywhere):
    client = visitor()
    told = [guess(client, email=f"p{number}@example.org").status_code for number in range(ADDRESS + 1)]
    assert told == [401] * ADDRESS + [429]
    assert guess(visitor(), PASSWORD, place="198.51.100.7").status_code == 303


def test_the_right_password_forgets_the_wrong_ones_before_it(visitor, ann, quick, from_anywhere):
    client = visitor()
    for _ in range(3):
        assert [guess(client).status_code for _ in range(HERE - 1)] == [401] * (HERE - 1)
        assert guess(client, PASSWORD).status_code == 303


def test_an_office_that_signs_in_at_once_is_not_throttled(visitor, ann, quick, from_anywhere):
    assert {guess(visitor(), PASSWORD).status_code for _ in range(ADDRESS + 20)} == {303}


@pytest.mark.parametrize("path", ["/welcome", "/setup"])
def test_tokens_are_not_guessed_for_long(visitor, home, path, from_anywhere):
    with db.writing() as session:
        link = (setup.owner_link(session) or "").split("?")[1]
    client = visitor()
    told = [client.get(f"{path}?token=guess-{n}").status_code for n in range(LINKS + 1)]
    assert told == [410] * LINKS + [429]
    assert client.get(f"/setup?{link}").status_code == 429
    assert visitor().get(f"/setup?{link}", headers=at("198.51.100.7")).status_code == 200


def test_the_current_password_is_not_guessed_for_long_by_who_found_a_browser_open(visitor, ann, quick):
    client = visitor(ann)
    told = [send(client, "/password", current=WRONG, password="another long one").status_code for _ in range(CHANGE)]
    assert told == [422] * CHANGE
    answer = send(client, "/password", current=PASSWORD, password="another long one")
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_what_one_household_has_for_itself(host, counted):
    assert throttle.address(Request({"type": "http", "client": (host, 1)})) == counted


def test_a_request_without_an_address_is_counted_too():
    assert throttle.address(Request({"type": "http", "client": None})) == ""


BOUNDS = (Bound("account", 3, ("a",), forgiven=True), Bound("place", 5, ("p",)))


def count(times: int) -> None:
    for _ in range(times):
        guesses.check(BOUNDS)
        guesses.wrong(BOUNDS)


def test_guesses_are_counted_in_redis_for_all_web_processes(home, campaign, caplog):
    with installed(home), caplog.at_level(logging.WARNING):
        rates._Away.until = float("-inf")
        count(3)
        guesses._in_redis.forget()  # as another process would see it
        with pytest.raises(TooMany) as refused:
            guesses.check(BOUNDS)
        guesses.check(BOUNDS[1:])
        guesses.right(BOUNDS)
        count(2)
        with pytest.raises(TooMany):
            guesses.check(BOUNDS[1:])
    assert 14 * 60 < refused.value.wait_s <= 15 * 60
    assert "3 wrong guesses in 15 minutes: the bound 'account' is reached" in caplog.text


def test_while_redis_is_away_this_process_counts_by_itself(home, monkeypatch, caplog):
    monkeypatch.setattr(rates._Away, "until", float("-inf"))
    count(3)
    assert "Redis is away" in caplog.text
    with pytest.raises(TooMany):
        guesses.check(BOUNDS)
    guesses.right(BOUNDS)
    guesses.check(BOUNDS)
