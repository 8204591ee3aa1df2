"""The page of one call."""

from typing import Any

import pytest

from dashboard.callview import DRAFT_TITLE, DRAFT_WORDS, REDACTED, UNVERIFIED
from jobs import enqueue
from records import db
from records.calls import Call
from records.campaigns import Campaign
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, CheckKind, RunReason, Verdict
from tests.pages.conftest import mounted, shown
from tests.records.finished import add_version, finished_call, greeting, transcript
from tests.records.made import person, stored_call

NASTY = '<img src=x onerror=alert(1)> **bold** :smile: $x$ "quote"'
REPROCESS = ["Rerun Transcription", "Run Analysis"]


def finished(cast, **facts) -> Call:
    with db.writing() as session:
        return finished_call(session, facts.pop("campaign", cast.support), **facts)


def with_version(cast, **facts) -> Call:
    """A call whose only version is made of these facts."""
    with db.writing() as session:
        call = stored_call(session, cast.support, status=CallStatus.COMPLETED)
        add_version(session, call, **facts)
    return call


def component(at, name: str, part: str) -> Any:
    """One part of what one of the two lists at the page's end was given."""
    for each in at.get("bidi_component"):
        if each.proto.component_name == f"tv_{name}" and part in each.proto.json:
            return each.proto.json
    raise AssertionError(part)


def buttons(at) -> list[str]:
    return [button.label for button in at.button if button.label in REPROCESS]


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


@pytest.mark.parametrize(("asked", "start_ms"), [("30", 30_000), ("", 0), ("-5", 0), ("x", 0), ("9" * 30, 0)])
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
    assert (met["doubt"], empathy["doubt"]) == ("", UNVERIFIED)
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
    head = shown(see(cast.olivia, "call.py", id=call.id), "heading")
    assert "Flagged" in [badge["label"] for badge in head["badges"]]
    assert head["notes"] == [
        {
            "colour": "red",
            "icon": "flag",
            "title": "Flagged for review",
            "lines": ["The score 43 is under 70.", NASTY],
        }
    ]


def test_an_offline_draft_is_called_one(cast, see):
    call = with_version(cast, content=transcript(draft=True, notes=("Two channels.",)))
    note = shown(see(cast.olivia, "call.py", id=call.id), "heading")["notes"][0]
    assert (note["title"], note["lines"]) == (DRAFT_TITLE, [DRAFT_WORDS, "Two channels."])


def test_what_a_call_waits_for_is_said(cast, see):
    with db.writing() as session:
        call = stored_call(session, cast.support, status=CallStatus.TRANSCRIBING)
        session.add(
            Run(
                call_id=call.id,
                number=1,
                reason=RunReason.FIRST_RUN,
                stage="transcription",
                waiting_for="No quota left.",
            )
        )
    note = shown(see(cast.olivia, "call.py", id=call.id), "heading")["notes"][0]
    assert (note["title"], note["lines"]) == ("This call waits", ["No quota left."])


def test_a_failed_call_says_why_and_keeps_its_recording_and_earlier_version(cast, see):
    with db.writing() as session:
        facts = {"status": CallStatus.FAILED, "error_code": "cut", "error": "It ends after 3 s of 120 s."}
        fresh = stored_call(session, cast.support, **facts)
        earlier = stored_call(session, cast.support, **facts)
        add_version(session, earlier, score=88.0)
    at = see(cast.olivia, "call.py", id=fresh.id)
    assert shown(at, "heading")["notes"][0]["lines"] == ["It ends after 3 s of 120 s."]
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


@pytest.mark.parametrize("asked", ["99", "0", "x", "-1", "9" * 40, ""])
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


@pytest.mark.parametrize("name", ["mia", "adam"])
def test_not_yours_looks_like_not_there(cast, see, name):
    call = finished(cast, campaign=cast.sales)
    mine, nobodys = (see(getattr(cast, name), "call.py", id=which) for which in (call.id, "0" * 32))
    assert mine.title[0].value == nobodys.title[0].value == "There is no such call"
    assert [each.value for each in mine.markdown] == [each.value for each in nobodys.markdown]
    assert mounted(mine) == mounted(nobodys) == []
    assert buttons(mine) == []


@pytest.mark.parametrize("call_id", ["", "nonsense", "' OR 1=1 --", "\x00", "../..", "🙂", ["a", "b"]])
def test_nonsense_for_an_id_is_no_call(cast, see, call_id):
    at = see(cast.olivia, "call.py", id=call_id)
    assert not at.exception
    assert at.title[0].value == "There is no such call"


