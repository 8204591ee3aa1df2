"""Two voices on one channel are told apart, on a made-up call summed to mono."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sound import cepstrum, clusters, diarisation, mixture, voices
from pipeline.sound.contract import RATE, Stretch
from pipeline.sound.diarisation import diarise
from pipeline.sound.speech import Ear
from pipeline.sound.stretches import common, joined, total_ms
from tests import audio


def stretch(start, end):
    return Stretch(start_ms=start, end_ms=end)


def speech_of(samples):
    ear = Ear()
    ear.hear(samples)
    return ear.speech()


def kept(path, samples):
    path.write_bytes(samples.astype("<i2").tobytes())
    return path


@pytest.fixture
def channel(tmp_path):
    return tmp_path / "channel_0.s16"


def times(number, copies):
    """When the speaker of a channel speaks in so many copies of the call."""
    speech = speech_of(audio.speech().samples[number])
    length = audio.speech().samples.shape[1] * 1000 // RATE
    return [
        stretch(one.start_ms + copy * length, one.end_ms + copy * length) for copy in range(copies) for one in speech
    ]


@pytest.mark.parametrize("copies", [1, 3])
def test_each_speaker_of_a_summed_call_gets_the_own_time(channel, copies):
    samples = np.tile(audio.mono_speech()[0][0], copies)
    speech = speech_of(samples)
    found = diarise(kept(channel, samples), speech)
    assert len(found) == 2
    for own, other in ((0, 1), (1, 0)):
        mine = times(own, copies)
        assert total_ms(common(found[own], mine)) > 0.95 * total_ms(mine)
        assert total_ms(common(found[own], times(other, copies))) < 0.05 * total_ms(mine)


def test_every_moment_of_speech_goes_to_exactly_one_speaker(channel):
    samples = audio.mono_speech()[0][0]
    speech = speech_of(samples)
    one, other = diarise(kept(channel, samples), speech)
    assert common(one, other) == ()
    assert joined([*one, *other]) == joined(speech)


def test_speakers_come_in_the_order_in_which_they_first_speak(channel):
    samples = audio.mono_speech()[0][0]
    later = samples[9_300 * RATE // 1000 - 4_000 * RATE // 1000 :]  # begins with the customer
    for sound in (samples, later):
        one, other = diarise(kept(channel, sound), speech_of(sound))
        assert one[0].start_ms < other[0].start_ms


def test_the_same_sound_gives_the_same_answer(channel):
    samples = audio.mono_speech()[0][0]
    speech = speech_of(samples)
    assert diarise(kept(channel, samples), speech) == diarise(channel, speech)


@pytest.mark.parametrize("number", [0, 1])
def test_one_voice_is_one_speaker(channel, number):
    samples = audio.speech().samples[number]
    speech = speech_of(samples)
    assert diarise(kept(channel, samples), speech) == (speech,)


def test_the_same_voice_for_a_minute_is_one_speaker(channel):
    samples = np.tile(audio.speech().samples[0], 6)
    assert len(diarise(kept(channel, samples), speech_of(samples))) == 1


def test_no_speech_has_no_speaker(channel):
    assert diarise(kept(channel, audio.silence(2)[0]), ()) == ()


def test_a_moment_of_speech_is_one_speaker(channel):
    moment = (stretch(0, 8),)
    assert diarise(kept(channel, audio.silence(2)[0]), moment) == (moment,)


def test_speech_said_to_lie_behind_the_end_of_the_file_sounds_like_silence(channel):
    speech = (stretch(0, 4_000), stretch(60_000, 63_000))
    found = diarise(kept(channel, audio.mono_speech()[0][0][: 4 * RATE]), speech)
    assert joined(one for own in found for one in own) == joined(speech)


def test_a_long_call_is_learnt_from_a_sample_and_told_apart_whole(channel, monkeypatch):
    monkeypatch.setattr(diarisation, "SAMPLE_MS", 15_000)
    samples = np.tile(audio.mono_speech()[0][0], 4)
    learnt_from = []
    monkeypatch.setattr(
        diarisation, "learnt", lambda runs: learnt_from.append(len(np.concatenate(runs))) or learn(runs)
    )
    learn = voices.learnt
    found = diarise(kept(channel, samples), speech_of(samples))
    assert 1_000 <= learnt_from[0] <= 2_000
    assert [total_ms(common(own, times(number, 4))) > 0.95 * total_ms(own) for number, own in enumerate(found)] == [
        True,
        True,
    ]


def test_a_long_stretch_is_read_piece_by_piece(channel):
    whole = stretch(5, 5 + 3 * cepstrum.LONGEST_MS + 17)
    pieces = list(cepstrum.pieces([whole]))
    assert joined(pieces) == (stretch(5, 5 + 3 * cepstrum.LONGEST_MS + 17),)
    assert max(piece.ms for piece in pieces) == cepstrum.LONGEST_MS
    assert [piece.ms // 10 for piece in pieces] == [
        len(frames) for frames in cepstrum.cepstra(kept(channel, audio.silence(1)[0]), [whole])
    ]


def test_memory_is_bounded_by_a_piece_and_not_by_the_call(channel):
    kept(channel, audio.noise(60)[0])
    peaks = []
    for seconds in (30, 60):
        tracemalloc.start()
        for _ in cepstrum.cepstra(channel, [stretch(0, seconds * 1000)]):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_frames_of_a_piece_are_those_of_the_whole(channel):
    kept(channel, audio.speech().samples[0])
    (whole,) = cepstrum.cepstra(channel, [stretch(1000, 5000)])
    (part,) = cepstrum.cepstra(channel, [stretch(2000, 3000)])
    assert whole.shape == (400, cepstrum.SIZE)
    assert part[1:] == pytest.approx(whole[101:200], abs=1e-3)  # the first knows nothing of what was before


def best_path(leads):
    """Viterbi's algorithm as the books have it."""
    scores, back = [[0.0, -leads[0]]], []
    for lead in leads[1:]:
        row, came = [], []
        for state in (0, 1):
            stay, change = scores[-1][state], scores[-1][1 - state] - voices.CHANGE_COSTS
            came.append(state if stay >= change else 1 - state)
            row.append(max(stay, change) - (lead if state else 0.0))
        scores.append(row)
        back.append(came)
    state = int(scores[-1][1] > scores[-1][0])
    path = [state]
    for came in reversed(back):
        state = came[state]
        path.append(state)
    return path[::-1], max(scores[-1])


