import pytest
from sqlmodel import select

from pipeline import conductor, reruns
from pipeline.asking import first_look
from pipeline.conductor import step
from pipeline.outcome import ProviderError
from pipeline.reruns import Busy, NothingToAnalyze
from pipeline.sound.contract import Flaw, NotARecording
from records import db
from records.access import COMMAND_LINE, Identity, NotFound
from records.calls import Call
from records.campaigns import Campaign
from records.checks import Check, PhraseRule
from records.db import stored_id
from records.results import StoredTranscript
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, RunReason, Verdict
from tests.pipeline.made import conversation, transcript
from tests.pipeline.staging import (
    Play,
    call_of,
    count,
    drive,
    enter,
    fails,
    results,
    run_of,
    timeline,
    versions,
)

S, R = CallStatus, RunReason
UNREADABLE = NotARecording(Flaw.CUT_SHORT, "This recording is cut short.")


def rerun(run_id: int, reason: RunReason, **facts) -> Run:
    return reruns.rerun(facts.pop("who", COMMAND_LINE), call_of(run_id).id, reason, **facts)[1]


# --- versions


def test_a_rerun_adds_a_version_and_leaves_the_first_as_it_was(store: Campaign, play: Play):
    first = enter(store)
    drive(first)
    (before,) = versions(call_of(first.run_id))
    kept = [result.model_dump() for result in results(first.run_id)]
    play.says = transcript(conversation(("agent", "Good morning."), ("customer", "Hello.")), cost_usd=0.03)
    run = rerun(first.run_id, R.RERUN_TRANSCRIPTION)
    drive(first_look(run))
    call = call_of(first.run_id)
    one, two = versions(call)
    assert one.model_dump() == before.model_dump()
    assert [result.model_dump() for result in results(first.run_id)] == kept
    assert (two.number, two.run_id, two.score, two.flagged, two.cost_usd) == (
        2,
        run.id,
        pytest.approx(100 / 7),
        True,
        0.03,
    )
    assert (call.version_number, call.score, call.flagged) == (2, two.score, True)
    assert (one.transcript_id != two.transcript_id, count(StoredTranscript)) == (True, 2)


def test_run_analysis_judges_the_same_transcript_anew_and_pays_no_transcriber(store: Campaign, play: Play):
    first = enter(store)
    drive(first)
    with db.writing() as session:
        check = session.exec(select(Check).where(Check.name == "Greeting")).one()
        check.rule = PhraseRule(any=("good evening",)).model_dump(mode="json")
    run = rerun(first.run_id, R.RUN_ANALYSIS)
    asked = drive(first_look(run))
    one, two = versions(call_of(first.run_id))
    assert [look.stage for look in asked] == ["analysis", "verdict"]
    assert (len(play.looks), two.transcript_id) == (1, one.transcript_id)
    assert (one.cost_usd, one.audio_seconds, two.cost_usd, two.audio_seconds) == (0.02, 60, None, 0)
    assert [(line[0], line[1]) for line in timeline(call_of(first.run_id))][-3:] == [
        ("completed", "pending"),
        ("pending", "analyzing"),
        ("analyzing", "completed"),
    ]
    assert [result.verdict for result in results(run.id)] == [Verdict.FAIL, Verdict.PASS, Verdict.PASS]


def test_editing_and_deleting_checks_changes_no_stored_result(desk: Campaign, play: Play):
    first = enter(desk)
    drive(first)
    before = [result.model_dump() for result in results(first.run_id)]
    kept = versions(call_of(first.run_id))[0].model_dump()
    with db.writing() as session:
        greeting, disclosure, silence = session.exec(select(Check).order_by(Check.position)).all()
        greeting.name, greeting.weight, greeting.critical = "Renamed", 99, True
        greeting.rule = PhraseRule(none=("thank you for calling",)).model_dump(mode="json")
        disclosure.active = False
        session.delete(silence)
    assert [result.model_dump() for result in results(first.run_id)] == before
    assert versions(call_of(first.run_id))[0].model_dump() == kept
    drive(first_look(rerun(first.run_id, R.RUN_ANALYSIS)))
    newest = run_of(first.run_id).id + 1
    assert [(result.name, result.verdict) for result in results(newest)] == [("Renamed", Verdict.FAIL)]
    assert [result.model_dump() for result in results(first.run_id)] == before


def test_who_asked_and_why_stand_in_run_and_timeline(desk: Campaign, play: Play):
    first = enter(desk)
    drive(first)
    who = Identity(user_id=None, role=Role.OWNER, label="ann@example.org")
    run = rerun(first.run_id, R.RERUN_TRANSCRIPTION, who=who, transcriber="other")
    assert (run.number, run.reason, run.asked_by, run.transcriber) == (
        2,
        R.RERUN_TRANSCRIPTION,
        "ann@example.org",
        "other",
    )
    assert timeline(call_of(first.run_id))[-1] == ("completed", "pending", "Rerun Transcription")


# --- when


