"""Recordings over the API: a link for ten minutes, made for a key's own campaign, and served without one."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from itsdangerous import TimestampSigner
from sqlmodel import delete

from config import settings
from pipeline.storage import recording_key, storage
from records import db
from records.calls import Call, CallEvent
from records.campaigns import Campaign
from tests.records.made import stored_call

SOUND = bytes(range(256)) * 40
NAME = 'Gespräch „eins“ 🙂".wav'


def kept(campaign: Campaign) -> Call:
    """A call whose recording is in storage."""
    with db.writing() as session:
        made = stored_call(session, campaign, container="wav", filename=NAME)
    with storage().write(recording_key(made.id)) as sink:
        sink.write(SOUND)
    return made


@pytest.fixture
def call(campaign: Campaign) -> Call:
    """In a folder."""
    return kept(campaign)


@pytest.fixture
def in_bucket(bucket, campaign: Campaign) -> Call:
    """In a bucket, where browsers may go themselves."""
    return kept(campaign)


@pytest.fixture
def later(monkeypatch) -> None:
    """Every link is read eleven minutes after it was made."""
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: int(time.time()) + 660)


def link(client, call: Call, method: str = "GET") -> str:
    answer = client.request(method, f"/api/v1/calls/{call.id}/recording")
    assert answer.status_code == 307, answer.text
    return str(answer.headers["location"])


def test_a_key_gets_a_link_at_which_no_key_is_needed(database, caller_client, other_client, call):
    answer = caller_client.get(f"/api/v1/calls/{call.id}/recording")
    assert (answer.status_code, answer.content) == (307, b"")
    assert answer.headers["cache-control"] == "private, no-store"
    to = answer.headers["location"]
    assert to.startswith("/api/v1/recordings/")
    other_client.headers.pop("Authorization")
    heard = other_client.get(to)
    assert (heard.status_code, heard.content) == (200, SOUND)
    assert heard.headers["content-type"] == "audio/wav"
    assert heard.headers["etag"] == f'"{call.sha256}"'
    assert heard.headers["content-disposition"].startswith("attachment; filename*=utf-8''Gespr%C3%A4ch")
    assert heard.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_link_answers_ranges_and_heads(caller_client, call):
    to = link(caller_client, call, "HEAD")
    head = caller_client.head(to)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(SOUND)))
    part = caller_client.get(to, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, SOUND[100:200])
    whole = caller_client.get(to, headers={"Range": "bytes=100-199", "If-Range": '"other"'})
    assert (whole.status_code, whole.content) == (200, SOUND)
    assert caller_client.get(to, headers={"Range": "bytes=999999-"}).status_code == 416


def test_a_client_that_follows_redirects_gets_the_recording_at_once(caller_client, call):
    assert caller_client.get(f"/api/v1/calls/{call.id}/recording", follow_redirects=True).content == SOUND


def test_a_link_is_over_after_ten_minutes(caller_client, call, request):
    to = link(caller_client, call)
    request.getfixturevalue("later")
    answer = caller_client.get(to)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:totalview:problem:not-found")
    assert "not valid, or not any more" in answer.json()["detail"]


@pytest.mark.parametrize(
    "spoil", [lambda to: to + "x", lambda to: to[:-1], lambda to: to.rsplit("/", 1)[0] + "/W10.x.y"]
)
def test_a_forged_link_leads_nowhere(caller_client, call, spoil):
    answer = caller_client.get(spoil(link(caller_client, call)))
    assert (answer.status_code, SOUND in answer.content) == (404, False)


@pytest.mark.parametrize("token", ["x", "%00", "%F0%9F%99%82", "a.b.c", "9" * 3000])
def test_before_the_first_link_any_token_leads_nowhere(caller_client, token):
    for method in ("GET", "HEAD"):
        assert caller_client.request(method, f"/api/v1/recordings/{token}").status_code == 404


def test_another_campaigns_recording_is_not_there(database, other_client, call):
    for method in ("GET", "HEAD"):
        assert other_client.request(method, f"/api/v1/calls/{call.id}/recording").status_code == 404


def test_where_the_campaign_redacts_nobody_gets_the_recording_not_even_by_an_older_link(caller_client, call):
    to = link(caller_client, call)
    with db.writing() as session:
        session.get_one(Campaign, call.campaign_id).redact = True
    for address in (to, f"/api/v1/calls/{call.id}/recording"):
        answer = caller_client.get(address)
        assert (answer.status_code, "redacts" in answer.json()["detail"]) == (404, True)


def test_a_link_of_a_call_that_was_deleted_leads_nowhere(caller_client, call):
    to = link(caller_client, call)
    with db.writing() as session:
        session.exec(delete(CallEvent))
        session.exec(delete(Call))
    assert caller_client.get(to).status_code == 404


def test_a_recording_that_is_gone_says_so_without_a_path(caller_client, call, home):
    to = link(caller_client, call)
    storage().delete(recording_key(call.id))
    for address in (to, f"/api/v1/calls/{call.id}/recording"):
        answer = caller_client.get(address)
        assert (answer.status_code, "not in storage" in answer.json()["detail"]) == (404, True)
        assert str(home) not in answer.text


def test_from_a_bucket_the_way_leads_there_for_ten_minutes(caller_client, in_bucket, bucket):
    to = urlsplit(link(caller_client, in_bucket))
    assert f"{to.scheme}://{to.netloc}" == bucket.endpoint
    asked = parse_qs(to.query)
    assert asked["X-Amz-Expires"] == ["600"]
    assert asked["response-content-disposition"][0].startswith("attachment; filename*=utf-8''")
    head = link(caller_client, in_bucket, "HEAD")
    assert caller_client.head(head).headers["content-length"] == str(len(SOUND))


def test_a_bucket_where_browsers_do_not_go_is_served_from_here(caller_client, in_bucket, monkeypatch):
    monkeypatch.setenv("S3_BROWSER_LINKS", "false")
    settings.cache_clear()
    part = caller_client.get(link(caller_client, in_bucket), headers={"Range": "bytes=-3"})
    assert (part.status_code, part.content) == (206, SOUND[-3:])


def test_what_is_missing_in_a_bucket_or_a_bucket_that_is_away_is_a_problem(caller_client, in_bucket, monkeypatch):
    address = f"/api/v1/calls/{in_bucket.id}/recording"
    storage().delete(recording_key(in_bucket.id))
    assert "not in storage" in caller_client.get(address).json()["detail"]
    monkeypatch.setenv("S3_BUCKET", "not-there")
    settings.cache_clear()
    answer = caller_client.get(address)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:totalview:problem:storage-away")
    assert answer.headers["retry-after"]
