"""Tones are told from voices."""

import numpy as np
import pytest

from pipeline.sound.contract import RATE
from pipeline.sound.speech import Ear
from tests import audio

TELEPHONE = {  # Hz, as lines in use send them
    "hold tone": (440,),
    "ringing, North America": (440, 480),
    "ringing, Europe": (425,),
    "ringing, Britain": (400, 450),
    "dialling, North America": (350, 440),
    "busy, North America": (480, 620),
    "a dialled 5": (770, 1336),
    "a modem's answer": (2100,),
}


def sound_of(hertz, seconds):
    at = np.arange(int(seconds * RATE)) / RATE
    return (sum(np.sin(2 * np.pi * one * at) for one in hertz) * 8000 / len(hertz)).astype(np.int16)


def heard(*sounds):
    ear = Ear()
    ear.hear(np.concatenate(sounds))
    return ear


@pytest.mark.parametrize("hertz", TELEPHONE.values(), ids=TELEPHONE.keys())
def test_the_tones_of_telephone_lines_are_tones_and_no_speech(hertz):
    ear = heard(audio.silence(1)[0], sound_of(hertz, 2), audio.silence(1)[0])
    (tone,) = ear.tones()
    assert abs(tone.start_ms - 1000) <= 60
    assert abs(tone.end_ms - 3000) <= 60
    assert ear.speech() == ()


def test_a_tone_over_line_noise_is_still_a_tone():
    ear = heard(sound_of((440, 480), 3) + audio.noise(3, loud=500)[0])
    assert sum(tone.ms for tone in ear.tones()) > 2500
    assert ear.speech() == ()


def test_ringing_on_and_off_is_a_tone_each_time():
    ring = (sound_of((440, 480), 2), audio.silence(4)[0])
    assert [round(tone.start_ms, -2) for tone in heard(*ring, *ring).tones()] == [0, 6000]


def test_a_beep_is_too_short_to_be_a_tone():
    assert heard(audio.silence(1)[0], sound_of((1400,), 0.2), audio.silence(1)[0]).tones() == ()


def test_what_does_not_keep_its_level_is_no_tone():
    swelling = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * np.arange(3 * RATE) / RATE)  # as syllables do
    assert heard((sound_of((350,), 3) * swelling).astype(np.int16)).tones() == ()


@pytest.mark.parametrize("channel", [0, 1])
def test_voices_are_no_tones(channel):
    assert heard(audio.speech().samples[channel]).tones() == ()


def test_speech_after_ringing_is_heard_as_without_it():
    call = audio.speech().samples[0]
    alone, ear = heard(call).speech(), heard(sound_of((440, 480), 6), call)
    assert [(one.start_ms - 6000, one.end_ms - 6000) for one in ear.speech()] == pytest.approx(
        np.array([(one.start_ms, one.end_ms) for one in alone]), abs=60
    )


def test_noise_and_a_voice_too_quiet_to_hear_are_no_tones():
    assert heard(audio.noise(5)[0]).tones() == ()
    assert heard(audio.tone(3, loud=10)[0]).tones() == ()