def test_a_failed_call_may_be_run_again_and_its_error_goes(desk: Campaign, play: Play):
    first = enter(desk)
    play.acts.append(UNREADABLE)
    fails(first)
    run = rerun(first.run_id, R.RERUN_TRANSCRIPTION)
    call = call_of(first.run_id)
    assert (call.status, call.error, call.error_code, call.run_number) == (S.PENDING, None, None, 2)
    assert run_of(first.run_id).error == str(UNREADABLE), "the failed run keeps its words"
    drive(first_look(run))
    assert (call_of(first.run_id).status, call_of(first.run_id).version_number) == (S.COMPLETED, 1)


def test_a_pending_call_may_be_run_again_and_its_old_job_is_worth_nothing(store: Campaign, play: Play):
    first = enter(store)
    run = rerun(first.run_id, R.RERUN_TRANSCRIPTION)
    old = run_of(first.run_id)
    assert (old.ended_at is not None, old.error_code) == (True, "superseded")
    assert step(first.run_id, first.ticket) is None
    drive(first_look(run))
    call = call_of(first.run_id)
    assert (call.status, len(versions(call)), len(play.looks)) == (S.COMPLETED, 1, 1)


def test_a_busy_call_refuses_in_words_and_is_not_disturbed(store: Campaign, play: Play):
    first = enter(store)
    refused = []

    def ask(_work: object) -> None:
        for reason in (R.RERUN_TRANSCRIPTION, R.RUN_ANALYSIS):
            with pytest.raises(Busy) as error:
                rerun(first.run_id, reason)
            refused.append(str(error.value))

    play.acts.append(ask)
    again = step(first.run_id, first.ticket)
    again = step(again.run_id, again.ticket)
    ask(None)  # Analyzing
    drive(again)
    assert refused == ["This call is being processed. Wait until it is Completed or Failed, then try again."] * 4
    assert (call_of(first.run_id).run_number, len(versions(call_of(first.run_id)))) == (1, 1)


def test_a_call_that_waits_for_its_next_try_is_busy_too(desk: Campaign, play: Play):
    play.acts.append(ProviderError("Busy."))
    first = enter(desk)
    again = step(first.run_id, first.ticket)
    with pytest.raises(Busy):
        rerun(first.run_id, R.RERUN_TRANSCRIPTION)
    drive(again)


def test_run_analysis_without_a_transcript_says_what_to_do(desk: Campaign, play: Play):
    first = enter(desk)
    with pytest.raises(NothingToAnalyze, match=r"This call has no transcript yet\. Use Rerun Transcription\."):
        rerun(first.run_id, R.RUN_ANALYSIS)
    assert (call_of(first.run_id).run_number, run_of(first.run_id).ended_at) == (1, None)
    play.acts.append(UNREADABLE)
    fails(first)
    with pytest.raises(NothingToAnalyze):
        rerun(first.run_id, R.RUN_ANALYSIS)
    assert (call_of(first.run_id).status, call_of(first.run_id).error) == (S.FAILED, str(UNREADABLE))


def test_run_analysis_takes_the_newest_transcript_even_of_a_run_that_failed_after_it(
    desk: Campaign, play: Play, monkeypatch
):
    first = enter(desk)
    drive(first)
    run = rerun(first.run_id, R.RERUN_TRANSCRIPTION)
    again = step(stored_id(run.id), run.ticket)
    with monkeypatch.context() as patch:
        patch.setattr(conductor, "is_final", lambda _error: True)
        patch.setattr("pipeline.analysis._load", lambda _work: 1 / 0)
        fails(again)
    third = rerun(first.run_id, R.RUN_ANALYSIS)
    assert third.transcript_id == run_of(run.id).transcript_id != run_of(first.run_id).transcript_id


# --- who


@pytest.mark.parametrize("role", Role)
def test_who_may_reprocess(desk: Campaign, play: Play, role: Role):
    first = enter(desk)
    drive(first)
    who = Identity(user_id=None, role=role, label="somebody", agent_id=1)
    if role in {Role.AGENT, Role.MANAGER}:
        with pytest.raises(NotFound, match=r"There is no such call\."):
            rerun(first.run_id, R.RUN_ANALYSIS, who=who)
        assert call_of(first.run_id).status is S.COMPLETED
    else:
        assert rerun(first.run_id, R.RUN_ANALYSIS, who=who).asked_by == "somebody"


def test_a_manager_reprocesses_calls_of_assigned_campaigns(desk: Campaign, play: Play):
    first = enter(desk)
    drive(first)
    who = Identity(user_id=None, role=Role.MANAGER, label="mgr", campaign_ids=frozenset({desk.id}))
    assert rerun(first.run_id, R.RUN_ANALYSIS, who=who).number == 2


def test_a_call_that_is_not_there_is_not_found(desk: Campaign):
    with pytest.raises(NotFound):
        reruns.rerun(COMMAND_LINE, "f" * 32, R.RUN_ANALYSIS)
    assert count(Call) == 0
