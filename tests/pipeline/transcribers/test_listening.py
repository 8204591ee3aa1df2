"""Whose channel, whose words."""

import numpy as np
import pytest

from pipeline import children
from pipeline.outcome import Fault, ProviderError
from pipeline.sound.contract import Layout, Stretch
from pipeline.transcribers.listening import Voice, read, voices
from tests import audio


def stretch(start, end):
    return Stretch(start_ms=start, end_ms=end)


def test_on_two_channels_each_is_a_speaker(order):
    made = order(audio.speech().samples)
    left, right = voices(made)
    assert (left.channel, right.channel) == (0, 1)
    assert left.file.name == "channel_0.s16"
    assert {name for _, name in left.speakers} == {"speaker_1"}
    assert right.speaker(0, 100) == "speaker_2"
    assert right.speech == made.sound.speech[1]


@pytest.mark.parametrize("layout", [Layout.MONO, Layout.FALSE_STEREO, Layout.DEAD_CHANNEL, Layout.MIXED])
def test_on_one_channel_voices_are_told_apart(order, layout):
    (voice,) = voices(order(audio.mono_speech()[0], layout))
    turns = audio.speech().turns
    assert voice.channel is None
    assert [voice.speaker(turn.start_ms, turn.end_ms) for turn in turns] == [
        f"speaker_{turn.channel + 1}" for turn in turns
    ]


def test_a_channel_without_speech_has_nobody(order):
    (voice,) = voices(order(audio.silence(2)))
    assert voice.speech == ()
    assert voice.speaker(0, 100) == "unknown"


def test_between_two_turns_the_nearer_speaker_has_the_word(tmp_path):
    voice = Voice(tmp_path, None, (), ((stretch(1000, 2000), "a"), (stretch(3000, 4000), "b")))
    assert [voice.speaker(at, at) for at in (0, 1500, 2400, 2600, 3500, 9000)] == ["a", "a", "a", "b", "b", "b"]


def test_a_child_that_fails_is_the_providers_error_and_may_be_tried_again(order, monkeypatch):
    made = order(audio.mono_speech()[0])

    def fail(*_args, **_more):
        raise children.ChildTimedOut("The work was not done in 9 s, and was ended.")

    monkeypatch.setattr(children, "run", fail)
    with pytest.raises(ProviderError, match=r"speakers apart failed\. The work was not done") as caught:
        voices(made)
    assert caught.value.fault is Fault.PASSING


def test_a_cut_falls_into_the_quietest_moment(tmp_path):
    samples = audio.noise(4)[0].copy()
    samples[2 * 16_000 : 2 * 16_000 + 1_600] //= 50
    file = tmp_path / "channel_0.s16"
    file.write_bytes(samples.tobytes())
    voice = Voice(file, None, (), ())
    assert 2_000 <= voice.quietest(500, 3_500) <= 2_100
    assert voice.quietest(9_000, 9_500) == 9_500  # behind the end


def test_samples_of_a_stretch_are_read_and_what_is_missing_is_not_made_up(tmp_path):
    file = tmp_path / "channel_0.s16"
    file.write_bytes(np.arange(16_000, dtype="<i2").tobytes())
    assert np.frombuffer(read(file, stretch(10, 20)), "<i2").tolist() == list(range(160, 320))
    assert len(read(file, stretch(990, 1_100))) == 320
    assert read(file, stretch(5_000, 6_000)) == b""
