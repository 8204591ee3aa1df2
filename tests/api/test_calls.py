"""One call over the API: its facts, what a version found, its transcript; and nothing of another campaign's."""

from datetime import UTC, datetime

import pytest

from pipeline.subtitles import Turn, srt
from records import db
from records.calls import Call
from records.campaigns import Campaign
from records.moves import move, note
from records.runs import Run
from records.statuses import CallStatus, RunReason, Verdict
from tests.records.finished import FIGURES, TURNS, add_version, finished_call, greeting
from tests.records.made import agent, stored_call

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def call(database, campaign: Campaign) -> Call:
    """Completed, with one version, on each database."""
    with db.writing() as session:
        ada = agent(session, "Ada")
        return finished_call(
            session,
            campaign,
            filename="Gespräch 🙂.wav",
            agent_id=ada.id,
            agent_given="ada@example.org",
            external_id="x-1",
            called_at=NOON,
            details={"team": "north"},
        )


def of(call: Call, rest: str = "") -> str:
    return f"/api/v1/calls/{call.id}{rest}"


def test_a_call_is_answered_with_its_facts(caller_client, call, campaign):
    answer = caller_client.get(of(call))
    assert answer.status_code == 200
    body = answer.json()
    told = {name: body[name] for name in ("id", "campaign", "campaign_id", "status", "source", "filename", "sha256")}
    assert told == {
        "id": call.id,
        "campaign": "support",
        "campaign_id": campaign.id,
        "status": "completed",
        "source": "api",
        "filename": "Gespräch 🙂.wav",
        "sha256": call.sha256,
    }
    assert (body["agent"], body["agent_given"], body["external_id"]) == ("Ada", "ada@example.org", "x-1")
    assert (body["duration_s"], body["metadata"], body["called_at"]) == (
        12.0,
        {"team": "north"},
        "2026-11-18T12:00:00Z",
    )
    assert (body["error"], body["waiting_for"], body["reviewed_score"], body["newest_version"]) == (None, None, None, 1)
    assert "transcript" not in body


def test_a_call_is_answered_with_what_its_newest_version_found(caller_client, call):
    with db.writing() as session:
        row = session.get_one(Call, call.id)
        failed = greeting(name="Disclosure", verdict=Verdict.FAIL, critical=True, confidence=0.4, evidence=[])
        add_version(
            session,
            row,
            reason=RunReason.RUN_ANALYSIS,
            checks=(greeting(), failed),
            score=33.333333,
            section_scores={"Opening": 33.333333, "Closing": None},
            flagged=True,
            flag_reasons=[{"code": "score_under_threshold", "words": "The score 33.3 is under the threshold of 70."}],
            cost_usd=0.0123,
            stage_seconds={"analysis": 1.5},
        )
    body = caller_client.get(of(call)).json()
    version = body["version"]
    assert (version["number"], version["reason"], version["asked_by"]) == (2, "run_analysis", "ann@example.org")
    assert (version["transcriber"], version["cost_usd"]) == ("local", 0.0123)
    assert (version["stage_seconds"], version["asked_again"]) == ({"analysis": 1.5}, 0)
    assert (body["score"], body["section_scores"]) == (33.3, {"Opening": 33.3, "Closing": None})
    assert (body["flagged"], body["flag_reasons"][0]["code"]) == (True, "score_under_threshold")
    assert [check["name"] for check in body["checks"]] == ["Greeting", "Disclosure"]
    assert body["checks"][1] == {
        "name": "Disclosure",
        "section": "Opening",
        "kind": "phrase",
        "weight": 10.0,
        "critical": True,
        "verdict": "fail",
        "confidence": 0.4,
        "reason": "It was said.",
        "evidence": [],
        "verified": True,
        "reviewed": None,
    }
    assert body["checks"][0]["evidence"] == [
        {"turn": 0, "quote": "Thank you for calling", "start_ms": 0, "speaker": "agent"}
    ]
    assert body["figures"] == FIGURES


def test_an_earlier_version_is_answered_by_its_number(caller_client, call):
    with db.writing() as session:
        row = session.get_one(Call, call.id)
        row.score, row.flagged = 20.0, True
        add_version(session, row, score=20.0, flagged=True)
    old, new = (caller_client.get(of(call, f"?version={number}")).json() for number in (1, 2))
    assert (old["version"]["number"], old["score"], old["flagged"]) == (1, 80.0, False)
    assert (new["version"]["number"], new["score"], new["flagged"]) == (2, 20.0, True)
    answer = caller_client.get(of(call, "?version=3"))
    assert (answer.status_code, answer.json()["detail"]) == (404, "This call has no version 3. Its newest is 2.")


def test_the_transcript_comes_with_the_call_when_it_is_wanted(caller_client, call):
    said = caller_client.get(of(call, "?include=transcript")).json()["transcript"]
    assert [(turn["speaker"], turn["start_ms"], turn["text"]) for turn in said] == list(TURNS)
    assert said[0].keys() == {"speaker", "start_ms", "end_ms", "text"}


