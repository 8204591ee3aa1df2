"""Bulk jobs over the API: announced, filled, looked at, called off."""

import pytest

from pipeline import runs
from records import bulk, db
from records.calls import Call
from records.campaigns import Campaign
from records.statuses import CallStatus, RunReason
from tests.records.made import stored_call

JOBS = "/api/v1/bulk_jobs"


@pytest.fixture
def number(database, caller_client) -> int:
    """A job of three recordings."""
    return caller_client.post(JOBS, json={"expected": 3, "name": "March"}).json()["id"]


def arrived(campaign: Campaign, number: int, **facts) -> Call:
    with db.writing() as session:
        call = stored_call(session, campaign, **facts)
        runs.begin(session, call, RunReason.FIRST_RUN, by="a test")
        bulk.note_call(session, number, call.filename, call.id, duplicate=False)
    return call


def test_a_job_is_announced_before_its_recordings(database, caller_client):
    answer = caller_client.post(JOBS, json={"expected": 2, "name": "März 🙂"})
    body = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/v1/bulk_jobs/{body['id']}")
    assert (body["status"], body["expected"], body["name"], body["failures"]) == ("queued", 2, "März 🙂", [])
    assert body["by"].startswith("API key tv_")
    assert caller_client.get(answer.headers["location"]).json() == body


def test_a_job_tells_what_came_of_its_recordings(caller_client, campaign, number):
    arrived(campaign, number)
    arrived(campaign, number, status=CallStatus.FAILED, error_code="no_speech", error="Nobody speaks.")
    with db.writing() as session:
        bulk.note_refusal(session, number, "notes.txt", "not_audio", "This is no sound.")
    body = caller_client.get(f"{JOBS}/{number}").json()
    assert body["status"] == "processing"
    assert body["counts"] == {
        "arrived": 2,
        "duplicates": 0,
        "refused": 1,
        "missing": 0,
        "calls": {"pending": 1, "transcribing": 0, "analyzing": 0, "completed": 0, "failed": 1, "cancelled": 0},
    }
    assert body["failures"] == [
        {"code": "no_speech", "words": "Nobody speaks.", "count": 1},
        {"code": "not_audio", "words": "This is no sound.", "count": 1},
    ]


def test_a_job_is_cancelled_and_its_waiting_calls_with_it(caller_client, campaign, number):
    waits = arrived(campaign, number)
    arrived(campaign, number, status=CallStatus.ANALYZING)
    first = caller_client.post(f"{JOBS}/{number}/cancel")
    assert (first.status_code, first.json()["status"], first.json()["failures"]) == (200, "cancelled", [])
    assert first.json()["counts"]["calls"] | {"pending": 0} == {
        "pending": 0,
        "transcribing": 0,
        "analyzing": 1,
        "completed": 0,
        "failed": 0,
        "cancelled": 1,
    }
    error = caller_client.get(f"/api/v1/calls/{waits.id}").json()["error"]
    assert (error["code"], error["words"].startswith("Cancelled by API key tv_")) == ("cancelled", True)
    assert caller_client.post(f"{JOBS}/{number}/cancel").json() == first.json()


def test_a_cancelled_job_takes_no_more(caller_client, campaign, number):
    caller_client.post(f"{JOBS}/{number}/cancel")
    answer = caller_client.post(
        "/api/v1/calls/upload", data={"bulk_job_id": str(number)}, files={"file": ("a.wav", b"RIFF")}
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:totalview:problem:cancelled")


def test_another_campaigns_job_is_not_there(other_client, number):
    nowhere = other_client.get(f"{JOBS}/999").json()
    for answer in (other_client.get(f"{JOBS}/{number}"), other_client.post(f"{JOBS}/{number}/cancel")):
        assert (answer.status_code, answer.json()) == (404, nowhere)


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"expected": 0}, {"expected": -1}, {"expected": 1_000_001}, {"expected": "many"}, {"expected": 1.5}),
        *({"expected": 10**30}, {"expected": True}, {"expected": None}, {"expected": 1, "name": "x" * 201}),
        *({"expected": 1, "name": "a\x00b"}, {"expected": 1, "name": "two\nlines"}, {"expected": 1, "names": ""}, []),
    ],
)
def test_what_announces_nothing_is_refused_in_words(caller_client, body):
    answer = caller_client.post(JOBS, json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:totalview:problem:invalid")
    assert answer.json()["errors"]


@pytest.mark.parametrize("given", ["0", "-1", "x", "2147483648", "9" * 40, "%00", "1.5"])
def test_what_is_no_number_is_a_problem_and_no_crash(caller_client, given):
    for answer in (caller_client.get(f"{JOBS}/{given}"), caller_client.post(f"{JOBS}/{given}/cancel")):
        assert answer.status_code in {404, 422}
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_is_needed(caller_client):
    caller_client.headers.pop("Authorization")
    answers = [
        caller_client.post(JOBS, json={"expected": 1}),
        caller_client.get(f"{JOBS}/1"),
        caller_client.post(f"{JOBS}/1/cancel"),
    ]
    assert {answer.status_code for answer in answers} == {401}


def test_another_number_may_come_than_was_announced(caller_client, other_client, campaign, number):
    arrived(campaign, number, status=CallStatus.COMPLETED)
    assert caller_client.get(f"{JOBS}/{number}").json()["status"] == "processing"
    changed = caller_client.patch(f"{JOBS}/{number}", json={"expected": 1}).json()
    assert (changed["expected"], changed["counts"]["missing"], changed["status"]) == (1, 0, "completed")
    assert other_client.patch(f"{JOBS}/{number}", json={"expected": 9}).status_code == 404
    assert caller_client.patch(f"{JOBS}/{number}", json={"expected": 0}).status_code == 422
    caller_client.post(f"{JOBS}/{number}/cancel")
    refused = caller_client.patch(f"{JOBS}/{number}", json={"expected": 2})
    assert (refused.status_code, refused.json()["title"]) == (409, "Cancelled")
