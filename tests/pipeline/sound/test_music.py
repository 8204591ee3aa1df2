"""Music on hold is told from voices, and voices are never taken for it."""

import numpy as np
import pytest

from benchmarks.recogniser import telephoned
from pipeline.sound.contract import RATE, Stretch
from pipeline.sound.music import Stillness, musical
from pipeline.sound.spectrum import power
from pipeline.sound.speech import Ear
from pipeline.sound.stretches import common, total_ms
from tests import audio

NOTES = (262, 330, 392, 523, 349, 440)  # Hz


def music(seconds, beat=0.5):
    """Plucked notes with overtones, one after the other and over each other."""
    at = np.arange(int(seconds * RATE)) / RATE
    sound = np.zeros(len(at))
    for number in range(int(seconds / beat)):
        start = int(number * beat * RATE)
        since = at[: len(at) - start]
        for overtone in range(1, 6):
            note = np.sin(2 * np.pi * NOTES[number % len(NOTES)] * overtone * since)
            sound[start:] += note * np.exp(-2 * since) / overtone
    return (sound / np.abs(sound).max() * 9000).astype(np.int16)


def heard(*sounds):
    ear = Ear()
    ear.hear(np.concatenate(sounds))
    return ear


def test_music_is_no_speech():
    played = music(40)
    assert total_ms(heard(played).speech()) < 5_000
    (piece,) = heard(played).tones()
    assert piece.ms > 35_000


def test_music_over_a_telephone_is_no_speech():
    ear = heard(telephoned(music(40)))
    assert total_ms(ear.tones()) > 30_000
    assert total_ms(ear.speech()) < 6_000


def test_speech_before_and_after_music_is_heard_as_without_it():
    call = audio.speech().samples[0]
    alone, ear = heard(call).speech(), heard(call, music(30), call)
    length = len(call) * 1000 // RATE
    both = [
        *alone,
        *(Stretch(start_ms=one.start_ms + length + 30_000, end_ms=one.end_ms + length + 30_000) for one in alone),
    ]
    assert total_ms(common(ear.speech(), both)) > 0.95 * total_ms(both)


@pytest.mark.parametrize("channel", [0, 1])
@pytest.mark.parametrize("line", [lambda samples: samples, telephoned], ids=["clear", "telephone"])
def test_a_voice_that_speaks_on_and_on_is_no_music(channel, line):
    samples = audio.speech().samples[channel]
    spoken = np.concatenate([samples[one.start_ms * 16 : one.end_ms * 16] for one in heard(samples).speech()])
    assert heard(line(np.tile(spoken, 5))).tones() == ()


def test_hum_under_a_voice_is_no_music():
    call = np.tile(audio.speech().samples[0], 2)
    at = np.arange(len(call)) / RATE
    hum = sum(np.sin(2 * np.pi * 50 * overtone * at) / overtone for overtone in range(1, 30)) * 300
    humming = (call + hum).clip(-32768, 32767).astype(np.int16)
    assert heard(humming).tones() == ()
    assert total_ms(common(heard(humming).speech(), heard(call).speech())) > 0.9 * total_ms(heard(call).speech())


def test_a_few_seconds_of_music_are_too_few_to_be_sure_of():
    assert heard(music(6)).tones() == ()


def test_stillness_does_not_depend_on_the_blocks():
    spectrum = power(np.concatenate([music(3), audio.speech().samples[0][: 3 * RATE]]), 480)
    whole, pieces = Stillness().hear(spectrum), Stillness()
    cut = [
        pieces.hear(spectrum[:1]),
        pieces.hear(spectrum[1:4]),
        pieces.hear(spectrum[4:90]),
        pieces.hear(spectrum[90:]),
    ]
    assert np.array_equal(np.concatenate(cut), whole)


def test_what_does_not_count_tells_nothing():
    still = Stillness().hear(power(music(20), 480))
    everything = np.ones(len(still), bool)
    assert musical(still, everything, 30).mean() > 0.6
    assert not musical(still, ~everything, 30).any()
