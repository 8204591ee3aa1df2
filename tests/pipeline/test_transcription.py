import pytest
from sqlmodel import col, update

from pipeline import children, transcription
from pipeline.asking import first_look
from pipeline.conductor import step
from pipeline.outcome import Again, Done, Wait
from pipeline.sound.decode import listen
from pipeline.transcribers import registry
from pipeline.transcribers.contract import Order, Transcript, Utterance
from records import db, slots
from records.calls import Call
from records.campaigns import Campaign
from records.runs import Run
from records.statuses import CallStatus
from tests.pipeline.arriving import here, receive, wav
from tests.pipeline.staging import call_of, drive, run_of


class Elsewhere:
    """A transcriber that works elsewhere: the first look submits, the second finds the transcript."""

    name = "elsewhere"

    def transcribe(self, order: Order) -> Done[Transcript] | Wait:
        if "job" not in order.memory.facts:
            order.memory.remember(job="j1")
            return Wait(30)
        said = Utterance(speaker="speaker_1", start_ms=0, end_ms=400, text="hello there")
        return Done(Transcript(provider=self.name, model="m", language="en", utterances=(said,)))


@pytest.fixture
def entered(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> Again:
    """The first look at a call whose transcriber works elsewhere, with one place."""
    monkeypatch.setattr(children, "run", here)
    theirs = registry.Provider("tests.pipeline.test_transcription:Elsewhere", "Elsewhere", lambda _: 1)
    monkeypatch.setattr(registry, "PROVIDERS", {**registry.PROVIDERS, "elsewhere": theirs})
    change(transcriber="elsewhere")
    asked: list[Run] = []
    receive(wav(), ask=lambda _call, run: asked.append(run))
    return first_look(asked[0])


def change(**settings: object) -> None:
    with db.writing() as session:
        session.exec(update(Campaign).values(**settings))


def test_a_run_keeps_the_transcriber_that_it_began_with(entered: Again):
    again = step(entered.run_id, entered.ticket)
    assert (again.seconds, run_of(entered.run_id).transcriber) == (30, "elsewhere")
    change(transcriber="local")
    drive(again)
    assert call_of(entered.run_id).status is CallStatus.COMPLETED


def test_a_recording_is_decoded_once_a_run_where_the_samples_are_not_needed_again(entered: Again, monkeypatch):
    decoded = []
    monkeypatch.setattr(transcription, "listen", lambda *args: decoded.append(args) or listen(*args))
    drive(entered)
    assert len(decoded) == 1


def test_a_place_is_held_while_the_provider_works_and_others_wait_in_words(entered: Again):
    step(entered.run_id, entered.ticket)
    asked: list[Run] = []
    receive(wav(1), ask=lambda _call, run: asked.append(run))
    other = first_look(asked[0])
    assert step(other.run_id, other.ticket) is None
    assert run_of(other.run_id).waiting_for == "Waiting for a place: all 1 with Elsewhere are taken."
    assert call_of(other.run_id).status is CallStatus.PENDING
    with db.writing() as session:
        assert not slots.take(session, "elsewhere", other.run_id, limit=1, seconds=1)


def test_a_transcriber_that_cannot_redact_is_refused_until_another_is_chosen(entered: Again):
    change(redact=True)
    again = step(entered.run_id, entered.ticket)
    assert "and Elsewhere cannot" in run_of(entered.run_id).waiting_for
    with db.reading() as session:
        assert session.get_one(Call, call_of(entered.run_id).id).error is None
    change(redact=False)
    with db.writing() as session:
        session.exec(update(Run).where(col(Run.id) == entered.run_id).values(due_at=db.now()))
    drive(again)
    assert call_of(entered.run_id).status is CallStatus.COMPLETED
