"""The page of one call: what it shows."""

import pytest

from dashboard.calls.advice import _ELSE as ELSE
from dashboard.calls.view import DRAFT_TITLE, DRAFT_WORDS, REDACTED
from records import db, slots
from records.calls import Call
from records.campaigns import Campaign
from records.reviews import Review, ReviewState
from records.runs import Run
from records.statuses import CallStatus, CheckKind, RunReason, Verdict
from tests.daily import daily
from tests.pages.conftest import mounted, shown
from tests.pages.one_call import NASTY, component, finished, with_version
from tests.records.finished import add_version, greeting, transcript
from tests.records.made import stored_call


def test_the_heading_says_what_and_where_the_call_is(cast, see):
    call = finished(cast, filename="a.wav", agent_id=cast.ada.id, size=3_400_000)
    head = shown(see(cast.olivia, "call.py", id=call.id), "heading")
    assert head["title"] == "a.wav"
    assert [badge["label"] for badge in head["badges"]] == ["Completed", "API"]
    assert {"Support", "Ada Moss", "0:12", "3.4 MB"} <= set(head["facts"])
    assert head["notes"] == []


def test_the_figures_are_shown_and_what_could_not_be_said_is_a_dash(cast, see):
    call = with_version(cast, score=69.6)
    at = see(cast.olivia, "call.py", id=call.id)
    assert {metric.label: metric.value for metric in at.metric} == {
        "Score": "69.6",
        "Agent talk share": "58%",
        "Longest silence": "2.5 s",
        "Interruptions": "–",
        "Words a minute": "131",
        "Time on hold": "1:35",
    }


def test_a_call_that_nothing_could_score_shows_a_dash_and_neither_0_nor_100(cast, see):
    call = with_version(cast, score=None)
    assert see(cast.olivia, "call.py", id=call.id).metric[0].value == "–"


def test_the_transcript_goes_turn_by_turn_with_speakers_and_times(cast, see):
    turns = (("agent", 0, "Hello."), ("customer", 4200, NASTY), ("speaker_2", 9000, "Hm."), ("unknown", 9900, "…"))
    call = with_version(cast, content=transcript(*turns))
    said = shown(see(cast.olivia, "call.py", id=call.id), "transcript")
    assert [(turn["start_ms"], turn["speaker"], turn["text"]) for turn in said["turns"]] == [
        (0, "Agent", "Hello."),
        (4200, "Customer", NASTY),
        (9000, "Speaker 2", "Hm."),
        (9900, "Unknown", "…"),
    ]
    assert said["recording"] == f"/recordings/{call.id}"


@pytest.mark.parametrize(("asked", "start_ms"), daily(2, [("30", 30_000), ("9" * 30, 0), ("", 0), ("-5", 0), ("x", 0)]))
def test_the_address_may_name_a_moment(cast, see, asked, start_ms):
    call = finished(cast)
    assert shown(see(cast.olivia, "call.py", id=call.id, t=asked), "transcript")["start_ms"] == start_ms


def test_checks_stand_by_section_with_verdict_weight_reason_and_evidence(cast, see):
    unsure = greeting(name="Empathy", kind=CheckKind.AI, critical=True, confidence=0.83, verified=False, evidence=[])
    missing = greeting(
        name="Bye", section="Closing", verdict=Verdict.NOT_EVALUATED, reason="No key is set.", weight=2.5
    )
    call = with_version(cast, checks=(greeting(), missing, unsure), section_scores={"Opening": 66.7, "Closing": None})
    opening, closing = shown(see(cast.olivia, "call.py", id=call.id), "checks")["sections"]
    assert (opening["name"], opening["score"], closing["name"], closing["score"]) == ("Opening", "66.7", "Closing", "")
    met, empathy = opening["checks"]
    assert (met["verdict"]["label"], met["facts"], met["reason"]) == ("Pass", ["Phrase", "Weight 10"], "It was said.")
    assert met["evidence"] == [{"quote": "Thank you for calling", "start_ms": 0, "speaker": "Agent"}]
    assert (met["critical"], empathy["critical"]["label"]) == (None, "Critical")
    assert empathy["facts"] == ["AI", "Weight 10", "83% sure"]
    assert (met["doubt"], empathy["doubt"]["label"]) == (None, "Unverified")
    assert closing["checks"][0]["verdict"]["label"] == "Not evaluated"
    assert closing["checks"][0]["facts"][1] == "Weight 2.5"


