"""What a resumable upload is announced with: facts, checked before a byte comes."""

import logging

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from sqlmodel import select

from api.problems import Problem
from api.tus import metadata
from config import settings
from pipeline import children
from records import bulk, db
from records.calls import Call
from records.db import now
from records.uploads import ResumableUpload
from tests.api.resumable import UPLOADS, VERSION, begin, begun, kind, patch, said
from tests.pipeline.arriving import here, wav
from tests.pipeline.resuming import bulk_job

DATA = wav()


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch, asked) -> None:
    monkeypatch.setattr(children, "run", here)


def call_of(client, **facts) -> Call:
    last = patch(client, begun(client, len(DATA), **facts), DATA)
    with db.reading() as session:
        return session.get_one(Call, last.headers["totalview-call-id"])


def test_the_facts_are_the_call_s(caller_client, campaign):
    call = call_of(
        caller_client,
        name="/home/ann/2026 📞.wav",
        agent="Ann",
        called_at="2026-03-04T14:05:00+01:00",
        external_id="A-7",
        metadata='{"team": "north"}',
        campaign_id=campaign.slug,
        accept_truncated="true",
        filetype="audio/wav",
        relativePath="ann/2026.wav",
    )
    assert (call.filename, call.agent_given, call.external_id) == ("2026 📞.wav", "Ann", "A-7")
    assert (call.details, call.called_at.isoformat()) == ({"team": "north"}, "2026-03-04T13:05:00+00:00")


def test_filename_goes_before_name_and_a_recording_needs_neither(caller_client):
    assert call_of(caller_client, name="b.wav", filename="a.wav").filename == "a.wav"
    assert begin(caller_client, 5).status_code == 201
    with db.reading() as session:
        assert {upload.filename for upload in session.exec(select(ResumableUpload))} == {"a.wav", "recording"}


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"called_at": "yesterday"}, "called_at"),
        ({"metadata": "[1]"}, "metadata"),
        ({"metadata": "{"}, "metadata"),
        ({"metadata": '{"a": NaN}'}, "JSON"),
        ({"accept_truncated": "perhaps"}, "accept_truncated"),
        ({"agent": "a\nb"}, "agent"),
        ({"agent": b"\xff\xfe"}, "agent"),
        ({"filename": b"\xff\xfe"}, "filename"),
        ({"external_id": "x" * 256}, "external id"),
        ({"external_id": "a\0b"}, "external id"),
        ({"bulk_job_id": "77"}, "bulk_job_id"),
        ({"bulk_job_id": "x"}, "bulk_job_id"),
        ({"bulk_job_id": "9" * 40}, "bulk_job_id"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_by_its_name_before_a_byte_comes(caller_client, facts, word):
    answer = begin(caller_client, len(DATA), **said(**facts))
    assert kind(answer) == (400, "bad-metadata")
    assert word in answer.json()["detail"]
    with db.reading() as session:
        assert session.exec(select(ResumableUpload)).all() == []


def test_another_campaign_and_a_cancelled_job_are_refused(caller_client, other_campaign, campaign):
    for named in (other_campaign.slug, str(other_campaign.id), "nowhere"):
        assert kind(begin(caller_client, 5, **said(campaign_id=named))) == (403, "wrong-campaign")
    job = bulk_job(campaign)
    where = begun(caller_client, len(DATA), bulk_job_id=str(job))
    with db.writing() as session:
        session.get_one(bulk.BulkJob, job).cancelled_at = now()
    assert kind(begin(caller_client, 5, **said(bulk_job_id=str(job)))) == (409, "cancelled")
    assert kind(patch(caller_client, where, DATA)) == (409, "cancelled")
    assert kind(patch(caller_client, where, b"", len(DATA))) == (410, "upload-gone")


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, (400, "bad-request")),
        ({"Upload-Length": "x"}, (400, "bad-request")),
        ({"Upload-Length": "-5"}, (400, "bad-request")),
        ({"Upload-Length": "9" * 16}, (413, "too-large")),
        ({"Upload-Length": "0"}, (415, "not-a-recording")),
        ({"Upload-Length": "5", "Upload-Concat": "partial"}, (400, "bad-request")),
        ({"Upload-Defer-Length": "1"}, (400, "bad-request")),
        ({"Upload-Length": "5", "Upload-Metadata": "filename"}, (201, "")),
        ({"Upload-Length": "5", "Upload-Metadata": "filename !!"}, (400, "bad-metadata")),
        ({"Upload-Length": "5", "Upload-Metadata": "a YQ==,a YQ=="}, (400, "bad-metadata")),
        ({"Upload-Length": "5", "Upload-Metadata": "é YQ=="}, (400, "bad-metadata")),
        ({"Upload-Length": "5", "Upload-Metadata": " , ,"}, (201, "")),
    ],
)
def test_a_creation_that_is_not_the_protocol_s_is_refused_in_words(caller_client, headers, refused):
    coded = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = caller_client.post(UPLOADS, headers={**VERSION, **coded})
    assert (answer.status_code, refused[1]) == refused if refused[0] == 201 else kind(answer) == refused


def test_what_is_larger_than_this_deployment_takes_is_refused_at_once(caller_client, monkeypatch):
    monkeypatch.setenv("TOTALVIEW_MAX_UPLOAD_BYTES", "5000")
    settings.cache_clear()
    assert begin(caller_client, 5000).status_code == 201
    answer = begin(caller_client, 5001)
    assert (kind(answer), answer.json()["detail"]) == (
        (413, "too-large"),
        "This file is larger than the limit of 5,000 bytes set here.",
    )


def test_facts_are_never_logged(caller_client, caplog):
    with caplog.at_level(logging.DEBUG):
        call_of(caller_client, agent="Ann-Secret", external_id="ID-Secret", metadata='{"a": "Meta-Secret"}')
        begin(caller_client, 5, **said(metadata="Meta-Secret"))
    assert "Secret" not in "".join(record.getMessage() for record in caplog.records if "httpx" not in record.name)


@tried(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=st.text(st.characters(max_codepoint=255)))
def test_any_header_is_read_or_refused(header: str):
    try:
        found = metadata(header)
    except Problem:
        return
    assert all(key.isascii() and " " not in key for key in found)
