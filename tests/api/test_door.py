"""Who may come in, how often, and with how much."""

import time
from datetime import timedelta

import pytest
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from starlette.testclient import TestClient

from api import caller, door
from api.app import build
from api.caller import KEYS, CallerHere
from api.door import Guarded
from config import settings
from jobs import rates
from jobs.rates import Standing
from records import api_keys, db
from records.access import COMMAND_LINE
from records.api_keys import ApiKey
from records.campaigns import Campaign
from records.db import now
from tests.api.uploading import bearer, key_of, newest_key
from tests.installation import installed
from tests.records import made

router = APIRouter(route_class=Guarded, dependencies=KEYS)


class Note(BaseModel):
    text: str


@router.get("/who")
def who(caller: CallerHere) -> list[str | int | None]:
    return [caller.who.label, caller.campaign, caller.owner, caller.rate]


@router.post("/notes")
async def note(note: Note, caller: CallerHere) -> int:
    return len(note.text)


@pytest.fixture
def client(home) -> TestClient:
    app = build()
    app.include_router(router)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def uncounted(monkeypatch):
    monkeypatch.setattr(rates, "count", lambda *_: None)


def edit_key(**values) -> None:
    with db.writing() as session:
        session.exec(select(ApiKey)).one().sqlmodel_update(values)


def test_a_key_opens_in_either_header_and_says_who_asks(client, campaign, uncounted):
    key = key_of(name="Dialler", rate=70)
    answer = [f"API key {key[:9]}… Dialler", "support", "key:1", 70]
    for headers in (bearer(key), {"Authorization": f"bearer  {key}"}, {"X-API-Key": key}):
        assert client.get("/who", headers=headers).json() == answer


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer tv_"},
        {"Authorization": "Basic dHZfOng="},
        {"Authorization": "Bearer nonsense"},
        {"X-API-Key": "tv_" + "x" * 5000},
        {"X-API-Key": b"tv_\xff\x00"},
    ],
)
def test_whoever_brings_no_key_is_told_one_thing(client, campaign, uncounted, headers):
    refused(client.get("/who", headers=headers))


def refused(answer) -> None:
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="TotalView"'
    assert answer.json() == {
        "type": "urn:totalview:problem:unauthorized",
        "title": "Unauthorized",
        "status": 401,
        "detail": caller.WORDS,
    }


def test_a_revoked_and_an_ended_key_are_told_the_same(client, campaign, uncounted):
    key = key_of()
    assert client.get("/who", headers=bearer(key)).status_code == 200
    for ended in ({"expires_at": now() - timedelta(seconds=1)}, {"expires_at": None, "revoked_at": now()}):
        edit_key(**ended)
        refused(client.get("/who", headers=bearer(key)))


def test_a_key_may_do_what_a_manager_of_its_campaign_may(campaign):
    key_of()
    who = api_keys.identity(newest_key())
    assert (who.role, who.campaign_ids, who.user_id, who.api_key_id) == ("manager", frozenset({campaign.id}), None, 1)


def test_its_last_use_is_noted_once_a_minute(client, campaign: Campaign, uncounted, monkeypatch):
    monkeypatch.setattr(caller, "_noted", {})
    key = key_of()
    client.get("/who", headers=bearer(key))
    first = newest_key().last_used_at
    assert first is not None
    client.get("/who", headers=bearer(key))
    assert newest_key().last_used_at == first
    monkeypatch.setattr(caller, "_noted", {})
    edit_key(last_used_at=first - timedelta(minutes=2))
    client.get("/who", headers=bearer(key))
    assert newest_key().last_used_at > first - timedelta(minutes=1)


def test_a_body_is_not_read_before_the_key_is_known(client, campaign, uncounted):
    # Were the body read first, the answer would be about its JSON.
    assert client.post("/notes", content=b"no JSON at all").status_code == 401
    assert client.post("/notes", content=b"no JSON", headers=bearer(key_of())).status_code == 422


def test_a_small_body_is_read_and_a_large_one_is_not(client, campaign, uncounted, monkeypatch):
    monkeypatch.setattr(Guarded, "largest_body", 1000)
    headers = bearer(key_of())
    assert client.post("/notes", json={"text": "x" * 900}, headers=headers).json() == 900
    large = client.post("/notes", content=iter([b'{"text": "', b"x" * 990, b'"}']), headers=headers)
    assert (large.status_code, large.json()["type"]) == (413, "urn:totalview:problem:too-large")
    assert large.json()["detail"] == "The body of this request may have at most 1,000 bytes."


