"""A call is run again, or what is known of it is changed, by a program with its campaign's key."""

import json

import pytest
from sqlmodel import select

from config import settings
from pipeline import runs
from records import db
from records.agents import AgentAlias
from records.audit import AuditEntry
from records.calls import Call
from records.campaigns import Campaign
from records.runs import Run
from records.statuses import CallStatus, RunReason
from tests.pipeline.arriving import wav
from tests.records.finished import finished_call
from tests.records.made import agent, stored_call

DEEP = {"a": 1}
for _level in range(40):
    DEEP = {"a": DEEP}


@pytest.fixture
def call(database, campaign: Campaign) -> Call:
    with db.writing() as session:
        made = finished_call(session, campaign, details={"team": "north", "tags": {"a": 1, "b": 2}})
        run = session.get_one(Run, 1)
        run.transcript_id, run.ended_at = 1, db.now()
    return made


@pytest.fixture
def ada(call: Call) -> int:
    with db.writing() as session:
        made = agent(session, "Ada")
        session.add(AgentAlias(alias="ada@example.org", agent_id=made.id or 0))
    return made.id or 0


def rerun(client, call: Call, **body):
    return client.post(f"/api/v1/calls/{call.id}/rerun", json=body)


def patch(client, call: Call, body):
    return client.patch(f"/api/v1/calls/{call.id}", json=body)


def stored(call: Call) -> Call:
    with db.reading() as session:
        return session.get_one(Call, call.id)


@pytest.mark.parametrize(
    ("start", "reason"), [("transcription", RunReason.RERUN_TRANSCRIPTION), ("analysis", RunReason.RUN_ANALYSIS)]
)
def test_a_rerun_is_accepted_and_a_worker_asked(caller_client, call, asked, start, reason):
    answer = rerun(caller_client, call, **{"from": start})
    assert (answer.status_code, answer.json()["id"], answer.json()["status"]) == (202, call.id, "pending")
    [(_call, run)] = asked
    assert (run.number, run.reason, run.stage) == (2, reason, start)
    assert run.asked_by.startswith("API key tv_")


def test_a_call_that_is_being_processed_is_busy(caller_client, campaign, asked):
    with db.writing() as session:
        call = stored_call(session, campaign, status=CallStatus.ANALYZING)
    answer = rerun(caller_client, call, **{"from": "transcription"})
    assert (answer.status_code, answer.json()["type"], asked) == (409, "urn:totalview:problem:busy", [])


def test_without_a_transcript_there_is_nothing_to_analyze(caller_client, campaign, asked):
    with db.writing() as session:
        call = stored_call(session, campaign, status=CallStatus.FAILED)
        runs.begin(session, call, RunReason.FIRST_RUN, by="a test").ended_at = db.now()
    answer = rerun(caller_client, call, **{"from": "analysis"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:totalview:problem:nothing-to-analyze")
    assert "`transcription`" in answer.json()["detail"]
    assert (stored(call).status, asked) == (CallStatus.FAILED, [])


def test_what_retention_has_removed_is_not_run_again(caller_client, campaign, asked):
    gone = {"recording_gone_at": db.now(), "transcripts_gone_at": db.now()}
    with db.writing() as session:
        call = stored_call(session, campaign, status=CallStatus.COMPLETED, **gone)
    for start in ("transcription", "analysis"):
        answer = rerun(caller_client, call, **{"from": start})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:totalview:problem:removed")
        assert "was removed" in answer.json()["detail"]
    assert (stored(call).status, asked) == (CallStatus.COMPLETED, [])


def test_a_transcriber_may_be_named_where_it_is_to_be_had(caller_client, call, asked, monkeypatch):
    monkeypatch.setenv("DEEPGRAM_API_KEY", "x")
    settings.cache_clear()
    assert rerun(caller_client, call, **{"from": "transcription", "transcriber": "deepgram"}).status_code == 202
    assert asked[0][1].transcriber == "deepgram"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"from": "transcription", "transcriber": "assemblyai"}, "Choose local"),
        ({"from": "transcription", "transcriber": "\x00"}, "not to be had"),
        ({"from": "analysis", "transcriber": "local"}, "transcribes nothing"),
        ({"from": "upload"}, "from"),
        ({}, "from"),
        ({"from": "analysis", "form": 1}, "form"),
    ],
)
def test_a_rerun_that_cannot_be_is_refused_in_words(caller_client, call, asked, body, words):
    answer = rerun(caller_client, call, **body)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:totalview:problem:invalid")
    assert words in answer.json()["detail"]
    assert (stored(call).status, asked) == (CallStatus.COMPLETED, [])


def test_where_the_campaign_redacts_the_draft_cannot_be_chosen(caller_client, call, asked):
    with db.writing() as session:
        session.get_one(Campaign, call.campaign_id).redact = True
    answer = rerun(caller_client, call, **{"from": "transcription", "transcriber": "local"})
    assert (answer.status_code, asked) == (422, [])


