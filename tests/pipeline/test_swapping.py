"""Agent and customer the other way round: a new version, judged anew, for which no transcriber is paid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from pipeline import reruns, swapping
from pipeline.asking import first_look
from pipeline.reruns import Busy, NothingToAnalyze
from pipeline.sound.contract import Stretch
from pipeline.sound.figures import figures
from pipeline.swapping import NothingToSwap, swap, swapped_figures
from pipeline.transcribers.contract import AGENT, CUSTOMER, Transcript
from records import db
from records.access import COMMAND_LINE, Identity, NotFound
from records.calls import Call
from records.campaigns import Campaign
from records.checks import Check, PhraseRule
from records.results import StoredTranscript
from records.roles import Role
from records.statuses import CallStatus, RunReason, Verdict
from tests.pipeline.made import conversation, transcript
from tests.pipeline.staging import Play, call_of, count, drive, enter, results, run_of, timeline, versions

WRONG_WAY = conversation(
    ("customer", "Thank you for calling, this call may be recorded."), ("agent", "Hello, I have a question.")
)


@pytest.fixture
def told_wrongly(store: Campaign, play: Play) -> Call:
    """A Completed call whose agent was taken for the customer."""
    play.says = transcript(WRONG_WAY, cost_usd=0.02, audio_seconds=60, asked_again=1, roles_confidence=0.6)
    with db.writing() as session:
        check = session.exec(select(Check).where(Check.name == "Greeting")).one()
        check.rule = PhraseRule(any=("thank you for calling",), speaker="agent").model_dump(mode="json")
    first = enter(store)
    drive(first)
    return call_of(first.run_id)


def stored(transcript_id: int) -> StoredTranscript:
    with db.reading() as session:
        return session.get_one(StoredTranscript, transcript_id)


def speakers(transcript_id: int) -> list[str]:
    return [said["speaker"] for said in stored(transcript_id).content["utterances"]]


def test_a_swap_makes_a_new_version_and_leaves_the_first_as_it_was(told_wrongly: Call, play: Play):
    (before,) = versions(told_wrongly)
    call, run = swap(COMMAND_LINE, told_wrongly.id)
    asked = drive(first_look(run))
    one, two = versions(call)
    assert one.model_dump() == before.model_dump()
    assert speakers(one.transcript_id) == [CUSTOMER, AGENT]
    assert speakers(two.transcript_id) == [AGENT, CUSTOMER]
    assert [look.stage for look in asked] == ["analysis", "verdict"]
    assert (run.reason, run.number, len(play.looks)) == (RunReason.SWAPPED_SPEAKERS, 2, 1)
    assert timeline(call)[-3] == ("completed", "pending", "The speakers were swapped")


def test_the_checks_are_judged_by_who_speaks_now(told_wrongly: Call):
    before = results(versions(told_wrongly)[0].run_id)[0]
    _, run = swap(COMMAND_LINE, told_wrongly.id)
    drive(first_look(run))
    after = results(run.id or 0)[0]
    assert (before.name, before.verdict, after.verdict) == ("Greeting", Verdict.FAIL, Verdict.PASS)
    newest = call_of(run.id or 0)
    assert (newest.status, newest.version_number, newest.score) == (CallStatus.COMPLETED, 2, 100.0)


def test_no_transcriber_is_paid_and_the_roles_are_certain(told_wrongly: Call):
    _, run = swap(COMMAND_LINE, told_wrongly.id)
    drive(first_look(run))
    one, two = versions(told_wrongly)
    assert (one.cost_usd, one.audio_seconds, one.asked_again) == (0.02, 60, 1)
    assert (two.cost_usd, two.audio_seconds, two.asked_again) == (0.0, 0, 0)
    assert stored(two.transcript_id).content["roles_confidence"] == 1.0


def test_swapping_twice_is_as_it_was(told_wrongly: Call):
    for _ in range(2):
        drive(first_look(swap(COMMAND_LINE, told_wrongly.id)[1]))
    one, _, three = versions(told_wrongly)
    assert speakers(three.transcript_id) == speakers(one.transcript_id)
    assert stored(three.transcript_id).figures == stored(one.transcript_id).figures


def test_run_analysis_afterwards_keeps_the_swap(told_wrongly: Call):
    drive(first_look(swap(COMMAND_LINE, told_wrongly.id)[1]))
    drive(first_look(reruns.rerun(COMMAND_LINE, told_wrongly.id, RunReason.RUN_ANALYSIS)[1]))
    _, two, three = versions(told_wrongly)
    assert three.transcript_id == two.transcript_id


# --- when not


@pytest.mark.parametrize("status", [CallStatus.TRANSCRIBING, CallStatus.ANALYZING])
def test_a_call_that_is_being_processed_is_left_alone(desk: Campaign, play: Play, status: CallStatus):
    first = enter(desk)
    drive(first)
    with db.writing() as session:
        session.get_one(Call, call_of(first.run_id).id).status = status
    with pytest.raises(Busy, match="being processed"):
        swap(COMMAND_LINE, call_of(first.run_id).id)
    assert count(StoredTranscript) == 1


def test_without_a_transcript_there_is_nothing_to_swap(desk: Campaign):
    with pytest.raises(NothingToAnalyze):
        swap(COMMAND_LINE, call_of(enter(desk).run_id).id)


def test_speakers_that_nobody_told_apart_cannot_be_swapped(desk: Campaign, play: Play):
    play.says = transcript(conversation(("speaker_1", "Hello."), ("unknown", "Hm.")))
    first = enter(desk)
    drive(first)
    with pytest.raises(NothingToSwap, match="who the agent is"):
        swap(COMMAND_LINE, call_of(first.run_id).id)
    assert (count(StoredTranscript), call_of(first.run_id).status) == (1, CallStatus.COMPLETED)


@pytest.mark.parametrize("role", [Role.AGENT, Role.MANAGER])
def test_who_may_not_reprocess_the_call_finds_none(desk: Campaign, play: Play, role: Role):
    first = enter(desk)
    drive(first)
    stranger = Identity(user_id=None, role=role, label="else@example.org")
    with pytest.raises(NotFound):
        swap(stranger, call_of(first.run_id).id)
    assert run_of(first.run_id).number == call_of(first.run_id).run_number


def test_a_transcript_that_came_meanwhile_is_not_overlooked(desk: Campaign, play: Play, monkeypatch):
    first = enter(desk)
    drive(first)
    call, real = call_of(first.run_id), swapping._swapped

    def slowly(source):
        drive(first_look(reruns.rerun(COMMAND_LINE, call.id, RunReason.RERUN_TRANSCRIPTION)[1]))
        return real(source)

    monkeypatch.setattr(swapping, "_swapped", slowly)
    with pytest.raises(Busy, match="transcribed anew"):
        swap(COMMAND_LINE, call.id)
    assert [version.number for version in versions(call)] == [1, 2]


# --- figures

stretches = st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 9_000)), max_size=8).map(
    lambda pairs: tuple(Stretch(start_ms=at, end_ms=at + long) for at, long in pairs)
)
speech = st.dictionaries(st.sampled_from([AGENT, CUSTOMER, "speaker_3", "unknown"]), stretches)


@given(speech, st.booleans())
def test_the_swapped_figures_are_those_of_the_swapped_speech(heard, own):
    said = conversation(*((speaker, "some words to count") for speaker in heard))
    other_way = {swapping.OTHER.get(speaker, speaker): pieces for speaker, pieces in heard.items()}
    renamed = [each.model_copy(update={"speaker": swapping.OTHER.get(each.speaker, each.speaker)}) for each in said]
    measured = figures(heard, said, 60_000, own_channels=own)
    assert swapped_figures(measured) == figures(other_way, renamed, 60_000, own_channels=own)


@pytest.mark.parametrize(
    ("content", "possible"),
    [
        (transcript(WRONG_WAY), True),
        (transcript(conversation(("customer", "Hello."))), True),
        (transcript(conversation(("speaker_1", "Hello."), ("unknown", "Hm."))), False),
        (transcript(channels=(AGENT, CUSTOMER)), True),
        (transcript(), False),
    ],
)
def test_roles_can_be_swapped_where_somebody_has_one(content: Transcript, possible: bool):
    assert swapping.can_swap(content) is possible