def value(path, leads):
    changes = sum(a != b for a, b in pairwise(path))
    return sum(-lead for state, lead in zip(path, leads, strict=True) if state) - voices.CHANGE_COSTS * changes


@given(st.lists(st.integers(-90, 90), min_size=1, max_size=60))
def test_the_likeliest_path_is_as_good_as_the_textbooks(leads):
    path = voices.likeliest(np.array(leads, float)).tolist()
    assert value(path, leads) == pytest.approx(best_path(leads)[1])


def test_no_leads_have_no_path():
    assert voices.likeliest(np.zeros(0)).tolist() == []


def test_a_mixture_finds_the_groups_that_frames_were_drawn_from():
    random = np.random.default_rng(5)
    frames = np.concatenate([random.normal(-4, 1, (600, 3)), random.normal(4, 0.5, (200, 3))]).astype(np.float32)
    made, likelihood = mixture.well_fitted(frames, 2)
    order = made.means[:, 0].argsort()
    assert made.means[order] == pytest.approx(np.array([[-4.0] * 3, [4.0] * 3]), abs=0.2)
    assert made.weights[order] == pytest.approx([0.75, 0.25], abs=0.02)
    assert likelihood == pytest.approx(made.log_likelihood(frames).sum(), rel=1e-4)
    assert likelihood > mixture.well_fitted(frames, 1)[1]


def test_a_mixture_has_no_more_parts_than_frames_support():
    frames = np.random.default_rng(5).normal(size=(70, 3)).astype(np.float32)
    assert len(mixture.fitted(frames, 8, 0).weights) == 2


def test_points_are_parted_where_they_lie_apart():
    points = np.concatenate([np.zeros((5, 2)), np.full((7, 2), 9.0)]) + np.random.default_rng(1).normal(size=(12, 2))
    labels = clusters.parted(points, seed=0, tries=3)
    assert len({*labels[:5]}) == len({*labels[5:]}) == 1
    assert labels[0] != labels[-1]


def test_points_that_are_all_the_same_are_not_parted():
    assert not clusters.parted(np.ones((9, 2)), seed=0, tries=3).any()
