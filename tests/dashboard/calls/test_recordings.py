"""Recordings are heard by those who may see the call, and by nobody else."""

import pytest

from config import settings
from pipeline.storage import recording_key, storage
from records import db
from records.calls import Call
from records.campaigns import Campaign
from records.people import User
from records.roles import Role
from tests.records.made import person, stored_call, stored_campaign

SOUND = bytes(range(256)) * 40


@pytest.fixture(params=["folder", "bucket"])
def call(request, home, monkeypatch) -> Call:
    """A stored recording, which browsers get from this site."""
    if request.param == "bucket":
        request.getfixturevalue("bucket")
        monkeypatch.setenv("S3_BROWSER_LINKS", "false")
        settings.cache_clear()
    with db.writing() as session:
        made = stored_call(session, stored_campaign(session, "a"), container="wav", filename="Gespräch „eins“ 🙂.wav")
    with storage().write(recording_key(made.id)) as sink:
        sink.write(SOUND)
    return made


def somebody(role: Role, **facts) -> User:
    with db.writing() as session:
        campaigns = [session.get_one(Campaign, number) for number in facts.pop("campaigns", ())]
        return person(session, role, *campaigns, **facts)


def test_the_whole_recording_arrives_as_sound(visitor, ann, call):
    answer = visitor(ann).get(f"/recordings/{call.id}")
    assert (answer.status_code, answer.content) == (200, SOUND)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=10000-", 10000, len(SOUND) - 1), ("bytes=-5", len(SOUND) - 5, len(SOUND) - 1)],
)
def test_a_range_is_answered_by_that_range(visitor, call, asked, first, last):
    owner = somebody(Role.OWNER)
    answer = visitor(owner).get(f"/recordings/{call.id}", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == SOUND[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(SOUND)}"


def test_a_range_beyond_the_end_is_refused(visitor, ann, call):
    assert visitor(ann).get(f"/recordings/{call.id}", headers={"Range": "bytes=999999-"}).status_code == 416


def test_only_the_header_is_sent_when_only_that_is_asked(visitor, ann, call):
    answer = visitor(ann).head(f"/recordings/{call.id}", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (206, b"", "10")


def test_a_range_of_an_earlier_recording_is_answered_with_all_of_this_one(visitor, ann, call):
    ours = visitor(ann).get(f"/recordings/{call.id}").headers["etag"]
    for etag, status in ((ours, 206), ('"other"', 200)):
        headers = {"Range": "bytes=5-6", "If-Range": etag}
        assert visitor(ann).get(f"/recordings/{call.id}", headers=headers).status_code == status


def test_a_download_bears_the_uploaded_name(visitor, ann, call):
    disposition = visitor(ann).get(f"/recordings/{call.id}?download=1").headers["content-disposition"]
    assert disposition.startswith("attachment; filename*=utf-8''Gespr%C3%A4ch")


def test_a_name_cannot_add_a_header(visitor, ann, call):
    with db.writing() as session:
        session.get_one(Call, call.id).filename = 'a"\r\nX-Evil: 1\r\n.wav'
    answer = visitor(ann).get(f"/recordings/{call.id}?download=1")
    assert answer.status_code == 200
    assert "x-evil" not in answer.headers


def test_not_yours_and_not_there_are_answered_alike(visitor, ann, call):
    answers = [
        visitor(somebody(Role.MANAGER)).get(f"/recordings/{call.id}"),
        visitor(somebody(Role.AGENT)).get(f"/recordings/{call.id}"),
        visitor(ann).get(f"/recordings/{'0' * 32}"),
        visitor(ann).get("/recordings/%00"),
        visitor(ann).get("/recordings/..%2f..%2ftotalview.db"),
    ]
    assert {answer.status_code for answer in answers[:4]} == {404}
    assert len({answer.text for answer in answers[:4]}) == 1
    assert b"SQLite" not in answers[4].content


def test_a_manager_hears_the_calls_of_an_assigned_campaign(visitor, call):
    manager = somebody(Role.MANAGER, campaigns=(call.campaign_id,))
    assert visitor(manager).get(f"/recordings/{call.id}").status_code == 200


def test_a_stranger_hears_nothing(visitor, call):
    assert visitor().get(f"/recordings/{call.id}", headers={"Accept": "*/*"}).status_code == 401


def test_where_the_campaign_redacts_the_recording_is_nobodys(visitor, ann, call):
    with db.writing() as session:
        session.get_one(Campaign, call.campaign_id).redact = True
    assert visitor(ann).get(f"/recordings/{call.id}").status_code == 404


def test_a_recording_that_is_gone_says_so_without_a_path(visitor, ann, call, home):
    storage().delete(recording_key(call.id))
    answer = visitor(ann).get(f"/recordings/{call.id}")
    assert answer.status_code == 404
    assert "not in storage" in answer.text
    assert str(home) not in answer.text