def test_a_database_that_is_away_is_503_with_when_to_come_again(client, campaign, uncounted, monkeypatch):
    def away(_secret: str) -> None:
        raise OperationalError(None, None, ConnectionError("no route to db.internal"))

    monkeypatch.setattr(door, "authenticate", away)
    answer = client.get("/who")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert answer.json()["type"] == "urn:totalview:problem:database-away"
    assert "internal" not in answer.text


def test_what_nobody_foresaw_is_500_and_gives_nothing_away(client, campaign, uncounted, monkeypatch, caplog):
    def broken(_secret: str) -> None:
        raise RuntimeError("a secret path")

    monkeypatch.setattr(door, "authenticate", broken)
    answer = client.get("/who")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:totalview:problem:internal")
    assert "a secret path" not in answer.text
    assert "a secret path" in caplog.text


# --- how often


def test_every_answer_says_where_a_key_stands(client, campaign, monkeypatch):
    monkeypatch.setattr(rates, "count", lambda _who, limit: Standing(True, limit, 41, 17))
    answer = client.get("/who", headers=bearer(key_of(rate=50)))
    told = {name: value for name, value in answer.headers.items() if name.startswith("ratelimit")}
    assert told == {
        "ratelimit-policy": '"minute";q=50;w=60',
        "ratelimit": '"minute";r=41;t=17',
        "ratelimit-limit": "50",
        "ratelimit-remaining": "41",
        "ratelimit-reset": "17",
    }
    refusal = client.post("/notes", content=b"no JSON", headers=bearer(key_of()))
    assert (refusal.status_code, refusal.headers["ratelimit-remaining"]) == (422, "41")


def test_too_many_requests_are_told_when_to_come_again(client, campaign, monkeypatch):
    monkeypatch.setattr(rates, "count", lambda _who, limit: Standing(False, limit, 0, 9))
    answer = client.get("/who", headers=bearer(key_of()))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "9")
    assert answer.headers["ratelimit-remaining"] == "0"
    assert answer.json()["detail"] == "This key may make 6000 requests a minute. Try again in 9 seconds."


def test_requests_are_counted_in_redis_for_each_key_over_all_web_processes(home, campaign):
    with installed(home):
        standings = [rates.count("key:1", 3) for _ in range(2)]
        rates._limiter.forget()  # as another process would see it
        standings += [rates.count("key:1", 3) for _ in range(2)]
        other = rates.count("key:2", 3)
    assert [(each.allowed, each.remaining) for each in standings] == [(True, 2), (True, 1), (True, 0), (False, 0)]
    assert all(1 <= each.reset_s <= 60 for each in standings)
    assert (other.allowed, other.remaining) == (True, 2)


def test_while_redis_is_away_nobody_is_refused_and_nobody_waits(home, campaign, client, monkeypatch, caplog):
    monkeypatch.setattr(rates._Away, "until", float("-inf"))
    headers = bearer(key_of())
    answer = client.get("/who", headers=headers)
    assert (answer.status_code, "ratelimit" in answer.headers) == (200, False)
    assert "Redis is away, so that requests are not counted just now" in caplog.text
    assert rates._Away.until > time.monotonic()
    monkeypatch.setattr(rates, "_limiter", None)  # is not asked again for a while
    assert client.get("/who", headers=headers).status_code == 200
    monkeypatch.setattr(rates._Away, "until", float("-inf"))


def test_the_settings_rate_holds_where_a_key_has_none(client, campaign, monkeypatch):
    monkeypatch.setenv("TOTALVIEW_API_RATE", "7")
    settings.cache_clear()
    asked = []
    monkeypatch.setattr(rates, "count", lambda *of: asked.append(of))
    client.get("/who", headers=bearer(key_of()))
    client.get("/who", headers=bearer(key_of(rate=5)))
    assert asked == [("key:1", 7), ("key:2", 5)]


def test_another_campaigns_key_is_another_caller(client, campaign, uncounted):
    with db.writing() as session:
        made.stored_campaign(session, "Sales")
        secret = api_keys.create(session, COMMAND_LINE, "sales")[1]
    assert client.get("/who", headers=bearer(secret)).json()[1] == "sales"
