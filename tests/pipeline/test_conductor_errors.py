"""What an error in a stage means for its run: wait it out, try again, or fail in words."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, func, select

from config import settings
from pipeline import conductor, reruns
from pipeline.asking import first_look
from pipeline.children import ChildDied, ChildTimedOut
from pipeline.conductor import pause_before, step
from pipeline.outcome import Fault, ProviderError, Wait
from pipeline.sound.contract import Flaw, NotARecording
from pipeline.storage import StorageAway
from pipeline.work import Work
from records import db
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.slots import ProviderSlot
from records.statuses import CallStatus, RunReason
from tests.pipeline.staging import Play, call_of, drive, enter, fails, run_of, timeline, versions

S = CallStatus
BUSY = ProviderError("The provider is busy. Wait a little.")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOTALVIEW_MAX_ATTEMPTS", "3")
    monkeypatch.setenv("TOTALVIEW_RETRY_SECONDS", "8")
    settings.cache_clear()
    monkeypatch.setattr(conductor.random, "random", lambda: 1.0)


def places_taken() -> int:
    with db.reading() as session:
        held = select(func.count()).select_from(ProviderSlot).where(col(ProviderSlot.run_id).is_not(None))
        return session.exec(held).one()


# --- passing errors


def test_a_passing_error_is_tried_again_later_under_a_new_ticket(desk: Campaign, play: Play):
    play.acts.append(BUSY)
    first = enter(desk)
    before = db.now()
    again = step(first.run_id, first.ticket)
    run, call = run_of(first.run_id), call_of(first.run_id)
    assert (again.ticket, again.stage, again.seconds) == (2, "transcription", 8)
    assert (run.attempts, run.claim, run.ended_at, run.waiting_for) == (1, None, None, str(BUSY))
    assert 7 < (run.due_at - before).total_seconds() < 12
    assert (call.status, call.error) == (S.TRANSCRIBING, None)
    assert timeline(call)[-1] == ("transcribing", "transcribing", str(BUSY))
    drive(again)
    assert (call_of(first.run_id).status, run_of(first.run_id).waiting_for) == (S.COMPLETED, "")


def test_pauses_double_until_the_call_fails_with_the_words(desk: Campaign, play: Play):
    play.acts.extend([BUSY, BUSY, BUSY])
    first = enter(desk)
    second = step(first.run_id, first.ticket)
    third = step(second.run_id, second.ticket)
    assert (second.seconds, third.seconds) == (8, 16)
    with pytest.raises(conductor.CallFailed, match="The provider is busy"):
        step(third.run_id, third.ticket)
    run, call = run_of(first.run_id), call_of(first.run_id)
    assert (call.status, call.error_code, call.error) == (S.FAILED, "provider", str(BUSY))
    assert (run.error_code, run.error, run.claim, run.ended_at is not None) == ("provider", str(BUSY), None, True)
    assert timeline(call)[-1] == ("transcribing", "failed", str(BUSY))
    assert step(third.run_id, third.ticket) is None


def test_tries_are_counted_for_each_stage_anew(desk: Campaign, play: Play):
    play.acts.extend([BUSY, BUSY])
    first = enter(desk)
    again = step(first.run_id, first.ticket)
    again = step(again.run_id, again.ticket)
    assert run_of(first.run_id).attempts == 2
    again = step(again.run_id, again.ticket)
    assert (again.stage, run_of(first.run_id).attempts) == ("analysis", 0)
    drive(again)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ProviderError("Deepgram is down."), "provider", "Deepgram is down."),
        (
            FileNotFoundError(2, "No such file", "/srv/secret/path"),
            "storage",
            "The stored recording is missing. Look at the storage, upload the same file again, and rerun.",
        ),
        (
            ChildDied("It was killed."),
            "unreadable",
            "Reading or recognising this recording broke off (It was killed.).",
        ),
        (ChildTimedOut("Too slow."), "unreadable", "Reading or recognising this recording broke off (Too slow.)."),
        (
            KeyError("/srv/secret/path"),
            "internal",
            "Something went wrong inside TotalView (KeyError); the log has the details. Try a rerun.",
        ),
        (MemoryError(), "internal", "Something went wrong inside TotalView (MemoryError)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_whatever_breaks_ends_in_a_sentence_without_traceback_or_path(desk: Campaign, play: Play, error, code, words):
    play.acts.extend([error] * 3)
    first = enter(desk)
    said = fails(first)
    call = call_of(first.run_id)
    assert said.startswith(words)
    assert (call.error_code, call.error) == (code, said)
    assert "secret" not in said


def test_the_log_has_the_details_of_our_own_mistakes(desk: Campaign, play: Play, caplog: pytest.LogCaptureFixture):
    play.acts.extend([KeyError("the details")] * 3)
    with caplog.at_level(logging.WARNING):
        fails(enter(desk))
    assert caplog.text.count("KeyError: 'the details'") == 3


@pytest.mark.parametrize("wish", [30.0, 599.0, 3600.0])
def test_a_providers_own_wish_is_waited_for(desk: Campaign, play: Play, wish: float):
    play.acts.append(ProviderError("Slow down.", retry_after=wish))
    first = enter(desk)
    assert step(first.run_id, first.ticket).seconds == wish


# --- the recording's own fault


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotARecording(Flaw.CUT_SHORT, "This recording is cut short."), "cut_short"),
        (ProviderError("This language is not spoken here.", fault=Fault.RECORDING), "recording"),
    ],
)
def test_what_is_the_recordings_fault_fails_at_once(desk: Campaign, play: Play, error: Exception, code: str):
    play.acts.append(error)
    first = enter(desk)
    said = fails(first)
    call = call_of(first.run_id)
    assert (said, call.status, call.error, call.error_code) == (str(error), S.FAILED, str(error), code)
    assert (len(play.looks), run_of(first.run_id).attempts) == (1, 1)


# --- the account's fault


@pytest.mark.parametrize(
    "down",
    [
        ProviderError("The key was refused. Set another.", fault=Fault.ACCOUNT),
        StorageAway("The recording could not be stored: gone."),
    ],
    ids=["account", "storage"],
)
def test_an_outage_waits_without_counting_and_without_end(desk: Campaign, play: Play, down: Exception):
    play.acts.extend([BUSY, *[down] * 12, BUSY, BUSY])
    again = enter(desk)
    run_id, calls = again.run_id, 0
    for _ in range(13):
        again = step(again.run_id, again.ticket)
    assert (again.seconds, run_of(run_id).attempts, run_of(run_id).waiting_for) == (60, 0, str(down))
    assert (call_of(run_id).status, call_of(run_id).error) == (S.TRANSCRIBING, None)
    calls = len(timeline(call_of(run_id)))
    drive(again)
    assert call_of(run_id).status is S.COMPLETED
    assert calls == 3, "an outage adds no line to the timeline each minute"


# --- waiting


def test_a_wait_holds_no_claim_and_resets_the_tries(desk: Campaign, play: Play):
    play.acts.extend([BUSY, Wait(45), BUSY, BUSY])
    first = enter(desk)
    again = step(first.run_id, first.ticket)
    again = step(again.run_id, again.ticket)
    run = run_of(first.run_id)
    assert (again.seconds, again.ticket, run.claim, run.lease_until, run.attempts) == (45, 3, None, None, 0)
    assert 40 < (run.due_at - db.now()).total_seconds() <= 45
    drive(again)
    assert call_of(first.run_id).status is S.COMPLETED


def test_a_wait_keeps_what_the_run_remembers(desk: Campaign, play: Play):
    def submit(work: Work) -> Wait:
        work.memory.remember(job="42")
        return Wait(5)

    seen = []
    play.acts.extend([submit, BUSY, lambda work: seen.append(dict(work.memory.facts))])
    first = enter(desk)
    drive(first)
    assert seen == [{"job": "42"}]
    assert run_of(first.run_id).memory == {}, "the next stage starts with an empty memory"


# --- stopping


def test_a_process_that_is_told_to_stop_hands_back_as_if_it_had_never_begun(desk: Campaign, play: Play):
    def stop(work: Work) -> None:
        assert [held.run_id for held in conductor.in_hand()] == [work.run_id]
        conductor.hand_back()
        raise OSError("the process is going down")

    play.acts.extend([BUSY, stop, stop, stop, BUSY])
    first = enter(desk)
    again = step(first.run_id, first.ticket)
    for _ in range(3):
        assert step(again.run_id, again.ticket) is None
        run = run_of(first.run_id)
        assert (run.attempts, run.claim, places_taken()) == (1, None, 0)
        again = first_look(run)
    drive(again)
    assert (call_of(first.run_id).status, conductor.in_hand()) == (S.COMPLETED, [])


# --- places with a provider


@pytest.mark.parametrize(
    ("end", "kept"),
    [(BUSY, 0), (NotARecording(Flaw.EMPTY, "Empty."), 0), (Wait(5), 1)],
    ids=lambda value: type(value).__name__,
)
def test_a_place_is_kept_while_the_provider_works_and_given_back_otherwise(desk: Campaign, play: Play, end, kept: int):
    def act(_work: Work) -> object:
        assert places_taken() == 1
        if isinstance(end, BaseException):
            raise end
        return end

    play.acts.append(act)
    first = enter(desk)
    try:
        step(first.run_id, first.ticket)
    except conductor.CallFailed:
        assert end.code == Flaw.EMPTY
    assert places_taken() == kept


def test_earlier_versions_survive_a_failed_run(desk: Campaign, play: Play):
    first = enter(desk)
    drive(first)
    call = call_of(first.run_id)
    _, run = reruns.rerun(COMMAND_LINE, call.id, RunReason.RERUN_TRANSCRIPTION)
    play.acts.append(NotARecording(Flaw.CUT_SHORT, "Cut."))
    fails(first_look(run))
    call = call_of(first.run_id)
    assert (call.status, call.version_number, call.score, len(versions(call))) == (S.FAILED, 1, 100, 1)


# --- pauses


@given(st.integers(1, 100_000), st.floats(0.1, 600), st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_a_pause_is_never_before_the_wish_and_never_endless(
    attempt: int, first: float, chance: float, wish: float | None
):
    seconds = pause_before(attempt, first_s=first, wish_s=wish, chance=chance)
    assert min(first / 2, 300) <= seconds <= 3600
    assert seconds >= min(wish or 0, 3600)
    if not wish:
        assert seconds <= 600


def test_pauses_grow_by_doubling_up_to_ten_minutes():
    grown = [pause_before(attempt, first_s=5) for attempt in range(1, 10)]
    assert grown == [5, 10, 20, 40, 80, 160, 320, 600, 600]


def test_tries_that_failed_together_are_spread():
    assert [pause_before(1, first_s=10, chance=chance) for chance in (0, 0.5, 1)] == [5, 7.5, 10]
