"""What goes wrong between us and Deepgram, in words; and what is known to be lost or billed twice."""

import json
import logging

import pytest
from deepgram.core import http_client

from pipeline.outcome import Fault, ProviderError
from pipeline.sound.contract import Layout
from pipeline.transcribers.deepgram import transcriber as deepgram
from pipeline.transcribers.deepgram.client import Reach
from tests.pipeline.staging import Killed
from tests.pipeline.transcribers.deepgram_calls import Remembering, client, fresh, order, sound
from tests.simulators.deepgram import Deepgram
from tests.simulators.server import Trouble, serving


@pytest.fixture(scope="module")
def server():
    with serving(Deepgram()) as simulator:
        yield simulator


@pytest.fixture
def simulated(server):
    return fresh(server)


@pytest.fixture
def refused(simulated, tmp_path):
    """The error of one try, and the memory that it leaves."""

    def ask(body=b"", *, seconds=10.0, key="", **facts):
        memory = Remembering()
        with pytest.raises(ProviderError) as caught:
            client(simulated, seconds, key).transcribe(order(tmp_path, body, memory=memory, **facts))
        assert simulated.key not in str(caught.value)
        assert str(tmp_path) not in str(caught.value)
        return caught.value, memory.facts

    return ask


def said(status, code, words, **headers):
    return Trouble(status, json.dumps({"err_code": code, "err_msg": words, "new": [1]}).encode(), headers)


def test_a_wrong_key_is_the_accounts_fault_and_never_shown(refused):
    error, facts = refused(key="sk-of-somebody-else")
    assert error.fault is Fault.ACCOUNT
    assert str(error).startswith("Deepgram refuses the key (401: Invalid credentials). Check DEEPGRAM_API_KEY;")
    assert facts["asked"] == ""


@pytest.mark.parametrize("key", ["", "a key", "schlüssel", "a\nb"])
def test_a_key_that_cannot_be_sent_is_not_sent(simulated, tmp_path, key):
    with pytest.raises(ProviderError, match="DEEPGRAM_API_KEY is empty, or holds characters that no key has") as caught:
        deepgram.Deepgram(Reach(key, simulated.url)).transcribe(order(tmp_path))
    assert caught.value.fault is Fault.ACCOUNT
    assert not simulated.seen


REFUSALS = [
    (said(402, "ASR_PAYMENT_REQUIRED", "Project does not have enough credits"), Fault.ACCOUNT, "has no credit left"),
    (said(403, "INSUFFICIENT_PERMISSIONS", "No access to the model"), Fault.ACCOUNT, "refuses the key"),
    (said(429, "TOO_MANY_REQUESTS", "Slow down", **{"Retry-After": "7"}), Fault.PASSING, "could not do it just now"),
    (said(500, "INTERNAL", "Oh dear"), Fault.PASSING, "could not do it just now (500: Oh dear)."),
    (Trouble(503, b"<html>busy"), Fault.PASSING, "could not do it just now (503)."),
    (Trouble(504, b"\xff\xfe"), Fault.PASSING, "could not do it just now (504)."),
    (said(422, "Bad Request", "audio incomplete"), Fault.PASSING, "did not get the whole recording"),
    (said(413, "Payload", "2 GB"), Fault.RECORDING, "too large for Deepgram"),
    (said(400, "Bad Request", "No such language."), Fault.SETTINGS, "Choose another model or language"),
    (said(415, "Bad Request", "What is this?"), Fault.RECORDING, "does not take this recording"),
    (Trouble(404, b"not here"), Fault.AWAY, "look at DEEPGRAM_BASE_URL"),
    (Trouble(302, b"", {"location": "http://127.0.0.1/"}), Fault.AWAY, "look at DEEPGRAM_BASE_URL"),
    (
        Trouble(400, b'{"category": "INVALID_JSON", "message": "Wrong.", "details": "at line 7"}'),
        Fault.RECORDING,
        "does not take this recording (400: Wrong. at line 7).",
    ),
]


@pytest.mark.parametrize(("trouble", "fault", "words"), REFUSALS)
def test_a_refusal_is_said_in_words_and_leaves_no_doubt_about_the_bill(simulated, refused, trouble, fault, words):
    simulated.troubles = [trouble]
    error, facts = refused()
    assert error.fault is fault
    assert words in str(error)
    assert facts["asked"] == ""
    assert error.retry_after == (7 if trouble.status == 429 else None)


def test_a_key_that_the_server_repeats_is_hidden(simulated, refused):
    simulated.troubles = [said(500, "X", f"bad token {simulated.key} here")]
    assert "bad token (hidden) here" in str(refused()[0])


def test_a_recording_that_it_cannot_decode_fails_at_once_and_a_model_that_it_lacks_is_the_campaigns_to_change(refused):
    error, _ = refused(b"no sound at all" * 99)
    assert (error.fault, "corrupt or unsupported data" in str(error)) == (Fault.RECORDING, True)
    error, _ = refused(model="nova-99")
    assert (error.fault, "Choose another model or language" in str(error)) == (Fault.SETTINGS, True)


