"""Whisper, offline: loading, windows, channels and words in plain errors; with a model of random weights."""

import importlib.util

import pytest

from pipeline import children
from pipeline.outcome import Fault, ProviderError
from pipeline.sound.contract import Stretch
from pipeline.transcribers import whisper, whisper_model
from pipeline.transcribers.contract import Word
from pipeline.transcribers.whisper import Whisper
from pipeline.transcribers.whisper_model import Heard
from tests import audio
from tests.pipeline.transcribers import tiny_whisper


def stretch(start, end):
    return Stretch(start_ms=start, end_ms=end)


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    return str(tiny_whisper.build(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.mark.long
def test_a_call_goes_through_a_real_model_in_a_child(order, model):
    made = order(audio.speech().samples)
    transcript = Whisper(model).transcribe(made).value
    assert (transcript.provider, transcript.model, transcript.language) == ("whisper", "tiny", "en")
    assert {turn.channel for turn in transcript.utterances} == {0, 1}
    assert 0 < transcript.confidence < 1
    assert not transcript.draft
    for turn in transcript.utterances:
        assert turn.speaker == f"speaker_{turn.channel + 1}"
        for word in turn.words:
            assert 0 <= word.start_ms <= word.end_ms <= made.sound.duration_ms + 200


def test_times_are_those_of_the_recording_and_stay_in_the_window(model, tmp_path):
    file = tmp_path / "channel_1.s16"
    file.write_bytes(audio.speech().samples[1].tobytes())
    heard = whisper_model.transcribe(model, file, [stretch(5_500, 9_100), stretch(90_000, 95_000)], "en")
    assert heard.language == "en"
    assert heard.words
    assert all(5_500 <= word.start_ms <= word.end_ms <= 9_100 for word in heard.words)
    assert all(word.text == word.text.strip() for word in heard.words)


class Model:
    """Stands in for the child: remembers what it was asked, and answers one word a window."""

    def __init__(self, monkeypatch, language="en"):
        self.asked, self.language = [], language
        self.run = children.run
        monkeypatch.setattr(children, "run", self.answer)

    def answer(self, function, *args, timeout_s):
        if function is not whisper_model.transcribe:
            return self.run(function, *args, timeout_s=timeout_s)
        self.asked.append((*args, timeout_s))
        words = [Word(text="Hm.", start_ms=one.start_ms, end_ms=one.end_ms, confidence=0.5) for one in args[2]]
        return Heard(tuple(words), args[3] or self.language)


@pytest.fixture
def named_model(monkeypatch):
    return Model(monkeypatch, language="fr")


def test_each_channel_is_heard_on_its_own_from_its_first_speech_to_its_last(order, named_model):
    transcript = Whisper("small").transcribe(order(audio.speech().samples)).value
    assert [args[0] for args in named_model.asked] == ["small", "small"]
    assert [args[1].name for args in named_model.asked] == ["channel_0.s16", "channel_1.s16"]
    turns = audio.speech().turns
    for channel, (_, _, (window,), _, _) in enumerate(named_model.asked):
        first, last = (turn for turn in (turns[channel], turns[4 - channel]))
        assert first.start_ms < window.start_ms < first.start_ms + 500
        assert last.end_ms - 500 < window.end_ms < last.end_ms + 300
    assert transcript.confidence == 0.5
    assert transcript.notes == ()


@pytest.mark.parametrize(
    ("wished", "given"), [("en", ["en", "en"]), ("de-CH", ["de", "de"]), ("auto", ["", "fr"]), ("", ["", "fr"])]
)
def test_a_language_is_given_or_found_out_once(order, named_model, wished, given):
    transcript = Whisper("small").transcribe(order(audio.speech().samples, language=wished)).value
    assert [args[3] for args in named_model.asked] == given
    assert transcript.language == given[-1]


def test_on_one_channel_the_speakers_are_estimated(order, named_model):
    transcript = Whisper("small").transcribe(order(audio.mono_speech()[0])).value
    assert transcript.speakers_by == "estimate"
    assert {turn.speaker for turn in transcript.utterances} <= {"speaker_1", "speaker_2"}


def test_silence_asks_no_model_and_says_so(order, named_model):
    transcript = Whisper("small").transcribe(order(audio.silence(3))).value
    assert named_model.asked == []
    assert (transcript.utterances, transcript.confidence) == ((), None)
    assert transcript.notes == ("Whisper made out no word in this recording.",)


def test_windows_hold_whole_pieces_and_are_no_longer_than_the_model_is_given_at_once():
    pieces = [stretch(at, at + 15_000) for at in range(0, 600_000, 20_000)]
    windows = list(whisper._windows(pieces))
    assert all(window.ms <= whisper.WINDOW_MS for window in windows)
    assert [(window.start_ms, window.end_ms) for window in windows[:2]] == [(0, 115_000), (120_000, 235_000)]
    assert all(any(w.start_ms <= p.start_ms and p.end_ms <= w.end_ms for w in windows) for p in pieces)
    assert list(whisper._windows([])) == []


def refused(transcriber, made):
    with pytest.raises(ProviderError) as caught:
        transcriber.transcribe(made)
    return str(caught.value), caught.value.fault


def test_without_the_extra_the_words_say_how_to_install_it(order, monkeypatch):
    monkeypatch.setattr(whisper, "find_spec", lambda name: None if name == "faster_whisper" else 1 / 0)
    words, fault = refused(Whisper("small"), order(audio.silence(1)))
    assert "pip install 'totalview[whisper]'" in words
    assert fault is Fault.ACCOUNT
    assert importlib.util.find_spec("faster_whisper")


@pytest.mark.parametrize(
    ("model", "words"), [("", "No Whisper model is set"), ("/no/such/folder", "names a folder that is not there")]
)
def test_a_model_that_is_not_there_is_an_outage_and_shows_no_path(order, model, words):
    said, fault = refused(Whisper(model), order(audio.silence(1)))
    assert words in said
    assert "WHISPER_MODEL" in said
    assert "/no/such" not in said
    assert fault is Fault.ACCOUNT


def test_a_folder_without_a_model_is_an_outage_whose_words_come_through_from_the_child(order, tmp_path):
    (tmp_path / "model.bin").write_bytes(b"not a model")
    said, fault = refused(Whisper(str(tmp_path)), order(audio.speech().samples))
    assert "could not be loaded" in said
    assert str(tmp_path) not in said
    assert fault is Fault.ACCOUNT


def test_a_child_that_dies_is_the_providers_error_and_may_be_tried_again(order, monkeypatch):
    def fail(*_args, **_more):
        raise children.ChildDied("The work needed more memory than it may have.")

    monkeypatch.setattr(children, "run", fail)
    said, fault = refused(Whisper("small"), order(audio.speech().samples))
    assert said == "Whisper did not finish. The work needed more memory than it may have."
    assert fault is Fault.PASSING
