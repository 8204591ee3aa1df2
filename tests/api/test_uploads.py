"""Resumable uploads over HTTP, as the tus protocol has them."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from sqlmodel import select

from config import settings
from pipeline import children, finishing
from pipeline.storage import storage
from records import db
from records.calls import Call
from records.db import now
from records.uploads import ResumableUpload
from tests.api.resumable import BODY, UPLOADS, VERSION, begin, begun, delete, head, kind, patch, said
from tests.api.uploading import stored_files
from tests.pipeline.arriving import here, in_database, wav
from tests.pipeline.resuming import bulk_job, bytes_of, items

DATA = wav()
SIZE = len(DATA)


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch, asked) -> None:
    monkeypatch.setattr(children, "run", here)


def the_call() -> Call:
    with db.reading() as session:
        return session.exec(select(Call)).one()


def test_a_recording_comes_in_two_requests_and_is_a_call_with_the_last_byte(caller_client, asked):
    where = begun(caller_client, SIZE, filename="call.wav", agent="Ann")
    assert head(caller_client, where).headers["upload-offset"] == "0"
    first = patch(caller_client, where, DATA[:1000])
    assert (first.status_code, first.headers["upload-offset"], first.content) == (204, "1000", b"")
    assert "totalview-call-id" not in first.headers
    last = patch(caller_client, where, DATA[1000:], 1000)
    call = the_call()
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(SIZE))
    assert (last.headers["totalview-call-id"], last.headers["totalview-duplicate"]) == (call.id, "false")
    assert (bytes_of(call.id), call.filename, call.agent_given, call.source) == (DATA, "call.wav", "Ann", "api")
    assert [begun_call.id for begun_call, _run in asked] == [call.id]
    assert len(stored_files()) == 1


def test_every_answer_says_the_version_and_how_often_one_may_ask(caller_client, site):
    where = begun(caller_client, SIZE)
    for answer in (
        caller_client.options(UPLOADS),
        begin(caller_client, SIZE),
        begin(caller_client, 0),
        head(caller_client, where),
        patch(caller_client, where, b"x", 7),
        caller_client.head(where),
        caller_client.head(where, headers={"Authorization": "Bearer tv_wrong"}),
        head(caller_client, f"{UPLOADS}/nowhere"),
        delete(caller_client, where),
    ):
        assert answer.headers["tus-resumable"] == "1.0.0", answer.status_code


def test_options_needs_no_key_and_says_what_there_is(caller_client, monkeypatch):
    for path in (UPLOADS, f"{UPLOADS}/", f"{UPLOADS}/{'0' * 32}"):
        answer = caller_client.options(path, headers={"Authorization": "", "Tus-Resumable": "0.2.2"})
        assert answer.status_code == 204
        assert answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-extension"] == "creation,creation-with-upload,termination,checksum,expiration"
        assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256,md5"
        assert "tus-max-size" not in answer.headers
    monkeypatch.setenv("TOTALVIEW_MAX_UPLOAD_BYTES", "5000")
    settings.cache_clear()
    assert caller_client.options(UPLOADS).headers["tus-max-size"] == "5000"


@pytest.mark.parametrize("version", [None, "", "0.2.2", "1.0.1"])
def test_another_version_is_refused_and_the_right_one_named(caller_client, version):
    headers = {} if version is None else {"Tus-Resumable": version}
    answer = caller_client.post(UPLOADS, headers={**headers, "Upload-Length": "5"})
    assert (kind(answer), answer.headers["tus-version"]) == ((412, "wrong-version"), "1.0.0")


def test_nothing_without_a_key(caller_client):
    where = begun(caller_client, SIZE)
    for answer in (
        caller_client.post(UPLOADS, headers={**VERSION, "Upload-Length": "5", "Authorization": ""}),
        caller_client.patch(where, content=b"x", headers={**VERSION, "Authorization": ""}),
        caller_client.delete(where, headers={**VERSION, "Authorization": ""}),
    ):
        assert kind(answer) == (401, "unauthorized")


def test_another_key_s_upload_is_not_there(caller_client, other_client):
    where = begun(caller_client, SIZE)
    patch(caller_client, where, DATA[:10])
    assert head(other_client, where).status_code == 404
    assert kind(patch(other_client, where, DATA[10:], 10)) == (404, "not-found")
    assert kind(delete(other_client, where)) == (404, "not-found")
    absent = patch(other_client, f"{UPLOADS}/{'0' * 32}", b"", 0)
    assert patch(other_client, where, b"", 10).json() == absent.json()
    assert head(caller_client, where).headers["upload-offset"] == "10"


@pytest.mark.parametrize("strange", ["%00", "x" * 64, "%F0%9F%93%9E", "..%2F..", "0" * 31])
def test_a_strange_id_is_not_found(caller_client, strange):
    assert head(caller_client, f"{UPLOADS}/{strange}").status_code == 404


def test_head_tells_all_and_is_never_kept(caller_client):
    facts = said(filename="ä.wav", filetype="audio/wav") | {}
    where = begin(caller_client, SIZE, **facts).headers["location"]
    answer = head(caller_client, where)
    assert answer.status_code == 200
    assert (answer.headers["upload-length"], answer.headers["upload-metadata"]) == (
        str(SIZE),
        facts["Upload-Metadata"],
    )
    assert answer.headers["cache-control"] == "no-store"
    left = parsedate_to_datetime(answer.headers["upload-expires"]) - datetime.now(UTC)
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
    assert "upload-metadata" not in head(caller_client, begin(caller_client, 5).headers["location"]).headers


def test_the_location_is_on_whatever_address_the_client_used(caller_client):
    answer = begin(caller_client, 5, Host="calls.example.com")
    assert answer.headers["location"] == f"{UPLOADS}/{answer.headers['location'].rsplit('/')[-1]}"
    slash = caller_client.post(f"{UPLOADS}/", headers={**VERSION, "Upload-Length": "5"})
    assert (slash.status_code, slash.headers["location"][: len(UPLOADS) + 1]) == (201, f"{UPLOADS}/")


@pytest.mark.parametrize("offset", [0, 9, 11, 999_999])
def test_a_wrong_offset_is_409_with_the_right_one(caller_client, offset):
    where = begun(caller_client, SIZE)
    patch(caller_client, where, DATA[:10])
    answer = patch(caller_client, where, DATA[10:20], offset)
    assert (kind(answer), answer.headers["upload-offset"]) == ((409, "wrong-offset"), "10")
    assert head(caller_client, where).headers["upload-offset"] == "10"


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Upload-Offset": ""}, (400, "bad-request")),
        ({"Upload-Offset": "-1"}, (400, "bad-request")),
        ({"Upload-Offset": "٣"}, (400, "bad-request")),
        ({"Upload-Offset": "9" * 5000}, (413, "too-large")),
        ({"Content-Type": "application/octet-stream"}, (415, "wrong-media-type")),
        ({"Content-Type": ""}, (415, "wrong-media-type")),
        ({"Upload-Checksum": "crc32 AAAA"}, (400, "bad-request")),
        ({"Upload-Checksum": "sha1 !!"}, (400, "bad-request")),
        ({"Upload-Checksum": "sha1 AAAA"}, (400, "bad-request")),
        ({"Upload-Checksum": ""}, (400, "bad-request")),
    ],
)
def test_a_request_that_is_not_the_protocol_s_adds_nothing(caller_client, headers, refused):
    where = begun(caller_client, SIZE)
    coded = {name: value.encode() for name, value in headers.items()}
    assert kind(patch(caller_client, where, DATA[:10], **coded)) == refused
    assert head(caller_client, where).headers["upload-offset"] == "0"


def test_more_than_was_announced_is_413_before_and_while_it_comes(caller_client):
    where = begun(caller_client, 100)
    assert kind(patch(caller_client, where, DATA[:101])) == (413, "too-large")
    assert kind(patch(caller_client, where, iter([DATA[:60], DATA[60:120]]))) == (413, "too-large")
    assert head(caller_client, where).headers["upload-offset"] == "0"


@pytest.mark.parametrize("name", ["sha1", "sha256", "md5"])
def test_a_checksum_that_matches_counts_and_one_that_does_not_is_460(caller_client, name):
    where = begun(caller_client, SIZE)
    value = base64.b64encode(hashlib.new(name, DATA[:1000]).digest()).decode()
    wrong = patch(caller_client, where, DATA[1:1001], **{"Upload-Checksum": f"{name} {value}"})
    assert (wrong.status_code, wrong.json()["title"]) == (460, "Wrong checksum")
    assert (head(caller_client, where).headers["upload-offset"], stored_files()) == ("0", [])
    right = patch(caller_client, where, DATA[:1000], **{"Upload-Checksum": f"{name} {value}"})
    assert (right.status_code, right.headers["upload-offset"]) == (204, "1000")


def test_creation_may_bring_bytes_some_or_all(caller_client):
    some = begin(caller_client, SIZE, DATA[:500])
    assert (some.status_code, some.headers["upload-offset"]) == (201, "500")
    assert patch(caller_client, some.headers["location"], DATA[500:], 500).status_code == 204
    everything = begin(caller_client, SIZE, DATA)
    assert (everything.status_code, everything.headers["upload-offset"]) == (201, str(SIZE))
    assert everything.headers["totalview-duplicate"] == "true"
    assert everything.headers["totalview-call-id"] == the_call().id


def test_creation_whose_bytes_are_refused_leaves_no_upload(caller_client):
    assert kind(begin(caller_client, 10, b"x" * 11)) == (413, "too-large")
    assert kind(begin(caller_client, 10, b"x" * 10)) == (415, "not-a-recording")
    checked = begin(caller_client, 10, b"x" * 10, **{"Upload-Checksum": f"md5 {'A' * 22}=="})
    assert checked.status_code == 460
    assert kind(caller_client.post(UPLOADS, headers={**VERSION, "Upload-Length": "3"}, content=b"abc")) == (
        415,
        "wrong-media-type",
    )
    with db.reading() as session:
        assert session.exec(select(ResumableUpload)).all() == []
    assert (in_database(), stored_files()) == ((0, 0, 0), [])


def test_the_end_of_an_upload_at_its_owner_s_wish(caller_client):
    where = begun(caller_client, SIZE)
    patch(caller_client, where, DATA[:10])
    answer = delete(caller_client, where)
    assert (answer.status_code, answer.content, stored_files()) == (204, b"", [])
    assert [head(caller_client, where).status_code, delete(caller_client, where).status_code] == [404, 404]


def test_what_came_and_is_no_recording_is_refused_once_and_gone_then(caller_client):
    where = begun(caller_client, 400)
    answer = patch(caller_client, where, b"text" * 100)
    assert (kind(answer), answer.json()["reason"]) == ((415, "not-a-recording"), "not_audio")
    assert head(caller_client, where).status_code == 410
    again = patch(caller_client, where, b"", 400)
    assert kind(again) == (410, "upload-gone")
    assert again.json()["detail"] == f"What came was refused: {answer.json()['detail']}"
    assert stored_files() == []
    assert delete(caller_client, where).status_code == 204


def test_an_expired_upload_is_gone_and_not_there_after_the_sweep(caller_client):
    where = begun(caller_client, SIZE)
    patch(caller_client, where, DATA[:10])
    with db.writing() as session:
        session.exec(select(ResumableUpload)).one().expires_at = now()
    assert head(caller_client, where).status_code == 410
    assert kind(patch(caller_client, where, DATA[10:], 10)) == (410, "upload-gone")
    finishing.sweep(storage())
    assert (head(caller_client, where).status_code, stored_files()) == (404, [])


def test_a_finished_upload_answers_its_last_request_again(caller_client):
    where = begun(caller_client, SIZE)
    patch(caller_client, where, DATA)
    for answer in (head(caller_client, where), patch(caller_client, where, b"", SIZE)):
        assert answer.headers["upload-offset"] == str(SIZE)
        assert answer.headers["totalview-call-id"] == the_call().id
    assert kind(patch(caller_client, where, DATA)) == (409, "wrong-offset")
    assert in_database() == (1, 1, 1)


def test_a_bulk_job_is_told_of_its_recordings(caller_client, campaign):
    job = bulk_job(campaign)
    patch(caller_client, begun(caller_client, SIZE, filename="a/b.wav", bulk_job_id=str(job)), DATA)
    patch(caller_client, begun(caller_client, 4, filename="c.wav", bulk_job_id=str(job)), b"text")
    assert kind(begin(caller_client, 0, **said(filename="d.wav", bulk_job_id=str(job)))) == (415, "not-a-recording")
    told = [(item.filename, item.call_id, item.code) for item in items(job)]
    assert told == [("b.wav", the_call().id, None), ("c.wav", None, "not_audio"), ("d.wav", None, "empty")]


@pytest.mark.parametrize("method", ["PATCH", "patch"])
def test_post_does_what_the_override_says(caller_client, method):
    def post(where: str, method: str, data: bytes = b"", **headers: str):
        given = {**VERSION, "X-HTTP-Method-Override": method, **headers}
        return caller_client.post(where, headers=given, content=data)

    where = begun(caller_client, SIZE)
    added = post(where, method, DATA[:9], **{"Upload-Offset": "0", "Content-Type": BODY})
    assert (added.status_code, added.headers["upload-offset"]) == (204, "9")
    assert post(where, "HEAD").headers["upload-offset"] == "9"
    assert kind(post(where, "PUT")) == (405, "method-not-allowed")
    assert kind(caller_client.post(where, headers=VERSION)) == (405, "method-not-allowed")
    assert post(where, "DELETE").status_code == 204
    assert head(caller_client, where).status_code == 404
