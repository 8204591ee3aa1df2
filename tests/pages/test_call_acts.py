"""The page of one call: whose it is, and what may be done there."""

import pytest

from jobs import enqueue
from records import db
from records.calls import Call
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, RunReason
from tests.daily import daily
from tests.pages.conftest import mounted, shown
from tests.pages.one_call import REPROCESS, buttons, finished
from tests.records.made import person, stored_call

BUTTONS = (RunReason.RERUN_TRANSCRIPTION, RunReason.RUN_ANALYSIS)


@pytest.mark.parametrize("name", ["mia", "adam"])
def test_not_yours_looks_like_not_there(cast, see, name):
    call = finished(cast, campaign=cast.sales)
    mine, nobodys = (see(getattr(cast, name), "call.py", id=which) for which in (call.id, "0" * 32))
    assert mine.title[0].value == nobodys.title[0].value == "There is no such call"
    assert [each.value for each in mine.markdown] == [each.value for each in nobodys.markdown]
    assert mounted(mine) == mounted(nobodys) == []
    assert buttons(mine) == []


@pytest.mark.parametrize("call_id", daily(3, ["", "\x00", ["a", "b"], "nonsense", "' OR 1=1 --", "../..", "🙂"]))
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
    assert [at.button(key=reason.value).disabled for reason in BUTTONS] == [True, True]


def test_without_a_transcript_only_transcription_can_be_run(cast, see):
    with db.writing() as session:
        call = stored_call(session, cast.support, status=CallStatus.FAILED)
    at = see(cast.olivia, "call.py", id=call.id)
    assert [at.button(key=reason.value).disabled for reason in BUTTONS] == [False, True]


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