def test_checks_without_a_section_need_no_heading_unless_others_have_one(cast, see):
    alone = with_version(cast, checks=(greeting(section=""),))
    mixed = with_version(cast, checks=(greeting(section=""), greeting(section="Opening")))
    assert [each["name"] for each in shown(see(cast.olivia, "call.py", id=alone.id), "checks")["sections"]] == [""]
    sections = shown(see(cast.olivia, "call.py", id=mixed.id), "checks")["sections"]
    assert [each["name"] for each in sections] == ["Other", "Opening"]


def test_a_campaign_without_checks_says_so(cast, see):
    at = see(cast.olivia, "call.py", id=with_version(cast, checks=()).id)
    assert "no checks" in at.caption[0].value
    assert "checks" not in mounted(at)


def test_why_a_call_is_flagged_is_said_in_words(cast, see):
    reasons = [{"code": "threshold", "words": "The score 43 is under 70."}, {"code": "critical", "words": NASTY}]
    call = with_version(cast, flagged=True, flag_reasons=reasons)
    at = see(cast.olivia, "call.py", id=call.id)
    assert "Flagged" in [badge["label"] for badge in shown(at, "heading")["badges"]]
    assert shown(at, "flagged")["note"] == {
        "colour": "red",
        "icon": "flag",
        "title": "Flagged for review",
        "lines": ["The score 43 is under 70.", NASTY],
    }


def test_an_offline_draft_is_called_one(cast, see):
    call = with_version(cast, content=transcript(draft=True, notes=("Two channels.",)))
    note = shown(see(cast.olivia, "call.py", id=call.id), "heading")["notes"][0]
    assert (note["title"], note["lines"]) == (DRAFT_TITLE, [DRAFT_WORDS, "Two channels."])


@pytest.mark.parametrize(
    ("placed", "title", "colour"), [(False, "This call waits", "orange"), (True, "On its way", "blue")]
)
def test_what_a_call_waits_for_is_said_and_whether_anything_holds_it_up(cast, see, placed, title, colour):
    with db.writing() as session:
        call = stored_call(session, cast.support, status=CallStatus.TRANSCRIBING)
        run = Run(call_id=call.id, number=1, reason=RunReason.FIRST_RUN, stage="transcription", waiting_for=NASTY)
        session.add(run)
        session.flush()
        if placed:
            slots.take(session, "cloud", run.id or 0, limit=1, seconds=60)
    note = shown(see(cast.olivia, "call.py", id=call.id), "heading")["notes"][0]
    assert (note["title"], note["colour"], note["lines"]) == (title, colour, [NASTY])


def test_a_failed_call_says_why_and_keeps_its_recording_and_earlier_version(cast, see):
    with db.writing() as session:
        facts = {"status": CallStatus.FAILED, "error_code": "cut", "error": "It ends after 3 s of 120 s."}
        fresh = stored_call(session, cast.support, **facts)
        earlier = stored_call(session, cast.support, **facts)
        add_version(session, earlier, score=88.0)
    at = see(cast.olivia, "call.py", id=fresh.id)
    assert shown(at, "heading")["notes"][0]["lines"] == ["It ends after 3 s of 120 s.", *ELSE]
    said = shown(at, "transcript")
    assert (said["recording"], said["empty"]) == (f"/recordings/{fresh.id}", "There is no transcript.")
    assert see(cast.olivia, "call.py", id=earlier.id).metric[0].value == "88"


def test_a_call_on_its_way_says_that_more_is_to_come(cast, see):
    with db.writing() as session:
        call = stored_call(session, cast.support, status=CallStatus.TRANSCRIBING)
    at = see(cast.olivia, "call.py", id=call.id)
    assert not at.exception
    assert "when it is ready" in shown(at, "transcript")["empty"]
    assert shown(at, "heading")["badges"][0]["label"] == "Transcribing"


