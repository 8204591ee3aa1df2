"""Deepgram's answer by a callback: what is remembered, what is waited for, and what may come instead."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.outcome import Done, Fault, ProviderError, Wait
from pipeline.transcribers.deepgram import transcriber as deepgram
from tests.pipeline.staging import Killed
from tests.pipeline.transcribers.deepgram_calls import LetterBox, Remembering, client, fresh, order
from tests.simulators.deepgram import Deepgram
from tests.simulators.server import Trouble, serving

DEADLINE_S = 602  # for 20 s of sound


@pytest.fixture(scope="module")
def servers():
    with serving(Deepgram()) as simulated, serving(LetterBox()) as box:
        yield simulated, box


@pytest.fixture
def simulated(servers):
    return fresh(servers[0])


@pytest.fixture
def box(servers):
    return fresh(servers[1])


class Clock:
    def __init__(self):
        self.moment = datetime(2026, 11, 25, 9, tzinfo=UTC)

    def __call__(self):
        return self.moment

    def passes(self, seconds):
        self.moment += timedelta(seconds=seconds)


class Call:
    """One call, looked at again and again by processes that come and go."""

    def __init__(self, simulated, box, folder):
        self.memory, self.clock, self.box = Remembering(), Clock(), box
        self.ours = client(simulated, seconds=0.5, clock=self.clock)
        self.folder = folder

    def look(self, *, reachable=True, **wishes):
        box = self.box if reachable else None
        return self.ours.transcribe(order(self.folder, memory=self.memory, callback=box, **wishes))

    def fails(self):
        with pytest.raises(ProviderError) as caught:
            self.look()
        assert self.box.secret not in str(caught.value)
        return caught.value

    def comes(self):
        assert self.box.came.wait(60)
        return self.look()


@pytest.fixture
def call(simulated, box, tmp_path):
    return Call(simulated, box, tmp_path)


def options(simulated, at=-1):
    return dict(simulated.seen[at].query)


def test_an_answer_that_is_called_back_is_the_transcript(simulated, box, call):
    waiting = call.look()
    assert isinstance(waiting, Wait)
    assert waiting.seconds == deepgram.LONGEST_LOOK_S
    assert (options(simulated)["callback"], options(simulated)["callback_method"]) == (box.opened[0], "POST")
    assert call.memory.facts["request_id"]
    made = call.comes().value
    assert [one.speaker for one in made.utterances] == ["speaker_1", "speaker_2"] * 2
    assert (made.asked_again, made.notes, len(simulated.paid)) == (0, (), 1)


def test_the_address_stands_in_the_memory_before_anything_is_sent(simulated, box, call, monkeypatch):
    def dies(*_args):
        assert call.memory.facts["callback"] == "open"
        assert box.opened
        raise Killed

    monkeypatch.setattr(deepgram, "send", dies)
    with pytest.raises(Killed):
        call.look()


def test_a_callback_that_is_refused_at_first_comes_again(simulated, box, call):
    box.troubles = [Trouble(503), Trouble(500)]
    call.look()
    assert isinstance(call.comes(), Done)
    assert simulated.callbacks[:2] == [503, 500]


def test_a_look_before_the_answer_waits_on_and_sends_nothing(simulated, call):
    simulated.calls_back = False
    call.look()
    call.clock.passes(DEADLINE_S - 10)
    assert call.look().seconds == pytest.approx(10)
    call.clock.passes(9.9)
    assert call.look().seconds == 1.0
    assert len(simulated.seen) == 1


def test_a_process_that_died_while_submitting_waits_for_the_answer_and_pays_once(simulated, call, monkeypatch):
    real = deepgram.send

    def dies(*args):
        real(*args)
        raise Killed

    monkeypatch.setattr(deepgram, "send", dies)
    simulated.callback_s = 0.2
    with pytest.raises(Killed):
        call.look()
    monkeypatch.setattr(deepgram, "send", real)
    assert isinstance(call.look(), Wait)
    assert "request_id" not in call.memory.facts
    assert call.comes().value.asked_again == 0
    assert len(simulated.paid) == 1


def test_who_only_waits_for_the_callback_has_not_heard_from_deepgram(simulated, call):
    simulated.calls_back = False
    assert [call.look().heard, call.look().heard] == [True, False]


@pytest.mark.parametrize("trouble", [Trouble(200, b"", half=True, after=True), Trouble(200, wait_s=0.8, after=True)])
def test_a_submission_whose_receipt_got_lost_is_waited_for(simulated, call, trouble):
    simulated.troubles = [trouble]
    assert isinstance(call.look(), Wait)
    assert call.comes().value.asked_again == 0
    assert len(simulated.paid) == 1


@pytest.mark.parametrize("reachable", [True, False])
def test_an_answer_that_does_not_come_is_asked_for_once_more(simulated, box, call, reachable):
    simulated.calls_back = False
    call.look()
    call.clock.passes(DEADLINE_S - 1)
    assert isinstance(call.look(reachable=reachable), Wait)
    call.clock.passes(2)
    made = call.look(reachable=reachable).value
    assert made.asked_again == 1 == len(simulated.paid) - 1
    assert "TOTALVIEW_PUBLIC_URL must be an address that Deepgram can reach" in made.notes[0]
    assert "may have been billed 2 times" in made.notes[1]
    assert "callback" not in options(simulated)
    assert box.misses == reachable


def test_the_wait_grows_with_the_recording():
    assert deepgram.patience(20_000) == timedelta(seconds=DEADLINE_S)
    assert deepgram.patience(7_200_000) == timedelta(minutes=22)


def test_a_late_answer_is_taken_where_the_second_request_failed(simulated, call):
    simulated.callback_s = 0.3
    call.look()
    call.clock.passes(DEADLINE_S + 1)
    simulated.troubles = [Trouble(500)]
    call.fails()
    assert call.comes().value.asked_again == 1
    assert len(simulated.paid) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b'{"metadata": {"duration": 0}, "results": {"channels": []}}',
        b'{"metadata": {"duration": 20}, "results": {"channels": []}}',
        b'{"metadata": {"duration": 20}, "results": {"channels": [{}]}}',
        b'{"metadata": {"duration": 20}, "results": null, "request_id": "r"}',
        b'{"metadata": {"duration": 20}, "results": {"channels": ["x", "y"]}}',
        b"[" * 1_000_000,
        b"\x00" * 1_000_000,
    ],
)
def test_whatever_else_is_brought_is_a_passing_failure_and_the_answer_is_waited_for(simulated, box, call, body):
    simulated.calls_back = False
    call.look()
    box.brought = body
    assert call.fails().fault is Fault.PASSING
    made = call.look().value
    assert "callback" not in options(simulated)
    assert made.asked_again == 1 == len(simulated.paid) - 1
    assert made.notes[0].startswith("Deepgram's callback brought no transcript")


BROUGHT = [
    ("INVALID_AUTH", Fault.ACCOUNT, "refuses the key"),
    ("ASR_PAYMENT_REQUIRED", Fault.ACCOUNT, "no credit left"),
    ("TOO_MANY_REQUESTS", Fault.PASSING, "could not do it just now"),
    ("A_NEW_ONE", Fault.PASSING, "could not do it just now"),
    ("Bad Request", Fault.RECORDING, "does not take this recording"),
]


@pytest.mark.parametrize(("code", "fault", "words"), BROUGHT)
def test_a_refusal_that_is_brought_is_said_in_words_and_was_not_billed(simulated, call, code, fault, words):
    simulated.calls_back = False
    call.look()
    call.box.brought = json.dumps({"err_code": code, "err_msg": "failed to process audio: corrupt"}).encode()
    error = call.fails()
    assert error.fault is fault
    assert words in str(error)
    assert call.look().value.asked_again == 0


def test_a_submission_that_is_refused_leaves_no_address_to_wait_for(simulated, box, call):
    simulated.troubles = [Trouble(429), Trouble(402)]
    call.fails()
    assert call.fails().fault is Fault.ACCOUNT
    call.look()
    assert len(set(box.opened)) == 3
    assert call.comes().value.asked_again == 0


def test_an_address_that_it_does_not_call_is_done_without(simulated, box, call):
    simulated.any_port = False
    made = call.look().value
    assert (made.asked_again, len(simulated.paid), box.misses) == (0, 1, 1)
    assert "it takes ports 80, 443, 8080 and 8443 only" in made.notes[0]


def test_a_server_that_knows_no_callbacks_and_answers_at_once_is_believed(simulated, call):
    body = b'{"metadata": {"duration": 20}, "results": {"channels": [{}, {}]}}'
    simulated.troubles = [Trouble(200, body)]
    assert call.look().value.audio_seconds == 20


def test_redaction_turned_on_meanwhile_has_the_recording_sent_again(simulated, box, call):
    call.look()
    assert box.came.wait(60)
    made = call.look(redact=True).value
    assert dict(simulated.seen[-1].query)["redact"]
    assert "callback" not in options(simulated)
    assert (made.redacted, made.asked_again) == (True, 1)
    assert "Anna" not in made.model_dump_json()
    assert made.notes[0].startswith("Redaction was turned on while Deepgram was at work")


def test_what_was_asked_for_with_redaction_is_redacted_though_it_was_turned_off_meanwhile(simulated, box, call):
    call.look(redact=True)
    assert box.came.wait(60)
    made = call.look().value
    assert (made.redacted, made.asked_again, len(simulated.paid)) == (True, 0, 1)
    assert "Anna" not in made.model_dump_json()
