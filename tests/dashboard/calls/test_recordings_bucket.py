"""Recordings in a bucket, played by links that the bucket itself serves."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from config import settings
from dashboard.door.headers import _standard
from pipeline.storage import recording_key, storage
from records import db
from records.calls import Call
from records.roles import Role
from tests.records.made import person, stored_call, stored_campaign
from tests.simulators.s3 import BucketServer

SOUND = bytes(range(256)) * 40


@pytest.fixture
def call(home, bucket: BucketServer) -> Call:
    """A recording in the bucket."""
    with db.writing() as session:
        made = stored_call(session, stored_campaign(session, "a"), container="wav", filename="call.wav")
    with storage().write(recording_key(made.id)) as sink:
        sink.write(SOUND)
    return made


def test_a_player_is_sent_to_the_bucket_for_ten_minutes(visitor, ann, call, bucket):
    answer = visitor(ann).get(f"/recordings/{call.id}", headers={"Range": "bytes=0-"})
    assert answer.status_code == 307
    assert "no-store" in answer.headers["cache-control"]
    to = urlsplit(answer.headers["location"])
    assert (f"{to.scheme}://{to.netloc}", to.path) == (bucket.endpoint, f"/{bucket.bucket}/{recording_key(call.id)}")
    assert parse_qs(to.query)["X-Amz-Expires"] == ["600"]
    heard = httpx.get(answer.headers["location"], headers={"Range": "bytes=100-199"})
    assert (heard.status_code, heard.content) == (206, SOUND[100:200])
    assert (heard.headers["content-type"], heard.headers["content-disposition"]) == ("audio/wav", "inline")


@pytest.mark.parametrize(
    "name",
    ["call.wav", "Gespräch „1“ 🙂.wav", 'a"; filename="evil.exe', "a\r\nX-Evil: 1\r\n.wav", "a;b%0d%0a/..\\c"],
)
def test_a_download_bears_its_name_and_nothing_else(visitor, ann, call, name: str):
    with db.writing() as session:
        session.get_one(Call, call.id).filename = name
    answer = visitor(ann).get(f"/recordings/{call.id}?download=1")
    heard = httpx.get(answer.headers["location"])
    assert (heard.status_code, heard.content) == (200, SOUND)
    kind, _, rest = heard.headers["content-disposition"].partition("; filename*=utf-8''")
    assert kind == "attachment"
    assert not set(rest) & set("\"';\r\n \\/")
    assert httpx.QueryParams(f"name={rest}")["name"] == name
    assert "x-evil" not in {*heard.headers, *answer.headers}


def test_the_policy_of_every_page_lets_recordings_come_from_that_origin_alone(visitor, ann, call, bucket, monkeypatch):
    def sources() -> str:
        policy = visitor(ann).get("/calls").headers["content-security-policy"]
        return dict(rule.strip().split(" ", 1) for rule in policy.split(";"))["media-src"]

    assert sources() == f"'self' blob: {bucket.endpoint}"
    monkeypatch.setenv("S3_BROWSER_LINKS", "false")
    settings.cache_clear()
    assert sources() == "'self' blob:"
    assert _standard.cache_info().maxsize == 1


def test_nobody_gets_a_link_to_what_they_may_not_hear(visitor, call):
    with db.writing() as session:
        stranger = person(session, Role.MANAGER)
    answer = visitor(stranger).get(f"/recordings/{call.id}")
    assert (answer.status_code, "location" in answer.headers) == (404, False)
    assert visitor().get(f"/recordings/{call.id}", headers={"Accept": "*/*"}).status_code == 401


def test_a_head_is_answered_here_since_a_link_is_for_one_verb(visitor, ann, call):
    answer = visitor(ann).head(f"/recordings/{call.id}")
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(SOUND)))


def test_a_missing_recording_is_told_in_our_words(visitor, ann, call):
    storage().delete(recording_key(call.id))
    answer = visitor(ann).get(f"/recordings/{call.id}")
    assert (answer.status_code, "not in storage" in answer.text) == (404, True)


@pytest.mark.parametrize("links", ["true", "false"])
def test_a_bucket_that_is_away_is_an_outage_in_words(visitor, ann, call, monkeypatch, links: str):
    monkeypatch.setenv("S3_BROWSER_LINKS", links)
    monkeypatch.setenv("S3_BUCKET", "not-there")
    settings.cache_clear()
    answer = visitor(ann).get(f"/recordings/{call.id}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.text.startswith("There is no bucket 'not-there'")
