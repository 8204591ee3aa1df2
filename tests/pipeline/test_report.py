import json

import pytest

from pipeline.report import refused, report, rounded
from pipeline.sound.contract import Flaw, NotARecording
from records import db
from records.calls import Call
from records.campaigns import Campaign
from tests.pipeline.staging import Play, call_of, drive, enter, fails

KEYS = [
    "file",
    "call_id",
    "status",
    "score",
    "flagged",
    "flag_reasons",
    "duration_s",
    "transcript",
    "checks",
    "error",
]  # as docs/command-line.md and scripts have them


def told(call: Call) -> dict:
    with db.reading() as session:
        found = report(session, session.get_one(Call, call.id), file="a.wav")
    return json.loads(json.dumps(found, allow_nan=False))


def test_a_completed_call_in_the_shape_that_scripts_rely_on(desk: Campaign, play: Play):
    first = enter(desk)
    drive(first)
    with db.writing() as session:
        session.get_one(Call, call_of(first.run_id).id).duration_ms = 60_500
    call = call_of(first.run_id)
    found = told(call)
    assert list(found) == KEYS
    assert (found["file"], found["call_id"], found["status"], found["error"]) == ("a.wav", call.id, "completed", None)
    assert (found["score"], found["flagged"], found["flag_reasons"], found["duration_s"]) == (100, False, [], 60.5)
    assert found["transcript"][1] == {
        "speaker": "customer",
        "start_ms": 3200,
        "end_ms": 4700,
        "text": "Hello, I have a question.",
    }
    assert found["checks"][0] == {
        "name": "Greeting",
        "kind": "phrase",
        "verdict": "pass",
        "weight": 10,
        "critical": False,
        "reason": "Said by the agent: 'thank you for calling'.",
        "evidence": [{"turn": 0, "quote": "Thank you for calling", "speaker": "agent", "start_ms": 0}],
    }
    assert [check["name"] for check in found["checks"]] == ["Greeting", "Disclosure", "No long silence"]


def test_a_call_without_a_version_has_empty_lists(desk: Campaign):
    found = told(call_of(enter(desk).run_id))
    assert (list(found), found["status"], found["score"], found["duration_s"]) == (KEYS, "pending", None, None)
    assert (found["transcript"], found["checks"], found["flag_reasons"]) == ([], [], [])


def test_a_failed_call_says_why(desk: Campaign, play: Play):
    first = enter(desk)
    play.acts.append(NotARecording(Flaw.CUT_SHORT, "This recording is cut short."))
    fails(first)
    found = told(call_of(first.run_id))
    assert (found["status"], found["error"]) == ("failed", "This recording is cut short.")


def test_a_refused_file_has_the_same_shape(desk: Campaign):
    found = refused("b.txt", "This is text.")
    assert list(found) == KEYS
    assert (found["status"], found["error"], found["call_id"]) == ("failed", "This is text.", None)


@pytest.mark.parametrize(("score", "shown"), [(None, None), (0.0, 0.0), (100 / 3, 33.3), (66.66, 66.7), (100.0, 100.0)])
def test_a_score_is_read_with_one_digit(score: float | None, shown: float | None):
    assert rounded(score) == shown