def test_another_campaigns_call_can_neither_be_run_nor_changed(other_client, call, asked):
    before = stored(call)
    for answer in (rerun(other_client, call, **{"from": "analysis"}), patch(other_client, call, {"metadata": None})):
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such call.")
    assert (stored(call), asked) == (before, [])


@pytest.mark.parametrize("given", ["Ada", "ADA@example.org", " ada "])
def test_an_agent_is_linked_by_name_or_alias(caller_client, call, ada, given):
    answer = patch(caller_client, call, {"agent": given})
    assert (answer.status_code, answer.json()["agent"], answer.json()["agent_given"]) == (200, "Ada", given.strip())
    assert stored(call).agent_id == ada
    assert answer.json()["metadata"] == {"team": "north", "tags": {"a": 1, "b": 2}}
    assert answer.json()["checks"]


def test_null_unlinks_the_agent_and_the_timeline_says_so(caller_client, call, ada):
    patch(caller_client, call, {"agent": "Ada"})
    answer = patch(caller_client, call, {"agent": None})
    assert (answer.json()["agent"], answer.json()["agent_given"]) == (None, "")
    words = [step["words"] for step in answer.json()["timings"]["timeline"]]
    assert words[-2:] == ["The agent is Ada.", "No agent is linked any more."]
    assert answer.json()["timings"]["timeline"][-1]["status"] == "completed"


def test_each_change_of_the_agent_is_in_the_audit_log_and_no_other(caller_client, call, ada):
    for changes in ({"agent": "Ada"}, {"agent": "ada"}, {"metadata": None}, {"agent": None}):
        patch(caller_client, call, changes)
    with db.reading() as session:
        lines = session.exec(select(AuditEntry).where(AuditEntry.act == "call.link_agent")).all()
    assert [line.details for line in lines] == [{"before": None, "after": "Ada"}, {"before": "Ada", "after": None}]
    assert {(line.subject, line.campaign_id) for line in lines} == {(f"call {call.id}", call.campaign_id)}
    assert all(line.by.startswith("API key") for line in lines)


@pytest.mark.parametrize("given", ["Bob", "", "   ", "\x00", "\ud800", "x" * 321, 5])
def test_an_agent_whom_nobody_knows_is_refused_and_nothing_changes(caller_client, call, ada, given):
    before = stored(call)
    answer = caller_client.patch(
        f"/api/v1/calls/{call.id}",
        content=json.dumps({"agent": given, "metadata": {"team": "south"}}),
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:totalview:problem:invalid")
    assert answer.json()["errors"][0]["where"][:2] == ["body", "agent"]
    assert stored(call) == before


def test_metadata_is_merged_and_the_call_counts_as_updated(caller_client, call):
    before = stored(call).updated_at
    answer = patch(caller_client, call, {"metadata": {"team": None, "tags": {"b": None, "c": [1, None]}, "ü🙂": True}})
    assert answer.json()["metadata"] == {"tags": {"a": 1, "c": [1, None]}, "ü🙂": True}
    assert stored(call).updated_at > before
    assert patch(caller_client, call, {"metadata": None}).json()["metadata"] == {}


def test_nothing_to_change_changes_nothing(caller_client, call):
    before = stored(call)
    assert patch(caller_client, call, {}).status_code == 200
    assert stored(call) == before


@pytest.mark.parametrize(
    "metadata",
    [
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": "\\ud800"}',
        '{"\\ud800": 1}',
        json.dumps(DEEP),
        f'{{"a": "{"x" * 70_000}"}}',
    ],
)
def test_metadata_that_cannot_be_kept_is_refused_in_words(caller_client, call, metadata):
    before = stored(call)
    answer = caller_client.patch(
        f"/api/v1/calls/{call.id}",
        content=f'{{"metadata": {metadata}}}',
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:totalview:problem:bad-metadata")
    assert stored(call) == before


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"[]",
            b"null",
            b'"x"',
            b"{",
            b"\xff",
            b'{"metadata": []}',
            b'{"metadata": "x"}',
            b'{"status": "failed"}',
        ),
        *(b'{"\\ud800": 1}', b'{"metadata": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001, b"1" * 5000),
    ],
)
def test_a_body_that_is_no_change_is_a_problem_and_no_crash(caller_client, call, body):
    headers = {"Content-Type": "application/json"}
    answer = caller_client.patch(f"/api/v1/calls/{call.id}", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_metadata_that_every_database_takes_comes_back_as_it_was(caller_client, call):
    odd = {"zero": "a\x00b", "big": 10**300, "small": -1e-300, "": "", "text": "\u202e\u2028", "false": False}
    assert patch(caller_client, call, {"metadata": {**odd, "team": None, "tags": None}}).json()["metadata"] == odd
    assert caller_client.get(f"/api/v1/calls/{call.id}").json()["metadata"] == odd


def test_no_upload_brings_metadata_that_no_list_could_answer(caller_client, campaign):
    deep = '{"a":' * 300 + "1" + "}" * 300
    files = {"file": ("a.wav", wav())}
    answer = caller_client.post("/api/v1/calls/upload", data={"metadata": deep}, files=files)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:totalview:problem:bad-metadata")
    assert caller_client.get("/api/v1/calls").json()["items"] == []
