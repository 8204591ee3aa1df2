"""Where speech is heard, on real speech and on what only sounds like it."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sound.contract import RATE, Stretch
from pipeline.sound.speech import Ear, segments
from pipeline.sound.stretches import common, joined, total_ms, without
from tests import audio

EDGE_MS = 300  # of quiet before and after the words of a made-up turn


def heard(samples, block=RATE):
    ear = Ear()
    for start in range(0, len(samples), block):
        ear.hear(samples[start : start + block])
    return ear


def stretch(start, end):
    return Stretch(start_ms=start, end_ms=end)


def added(*sounds):
    return np.sum([sound.astype(np.int32) for sound in sounds], axis=0).clip(-32768, 32767).astype(np.int16)


@pytest.mark.parametrize("channel", [0, 1])
def test_speech_is_heard_where_somebody_speaks_and_nowhere_else(channel):
    call = audio.speech()
    speech = heard(call.samples[channel]).speech()
    turns = [stretch(turn.start_ms, turn.end_ms) for turn in call.turns if turn.channel == channel]
    assert len(speech) == len(turns)
    for turn in turns:
        assert total_ms(common([turn], speech)) > turn.ms - 2 * EDGE_MS
    assert without(speech, turns) == ()


def test_quiet_speech_is_heard_as_well():
    quiet = (audio.speech().samples[0] // 20).astype(np.int16)
    loud = heard(audio.speech().samples[0]).speech()
    assert total_ms(common(heard(quiet).speech(), loud)) > 0.9 * total_ms(loud)


@settings(max_examples=settings.default.max_examples // 4)
@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=40))
def test_it_does_not_matter_how_the_sound_is_cut_into_blocks(sizes):
    samples = np.concatenate([audio.tone(1)[0], audio.speech().samples[0][: 5 * RATE]])
    whole, pieces, at = heard(samples, len(samples)), Ear(), 0
    for size in sizes:
        pieces.hear(samples[at : at + size])
        at += size
    pieces.hear(samples[at:])
    assert pieces.speech() == whole.speech() != ()
    assert pieces.tones() == whole.tones() != ()
    assert (pieces._peaks, pieces._still) == (whole._peaks, whole._still)


def test_a_block_longer_than_a_minute_is_heard_as_short_ones_are():
    samples = np.tile(audio.speech().samples[0], 8)
    assert heard(samples, len(samples)).speech() == heard(samples, 7919).speech()


@pytest.mark.parametrize("samples", [np.zeros(0, np.int16), np.ones(100, np.int16), audio.silence(3)[0]])
def test_silence_is_no_speech(samples):
    ear = heard(samples)
    assert ear.speech() == ()
    assert ear.tones() == ()


def test_an_ear_that_heard_nothing_answers():
    assert Ear().speech() == ()


@pytest.mark.parametrize("loud", [100, 1000, 5000])
def test_noise_is_no_speech(loud):
    assert heard(audio.noise(20, loud=loud)[0]).speech() == ()


def test_speech_is_heard_in_loud_noise():
    call = audio.speech().samples[0]
    noisy = added(call, audio.noise(20, loud=1500)[0][: len(call)])
    clear = heard(call).speech()
    assert total_ms(common(heard(noisy).speech(), clear)) > 0.8 * total_ms(clear)
    assert total_ms(without(heard(noisy).speech(), joined(clear, 400))) < 500


def test_what_leaks_from_the_other_channel_is_no_speech():
    agent, customer = audio.speech().samples
    leaking = added(agent, customer // 60)
    assert heard(leaking).speech() == heard(agent).speech()


def test_a_click_is_no_speech():
    samples = audio.silence(4)[0].copy()
    samples[RATE : RATE + 800] = audio.noise(0.05, loud=9000)[0]
    assert heard(samples).speech() == ()


def test_a_pause_inside_a_sentence_is_filled_and_one_between_sentences_is_not():
    turn = next(turn for turn in audio.speech().turns if turn.channel == 0)
    words = audio.speech().samples[0][turn.start_ms * 16 + EDGE_MS * 16 : turn.end_ms * 16 - EDGE_MS * 16]
    short = heard(np.concatenate([words, audio.silence(0.15)[0], words])).speech()
    long = heard(np.concatenate([words, audio.silence(0.8)[0], words])).speech()
    assert (len(short), len(long)) == (1, 2)


def test_memory_stays_a_few_bytes_a_frame():
    ear = heard(np.tile(audio.noise(60)[0], 10))
    kept = sum(len(pickle.dumps(part)) for name, part in vars(ear).items() if name != "_vad")
    assert kept < 600 * 800


def test_segments_have_a_margin_and_keep_short_pauses_inside():
    speech = [stretch(1000, 2000), stretch(2400, 3000), stretch(4000, 5000)]
    assert segments(speech) == (stretch(800, 3200), stretch(3800, 5200))


def test_a_segment_never_begins_before_the_recording():
    assert segments([stretch(100, 900)]) == (stretch(0, 1100),)


def test_a_long_segment_is_cut_at_its_longest_pause():
    speech = [stretch(0, 9_000), stretch(9_300, 12_000), stretch(12_500, 19_000), stretch(19_400, 25_000)]
    assert segments(speech) == (stretch(0, 12_250), stretch(12_250, 25_200))


def test_where_no_pause_is_the_given_cut_decides():
    asked = []

    def cut(start, end):
        asked.append((start, end))
        return end - 1000

    assert segments([stretch(0, 30_000)], 20_000, cut)[0] == stretch(0, 19_000)
    assert all(0 <= end - start <= 10_000 for start, end in asked)
    assert segments([stretch(0, 30_000)], 20_000)[0] == stretch(0, 20_000)


SPEECH = st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 40_000)), max_size=12)


@given(SPEECH)
def test_segments_cover_all_speech_in_order_and_are_never_too_long(lengths):
    speech, at = [], 0
    for gap, length in lengths:
        speech.append(stretch(at + gap, at + gap + length))
        at += gap + length
    pieces = segments(speech)
    assert without(speech, pieces) == ()
    assert all(0 < piece.ms <= 20_000 for piece in pieces)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(pieces))