def test_where_the_campaign_redacts_there_is_no_player(cast, see):
    call = finished(cast)
    with db.writing() as session:
        session.get_one(Campaign, cast.support.id).redact = True
    said = shown(see(cast.olivia, "call.py", id=call.id), "transcript")
    assert (said["recording"], said["silent"]) == ("", REDACTED)


@pytest.mark.parametrize(
    ("state", "score", "said"),
    [
        (ReviewState.OPEN, None, ["Waits for review", "Score", "Agent talk share"]),
        (ReviewState.CLOSED, 91.0, ["Reviewed", "Score", "Reviewed score"]),
        (ReviewState.CLOSED, None, ["Reviewed", "Score", "Agent talk share"]),
    ],
)
def test_a_persons_score_stands_beside_the_ais(cast, see, state, score, said):
    call = with_version(cast, score=55.0)
    with db.writing() as session:
        session.add(Review(version_id=1, call_id=call.id, state=state, score=score))
    at = see(cast.olivia, "call.py", id=call.id)
    assert [shown(at, "heading")["badges"][-1]["label"], *(metric.label for metric in at.metric)][:3] == said
    assert at.metric[0].value == "55"


@pytest.mark.parametrize(
    ("asked", "start_ms"), daily(3, [("2", 4_000), ("4", 0), ("x", 0), ("3", 9_500), ("0", 0), ("-1", 0)])
)
def test_the_address_may_name_a_turn(cast, see, asked, start_ms):
    at = see(cast.olivia, "call.py", id=finished(cast).id, turn=asked)
    assert shown(at, "transcript")["start_ms"] == start_ms


def test_who_speaks_when_is_drawn_along_the_call(cast, see):
    talk = shown(see(cast.olivia, "call.py", id=finished(cast).id), "transcript")["talk"]
    assert talk["duration_ms"] == 12_000
    assert [(lane["name"], lane["pieces"]) for lane in talk["lanes"]] == [
        ("Agent", [[0, 2000], [9500, 11500]]),
        ("Customer", [[4000, 6000]]),
        ("Silence", [[6000, 9500]]),
    ]


def test_another_version_can_be_chosen_and_stays_in_the_address(cast, see):
    call = with_version(cast, score=50.0)
    with db.writing() as session:
        add_version(session, session.get_one(Call, call.id), reason=RunReason.RUN_ANALYSIS, score=90.0)
    at = see(cast.olivia, "call.py", id=call.id)
    assert (at.metric[0].value, at.selectbox[0].options[0][:26]) == ("90", "Version 2 · Run analysis ·")
    at.selectbox[0].set_value(1).run()
    assert (at.metric[0].value, at.query_params["version"]) == ("50", "1")
    again = see(cast.olivia, "call.py", id=call.id, version="1")
    assert (again.metric[0].value, again.selectbox[0].value) == ("50", 1)


@pytest.mark.parametrize("asked", daily(3, ["99", "x", "9" * 40, "0", "-1", ""]))
def test_a_version_that_is_not_there_is_the_newest(cast, see, asked):
    call = with_version(cast, score=50.0)
    assert see(cast.olivia, "call.py", id=call.id, version=asked).metric[0].value == "50"


def test_names_from_outside_reach_the_screen_only_as_a_components_text(cast, see):
    call = finished(cast, filename=NASTY, external_id=NASTY, details={NASTY: NASTY})
    at = see(cast.olivia, "call.py", id=call.id)
    assert not at.exception
    assert shown(at, "heading")["title"] == NASTY
    assert component(at, "facts", "External id").count("onerror") == 3
    for kind in ("markdown", "title", "caption", "html", "header", "subheader", "text", "metric", "expander"):
        assert not [each for each in at.get(kind) if "onerror" in str(each)], kind


def test_the_timeline_is_told_newest_first(cast, see):
    with db.writing() as session:
        call = stored_call(session, cast.support)
    line = component(see(cast.olivia, "call.py", id=call.id), "facts", "timeline")
    assert "The recording came in" in line
    assert "by a test" in line