def test_an_agent_reads_the_own_call_and_cannot_send_it_again(cast, see):
    call = finished(cast, agent_id=cast.ada.id)
    at = see(cast.adam, "call.py", id=call.id)
    assert at.metric[0].value == "80"
    assert buttons(at) == []


@pytest.mark.parametrize("name", ["olivia", "sam", "carla", "mia"])
def test_who_may_reprocess_has_both_buttons(cast, see, name):
    assert buttons(see(getattr(cast, name), "call.py", id=finished(cast).id)) == REPROCESS


@pytest.mark.parametrize(
    ("reason", "stage"),
    [(RunReason.RERUN_TRANSCRIPTION, "transcription"), (RunReason.RUN_ANALYSIS, "analysis")],
)
def test_a_button_opens_a_run_and_asks_a_worker_to_look(cast, see, monkeypatch, reason, stage):
    asked = []
    monkeypatch.setattr(enqueue, "first", lambda call, run: asked.append((call.id, run.number)))
    call = finished(cast)
    with db.writing() as session:  # the run's transcript, as the pipeline leaves it
        session.get_one(Run, 1).transcript_id = 1
    at = see(cast.mia, "call.py", id=call.id)
    at.button(key=reason.value).click().run()
    assert not at.exception
    assert asked == [(call.id, 2)]
    assert shown(at, "heading")["badges"][0]["label"] == "Pending"
    with db.reading() as session:
        run = session.get_one(Run, 2)
    assert (run.reason, run.stage, run.asked_by) == (reason, stage, cast.mia.email)
    assert "On its way" in at.toast[0].value


@pytest.mark.parametrize("status", [CallStatus.TRANSCRIBING, CallStatus.ANALYZING])
def test_a_call_that_is_being_processed_cannot_be_sent_again(cast, see, status):
    with db.writing() as session:
        call = stored_call(session, cast.support, status=status)
    at = see(cast.olivia, "call.py", id=call.id)
    assert [at.button(key=reason.value).disabled for reason in list(RunReason)[1:]] == [True, True]


def test_without_a_transcript_only_transcription_can_be_run(cast, see):
    with db.writing() as session:
        call = stored_call(session, cast.support, status=CallStatus.FAILED)
    at = see(cast.olivia, "call.py", id=call.id)
    assert [at.button(key=reason.value).disabled for reason in list(RunReason)[1:]] == [False, True]


def test_somebody_who_lost_the_right_since_the_page_was_drawn_is_refused(cast, see, monkeypatch):
    asked = []
    monkeypatch.setattr(enqueue, "first", lambda *_: asked.append(1))
    call = finished(cast)
    at = see(cast.mia, "call.py", id=call.id)
    with db.writing() as session:
        session.get_one(type(cast.mia), cast.mia.id).active = False
    at.button(key=RunReason.RERUN_TRANSCRIPTION.value).click().run()
    assert asked == []
    with db.reading() as session:
        assert session.get_one(Call, call.id).status is CallStatus.COMPLETED


def test_a_call_that_began_meanwhile_is_said_and_nothing_breaks(cast, see, monkeypatch):
    monkeypatch.setattr(enqueue, "first", lambda *_: None)
    call = finished(cast)
    at = see(cast.olivia, "call.py", id=call.id)
    with db.writing() as session:
        session.get_one(Call, call.id).status = CallStatus.ANALYZING
    at.button(key=RunReason.RERUN_TRANSCRIPTION.value).click().run()
    assert not at.exception
    assert "being processed" in at.toast[0].value


def test_the_way_back_leads_to_the_same_list(cast, see):
    call = finished(cast)
    at = see(cast.olivia, "call.py", id=call.id, status="completed")
    at.button(key="back").click().run()
    assert at.title[0].value == "Calls"
    assert (at.query_params["status"], "id" in at.query_params) == ("completed", False)


def test_a_nul_in_the_address_breaks_neither_database(database, see):
    with db.writing() as session:
        owner = person(session, Role.OWNER)
    at = see(owner, "call.py", id="\x00")
    assert not at.exception
    assert at.title[0].value == "There is no such call"
    at = see(owner, "calls.py", q="\x00")
    assert not at.exception
    assert at.subheader[0].value == "No calls yet"