def test_a_call_on_its_way_says_how_far_it_is_and_what_for_it_waits(database, caller_client, campaign):
    with db.writing() as session:
        call = stored_call(session, campaign)
        move(session, call, CallStatus.TRANSCRIBING)
        note(session, call, was=call.status, to=call.status, words="Deepgram did not answer.")
        run = Run(call_id=call.id, number=1, reason=RunReason.FIRST_RUN, stage="transcription")
        run.waiting_for, run.stage_seconds = "Waiting for a place.", {"transcription": 2.5}
        session.add(run)
    body = caller_client.get(of(call, "?include=transcript")).json()
    assert (body["status"], body["waiting_for"]) == ("transcribing", "Waiting for a place.")
    assert body["timings"]["stage_seconds"] == {"transcription": 2.5}
    assert [(step["status"], step["words"]) for step in body["timings"]["timeline"]] == [
        ("pending", "The recording came in."),
        ("transcribing", ""),
        ("transcribing", "Deepgram did not answer."),
    ]
    nothing = {name: body[name] for name in ("version", "score", "checks", "figures", "flag_reasons", "section_scores")}
    assert nothing == {
        "version": None,
        "score": None,
        "checks": [],
        "figures": {},
        "flag_reasons": [],
        "section_scores": {},
    }
    assert body["transcript"] == []
    assert (body["newest_version"], body["duration_s"]) == (None, None)
    assert caller_client.get(of(call, "?version=1")).status_code == 404
    assert "no result yet" in caller_client.get(of(call, "/transcript")).json()["detail"]
    assert caller_client.get(of(call, "/versions")).json() == {"items": []}


def test_a_failed_call_says_why(caller_client, campaign):
    with db.writing() as session:
        call = stored_call(session, campaign, status=CallStatus.FAILED, error_code="no_speech", error="Nobody speaks.")
    body = caller_client.get(of(call)).json()
    assert body["error"] == {"code": "no_speech", "words": "Nobody speaks."}


def test_versions_are_listed_newest_first(caller_client, call):
    with db.writing() as session:
        add_version(session, session.get_one(Call, call.id), reason=RunReason.RUN_ANALYSIS, score=20.04, flagged=True)
    items = caller_client.get(of(call, "/versions")).json()["items"]
    assert [(item["number"], item["reason"], item["score"], item["flagged"]) for item in items] == [
        (2, "run_analysis", 20.0, True),
        (1, "first_run", 80.0, False),
    ]


def test_a_transcript_comes_as_json_text_and_subtitles(caller_client, call):
    as_json = caller_client.get(of(call, "/transcript"))
    assert as_json.json() | {"transcript": []} == {
        "call_id": call.id,
        "version": 1,
        "language": "en",
        "transcriber": "local",
        "transcriber_model": "draft",
        "draft": False,
        "transcript": [],
    }
    assert [turn["text"] for turn in as_json.json()["transcript"]] == [words for _who, _at, words in TURNS]
    text = caller_client.get(of(call, "/transcript?format=txt"))
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.text.splitlines()[1] == "[00:00:04] Customer: Hello, my line is dead."
    subtitles = caller_client.get(of(call, "/transcript?format=srt&version=1"))
    assert subtitles.headers["content-type"] == "application/x-subrip; charset=utf-8"
    assert subtitles.text == srt(Turn(who, at, at + 2000, words) for who, at, words in TURNS)


def test_another_campaigns_call_is_not_there(other_client, call):
    for rest in ("", "/versions", "/transcript", "/transcript?format=srt", "?version=1", "?version=9"):
        nowhere = other_client.get(f"/api/v1/calls/{'0' * 32}{rest}")
        theirs = other_client.get(of(call, rest))
        assert (theirs.status_code, theirs.json()) == (404, nowhere.json()), rest
        assert theirs.json()["detail"] == "There is no such call."


def test_what_is_no_id_is_a_problem_and_no_crash(caller_client):
    for given in ("x", "%00", "%F0%9F%99%82", "9" * 5000, "A" * 32, "%2e%2e"):
        for rest in ("", "/versions", "/transcript", "/recording"):
            answer = caller_client.get(f"/api/v1/calls/{given}{rest}")
            assert answer.status_code in {404, 422}, given
            assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_no_version_is_refused_in_words(caller_client, call):
    for asked in ("version=0", "version=2147483648", "version=x", "include=all", "version=" + "9" * 99):
        answer = caller_client.get(of(call, f"?{asked}"))
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:totalview:problem:invalid"), asked
        assert asked.split("=")[0] in answer.json()["detail"]


def test_a_key_is_needed(caller_client, call):
    caller_client.headers.pop("Authorization")
    for rest in ("", "/versions", "/transcript", "/recording"):
        assert caller_client.get(of(call, rest)).status_code == 401


def test_the_campaign_of_the_key_is_told(database, caller_client, other_client, campaign):
    assert caller_client.get("/api/v1/campaign").json() == {
        "id": campaign.id,
        "slug": "support",
        "name": "Support",
        "language": "en",
        "transcriber": "",
        "redact": False,
        "flag_threshold": 70.0,
        "section_thresholds": {},
        "review_bound": 0.5,
        "time_zone": "UTC",
        "day_first": True,
    }
    assert other_client.get("/api/v1/campaign").json()["slug"] == "elsewhere"


def test_the_checks_are_told_as_a_checks_file_has_them(database, caller_client, other_client):
    checks = caller_client.get("/api/v1/checks").json()["checks"]
    assert checks[0] == {
        "name": "Greeting",
        "section": "Opening",
        "kind": "phrase",
        "any": ["thank you for calling"],
        "speaker": "agent",
    }
    assert checks[1]["critical"] is True
    assert (checks[2]["metric"], checks[2]["at_most"]) == ("longest_silence_s", 20.0)
    assert other_client.get("/api/v1/checks").json() == {"checks": []}
