"""Two channels: two speakers, one sound, or one dead line; told while they stream by."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.sound.contract import RATE, Layout
from pipeline.sound.layout import Pair
from tests import audio

Samples = NDArray[np.float64]


def verdict(left: Samples, right: Samples, *, block: int = RATE) -> tuple[Layout, int]:
    both = np.stack([left, right], axis=1).astype(np.int16)
    pair = Pair()
    for start in range(0, len(both), block):
        pair.hear(both[start : start + block])
    return pair.verdict()


@pytest.fixture(scope="module")
def agent() -> Samples:
    return np.asarray(audio.speech().samples[0], np.float64)


@pytest.fixture(scope="module")
def customer() -> Samples:
    return np.asarray(audio.speech().samples[1], np.float64)


def test_two_people_are_two_channels(agent: Samples, customer: Samples) -> None:
    assert verdict(agent, customer) == (Layout.DUAL, 0)


def test_the_same_sound_twice_is_one(agent: Samples) -> None:
    assert verdict(agent, agent)[0] == Layout.FALSE_STEREO


def test_the_same_sound_turned_over_is_one(agent: Samples) -> None:
    """Summed to mono it would vanish."""
    assert verdict(agent, -agent)[0] == Layout.FALSE_STEREO


@pytest.mark.parametrize("loss", [0.5, 0.1])
def test_of_one_sound_the_louder_channel_is_used(agent: Samples, loss: float) -> None:
    assert verdict(agent, agent * loss) == (Layout.FALSE_STEREO, 0)
    assert verdict(agent * loss, agent) == (Layout.FALSE_STEREO, 1)


def test_a_codec_between_the_channels_does_not_hide_that_they_are_one(agent: Samples) -> None:
    hiss = np.random.default_rng(2).normal(size=len(agent)) * agent.std() * 0.2
    assert verdict(agent, agent + hiss)[0] == Layout.FALSE_STEREO


def test_an_offset_of_both_channels_does_not_make_them_one(agent: Samples, customer: Samples) -> None:
    assert verdict(agent * 0.3 + 15_000, customer * 0.3 + 15_000)[0] == Layout.DUAL


@pytest.mark.parametrize("live", [0, 1])
def test_a_silent_channel_is_dead(agent: Samples, live: int) -> None:
    both = [np.zeros_like(agent), np.zeros_like(agent)]
    both[live] = agent
    assert verdict(*both) == (Layout.DEAD_CHANNEL, live)


def test_hiss_and_a_leak_do_not_make_a_channel_live(agent: Samples) -> None:
    hiss = np.random.default_rng(2).normal(size=len(agent)) * 10
    assert verdict(agent, agent * 0.005 + hiss) == (Layout.DEAD_CHANNEL, 0)


def test_a_click_does_not_make_a_channel_live(agent: Samples) -> None:
    click = np.zeros_like(agent)
    click[5000:5200] = 20_000
    assert verdict(agent, click) == (Layout.DEAD_CHANNEL, 0)


def test_a_customer_who_says_two_words_in_ten_minutes_is_there(agent: Samples, customer: Samples) -> None:
    long = np.tile(agent, 30)
    quiet = np.zeros_like(long)
    quiet[RATE * 300 : RATE * 301] = customer[RATE * 6 : RATE * 7] * 0.3
    assert verdict(long, quiet)[0] == Layout.DUAL


def test_two_silent_channels_are_one_sound() -> None:
    assert verdict(np.zeros(RATE), np.zeros(RATE))[0] == Layout.FALSE_STEREO


def test_nothing_at_all_is_one_sound() -> None:
    assert Pair().verdict()[0] == Layout.FALSE_STEREO


@pytest.mark.parametrize("samples", [1, 100, 1599, 1601, 5000])
def test_very_short_sound_has_a_layout(samples: int, agent: Samples, customer: Samples) -> None:
    start = int(np.argmax(np.abs(customer)))
    assert verdict(agent[start : start + samples], customer[start : start + samples])[0] in set(Layout)


@pytest.mark.parametrize("block", [1, 7, 160, 1600, 16_001])
def test_the_size_of_the_blocks_changes_nothing(agent: Samples, customer: Samples, block: int) -> None:
    left, right = agent[:20_000], agent[:20_000] * 0.5 + customer[:20_000]
    whole, pieces = Pair(), Pair()
    both = np.stack([left, right], axis=1).astype(np.int16)
    whole.hear(both)
    for start in range(0, len(both), block):
        pieces.hear(both[start : start + block])
    assert pieces.verdict() == whole.verdict()
    assert pieces._correlation() == pytest.approx(whole._correlation())
    assert np.array_equal(pieces._ticks, whole._ticks)


def test_the_loudest_sound_there_is_fits_the_scale() -> None:
    loudest = np.full(RATE, -32768.0)
    assert verdict(loudest, np.zeros(RATE)) == (Layout.DEAD_CHANNEL, 0)