LOST = [
    Trouble(200, b'{"metadata": {"dur', half=True),
    Trouble(200, b"<html>hello"),
    Trouble(200, b""),
    Trouble(200, b"[1, 2]"),
    Trouble(200, b"\xff\xfe\x00"),
    Trouble(200, b"[" * 100_000),
    Trouble(200, b"{}"),
    Trouble(200, b'{"request_id": "r1"}'),
    Trouble(200, b'{"metadata": {"duration": "long"}, "results": {"channels": []}}'),
    Trouble(200, b'{"metadata": {"duration": 20}, "results": {"channels": 7}}'),
    Trouble(200, b'{"metadata": {"duration": NaN}, "results": {"channels": []}}'),
    Trouble(200, b'{"metadata": {"duration": 20}, "results": {"channels": [{"alternatives": [{"words": ["a"]}]}]}}'),
    Trouble(200, b"{}", wait_s=1.0),
]


@pytest.mark.parametrize("trouble", LOST)
def test_an_answer_that_cannot_be_used_may_have_been_billed(simulated, refused, trouble):
    simulated.troubles = [trouble]
    error, facts = refused(seconds=0.3 if trouble.wait_s else 10.0)
    assert error.fault is Fault.PASSING
    assert "Deepgram did not answer in full" in str(error)
    assert facts["asked"]


def test_nobody_at_the_address_is_an_outage(tmp_path):
    with serving(Deepgram()) as gone:
        pass
    for url in (gone.url, "http://nobody.invalid", "https://[", "gopher://here"):
        with pytest.raises(ProviderError, match="Deepgram cannot be reached") as caught:
            deepgram.Deepgram(Reach("k", url)).transcribe(order(tmp_path, memory=Remembering()))
        assert caught.value.fault is Fault.AWAY


def test_a_success_for_a_body_that_got_lost_is_a_failure(simulated, refused):
    simulated.reads_nothing = True
    error, _ = refused()
    assert (error.fault, str(error)) == (
        Fault.PASSING,
        "Deepgram heard 0.0 s of this recording, which lasts 20.0 s.",
    )


LENGTHS = [(22, 20, True), (23, 20, False), (2.9, 1, True), (17, 20, False), (0.02, 1, False)]


@pytest.mark.parametrize(("heard_s", "ours_s", "fine"), LENGTHS)
def test_lengths_may_differ_by_a_little(simulated, tmp_path, heard_s, ours_s, fine):
    simulated.changes = {"metadata": {"duration": heard_s}}
    ask = lambda: client(simulated).transcribe(order(tmp_path, heard=sound(seconds=ours_s)))  # noqa: E731  reads best
    if fine:
        assert ask().value.audio_seconds == heard_s
    else:
        with pytest.raises(ProviderError, match=rf"heard {heard_s:.1f} s"):
            ask()


def test_other_channels_than_asked_for_are_a_failure(simulated, refused, tmp_path):
    mono = order(tmp_path, heard=sound(Layout.MONO))
    with mono.recording() as path:
        error, _ = refused(path.read_bytes())
    assert str(error) == "Deepgram transcribed 1 channel(s) of this recording, and 2 were asked for."


def test_a_request_in_flight_when_the_process_died_is_counted_and_said(simulated, tmp_path, monkeypatch):
    memory = Remembering()
    ours = client(simulated)
    real = deepgram.send

    def dies(*args):
        real(*args)
        raise Killed

    monkeypatch.setattr(deepgram, "send", dies)
    for _ in range(2):
        with pytest.raises(Killed):
            ours.transcribe(order(tmp_path, memory=memory))
    monkeypatch.setattr(deepgram, "send", real)
    made = ours.transcribe(order(tmp_path, memory=memory)).value
    assert made.asked_again == 2 == len(simulated.paid) - 1
    assert "may have been billed 3 times" in made.notes[-1]


def test_refusals_are_not_counted_and_lost_answers_are(simulated, tmp_path):
    memory = Remembering()
    simulated.troubles = [Trouble(429), Trouble(200, b"", after=True), Trouble(500)]
    for _ in range(3):
        with pytest.raises(ProviderError):
            client(simulated).transcribe(order(tmp_path, memory=memory))
    made = client(simulated).transcribe(order(tmp_path, memory=memory)).value
    assert made.asked_again == 1 == len(simulated.paid) - 1


def test_nothing_is_asked_twice_by_the_sdk_itself(simulated, refused, monkeypatch):
    pauses = []
    monkeypatch.setattr(http_client.time, "sleep", pauses.append)
    simulated.troubles = [Trouble(500), Trouble(500)]
    refused()
    assert (len(simulated.seen), pauses) == (1, [])


def test_neither_key_nor_phrases_come_into_the_log(simulated, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    simulated.troubles = [Trouble(200, b"", half=True)]
    with pytest.raises(ProviderError):
        client(simulated).transcribe(order(tmp_path, keyterms=("Oxenhope",)))
    client(simulated).transcribe(order(tmp_path, keyterms=("Oxenhope",)))
    assert simulated.key not in caplog.text
    assert "Oxenhope" not in caplog.text
