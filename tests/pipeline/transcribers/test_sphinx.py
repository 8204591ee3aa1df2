"""What the local recogniser's child answers, on real speech."""

import numpy as np
import pytest

from pipeline.sound.contract import RATE, Stretch
from pipeline.transcribers import sphinx
from pipeline.transcribers.sphinx import recognise, unknown, words_of
from tests import audio


def stretch(start, end):
    return Stretch(start_ms=start, end_ms=end)


TURN = next(turn for turn in audio.speech().turns if turn.words.startswith("is there anything else"))
SEGMENT = stretch(TURN.start_ms, TURN.end_ms)


@pytest.fixture
def channel(tmp_path):
    file = tmp_path / "channel_0.s16"
    file.write_bytes(audio.speech().samples[0].tobytes())
    return file


def texts(heard):
    return [word.text for word in heard.words]


def test_words_come_with_times_of_the_recording_and_posteriors(channel, tmp_path):
    heard = recognise(channel, [SEGMENT], (), tmp_path)
    assert " ".join(texts(heard)) == TURN.words
    assert all(TURN.start_ms <= word.start_ms < word.end_ms <= TURN.end_ms for word in heard.words)
    assert all(0 < word.confidence <= 1 for word in heard.words)
    assert heard.found == ()


def test_a_phrase_is_heard_where_it_is_said(channel, tmp_path):
    wanted = ("is there anything else", "thank you very much", "help you with")
    heard = recognise(channel, [SEGMENT], wanted, tmp_path)
    assert [found.phrase for found in heard.found] == ["is there anything else", "help you with"]
    assert all(TURN.start_ms <= found.start_ms < found.end_ms <= TURN.end_ms for found in heard.found)
    assert " ".join(texts(heard)) == TURN.words


def test_listening_for_phrases_leaves_nothing_behind(channel, tmp_path):
    before = recognise(channel, [SEGMENT], ("help you with",), tmp_path)
    assert recognise(channel, [SEGMENT], ("good morning",), tmp_path).found == ()
    assert recognise(channel, [SEGMENT], (), tmp_path).words == before.words
    assert [path.name for path in tmp_path.iterdir()] == [channel.name]


def test_what_was_heard_before_changes_nothing(channel, tmp_path):
    fresh = recognise(channel, [SEGMENT], (), tmp_path)
    loud = tmp_path / "loud.s16"
    loud.write_bytes(audio.noise(3, loud=9000)[0].tobytes())
    recognise(loud, [stretch(0, 3_000)], (), tmp_path)
    assert recognise(channel, [SEGMENT], (), tmp_path) == fresh


@pytest.mark.parametrize(
    "segments", [[], [stretch(0, 50)], [stretch(900_000, 905_000)]], ids=["none", "a moment", "behind the end"]
)
def test_segments_that_hold_nothing_give_nothing(channel, tmp_path, segments):
    assert recognise(channel, segments, ("thank you",), tmp_path) == ((), ())


def test_silence_has_no_words(tmp_path):
    file = tmp_path / "silent.s16"
    file.write_bytes(np.zeros(2 * RATE, "<i2").tobytes())
    assert recognise(file, [stretch(0, 2_000)], (), tmp_path).words == ()


def test_words_that_the_dictionary_lacks_are_known_beforehand():
    phrases = ["thank you for calling", "this is grumblefitz speaking", "24 hours", "don't worry"]
    assert unknown(phrases) == ["this is grumblefitz speaking", "24 hours"]


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("Thank you, for CALLING!", "thank you for calling"),
        ("  Don’t   worry ", "don't worry"),
        ("toll-free / number_one", "toll free number one"),
        ("\n/1e-5/\n", "1e 5"),
        ("😀", ""),
    ],
)
def test_phrases_are_written_as_the_decoder_needs_them(phrase, words):
    assert words_of(phrase) == words


def test_short_phrases_need_the_smaller_threshold():
    assert sphinx._threshold("thank you") == "1e-20"
    assert sphinx._threshold("thank you for calling") == "1e-30"
