"""The figures of a call: by example, and what holds for every call."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.sound.contract import Stretch
from pipeline.sound.figures import METRICS, Figures, figures
from pipeline.transcribers.contract import AGENT, CUSTOMER, UNKNOWN, Utterance


def stretch(start, end):
    return Stretch(start_ms=start, end_ms=end)


def said(speaker, words, start=0, end=1000):
    return Utterance(speaker=speaker, start_ms=start, end_ms=end, text=" ".join(["word"] * words))


CALL = {AGENT: [stretch(1_000, 7_000), stretch(20_000, 24_000)], CUSTOMER: [stretch(6_000, 12_000)]}


def measured(speech=CALL, utterances=(), duration=40_000, tones=(), **more):
    return figures(speech, utterances, duration, tones, **more)


def test_talk_is_measured_by_speaker():
    found = measured()
    assert found.duration_s == 40
    assert found.talk_s == {AGENT: 10, CUSTOMER: 6}
    assert found.speech_s == 15
    assert (found.agent_talk_share, found.customer_talk_share) == (0.625, 0.375)


def test_silence_counts_from_the_first_moment_to_the_last():
    found = measured()
    assert found.longest_silence_s == 16
    assert found.dead_air_share == 25 / 40


def test_a_hold_is_over_ten_seconds_without_speech():
    speech = {AGENT: [stretch(0, 1000), stretch(11_000, 12_000), stretch(22_001, 23_000)]}
    found = measured(speech, duration=23_000)
    assert found.holds == (stretch(12_000, 22_001),)
    assert found.hold_s == found.longest_hold_s == 10.001


def test_a_hold_with_a_tone_is_a_hold():
    found = measured(
        {AGENT: [stretch(0, 1000)]}, duration=30_000, tones=[stretch(2_000, 9_000), stretch(12_000, 20_000)]
    )
    assert found.holds == (stretch(1_000, 30_000),)
    assert found.tone_s == 15


def test_overlaps_under_a_breath_count_as_time_and_not_as_overlaps():
    speech = {AGENT: [stretch(0, 5_000)], CUSTOMER: [stretch(4_800, 6_000)]}
    assert (measured(speech).overlaps, measured(speech).overlap_s) == (0, 0.2)
    speech = {AGENT: [stretch(0, 5_000)], CUSTOMER: [stretch(4_700, 6_000)]}
    assert (measured(speech).overlaps, measured(speech).overlap_s) == (1, 0.3)


@pytest.mark.parametrize(
    ("agent", "customer", "interruptions"),
    [
        ((4_000, 7_000), (0, 5_000), (1, 0)),  # broke in, and the customer spoke on for a second
        ((4_000, 4_900), (0, 5_000), (0, 0)),  # 'mhm'
        ((4_800, 7_000), (0, 5_000), (0, 0)),  # nearly took turns
        ((0, 5_000), (4_000, 7_000), (0, 1)),
        ((0, 5_000), (200, 7_000), (0, 0)),  # both began at once
    ],
)
def test_who_begins_into_the_others_words_and_goes_on_interrupts(agent, customer, interruptions):
    found = measured({AGENT: [stretch(*agent)], CUSTOMER: [stretch(*customer)]})
    assert (found.agent_interruptions, found.customer_interruptions) == interruptions


def test_a_breath_does_not_make_an_interruption_of_the_others_words_none():
    customer = [stretch(0, 4_000), stretch(4_200, 9_000)]
    assert measured({AGENT: [stretch(4_300, 7_000)], CUSTOMER: customer}).agent_interruptions == 1


def test_one_channel_says_nothing_of_overlaps():
    found = measured(own_channels=False)
    assert (found.overlaps, found.overlap_s, found.agent_interruptions, found.customer_interruptions) == (None,) * 4
    assert METRICS["interruptions"].read(found) is None


def test_pace_is_words_by_the_time_that_the_speaker_speaks():
    found = measured(utterances=[said(AGENT, 20), said(AGENT, 10), said(CUSTOMER, 6)])
    assert found.words_per_minute == {AGENT: 180, CUSTOMER: 60}


def test_there_is_no_pace_without_text_or_enough_talk():
    assert measured().words_per_minute == {}
    assert measured({AGENT: [stretch(0, 2_000)]}, [said(AGENT, 9)]).words_per_minute == {}


def test_nobody_known_as_the_agent_has_no_share():
    found = measured({"speaker_1": [stretch(0, 5_000)]})
    assert (found.agent_talk_share, found.agent_interruptions) == (None, None)
    assert {name for name, metric in METRICS.items() if metric.by_speaker and metric.read(found) is None} == {
        "agent_talk_share",
        "interruptions",
        "words_per_minute",
    }


def test_unknown_speech_is_no_part_of_the_shares_but_breaks_the_silence():
    found = measured(CALL | {UNKNOWN: [stretch(30_000, 40_000)]})
    assert found.agent_talk_share == 0.625
    assert found.longest_silence_s == 8


def test_a_call_without_speech_is_one_long_silence():
    found = measured({AGENT: [], CUSTOMER: []}, duration=15_000)
    assert found.longest_silence_s == found.hold_s == 15
    assert found.dead_air_share == 1
    assert found.agent_talk_share is None


def test_a_call_of_no_length_has_no_shares():
    found = measured({}, duration=0)
    assert found.dead_air_share is None
    assert found.longest_silence_s == 0


def test_the_figures_survive_their_storage():
    found = measured(utterances=[said(AGENT, 20)])
    assert Figures.model_validate_json(found.model_dump_json()) == found


def test_every_metric_can_be_read_and_says_what_it_is():
    found = measured(utterances=[said(AGENT, 30)])
    assert {name: metric.read(found) for name, metric in METRICS.items()} == {
        "duration_s": 40,
        "longest_silence_s": 16,
        "dead_air_share": 0.625,
        "hold_s": 16,
        "longest_hold_s": 16,
        "overlap_s": 1,
        "agent_talk_share": 0.625,
        "interruptions": 0,
        "words_per_minute": 180,
    }
    assert all(metric.label for metric in METRICS.values())


DURATION = 60_000
PIECES = st.lists(
    st.tuples(st.integers(0, DURATION), st.integers(0, 9_000)).map(
        lambda pair: stretch(pair[0], min(DURATION, pair[0] + pair[1]))
    ),
    max_size=8,
)


@given(PIECES, PIECES)
def test_shares_and_times_stay_within_the_call(agent, customer):
    found = measured({AGENT: agent, CUSTOMER: customer}, duration=DURATION)
    assert 0 <= found.dead_air_share <= 1
    assert 0 <= found.longest_hold_s <= found.hold_s <= found.duration_s
    assert found.longest_silence_s <= found.duration_s
    assert found.speech_s <= sum(found.talk_s.values()) + 1e-9
    assert found.speech_s + found.overlap_s == pytest.approx(sum(found.talk_s.values()))
    assert found.dead_air_share * found.duration_s + found.speech_s == pytest.approx(found.duration_s)
    if found.agent_talk_share is not None:
        assert found.agent_talk_share + found.customer_talk_share == pytest.approx(1)


@given(PIECES, PIECES)
def test_swapped_roles_swap_what_is_the_agents_and_nothing_else(agent, customer):
    one = measured({AGENT: agent, CUSTOMER: customer}, duration=DURATION)
    other = measured({AGENT: customer, CUSTOMER: agent}, duration=DURATION)
    assert (one.agent_interruptions, one.customer_interruptions) == (
        other.customer_interruptions,
        other.agent_interruptions,
    )
    assert one.agent_talk_share == other.customer_talk_share
    assert (one.overlaps, one.overlap_s, one.holds, one.speech_s) == (
        other.overlaps,
        other.overlap_s,
        other.holds,
        other.speech_s,
    )


@given(PIECES, PIECES, st.integers(0, 7), st.floats(0, 1))
def test_a_stretch_cut_in_two_changes_nothing(agent, customer, which, at):
    assume(agent)
    piece = agent[which % len(agent)]
    middle = piece.start_ms + round(piece.ms * at)
    cut = [*agent, stretch(piece.start_ms, middle), stretch(middle, piece.end_ms)]
    cut.remove(piece)
    whole = measured({AGENT: agent, CUSTOMER: customer}, duration=DURATION)
    assert measured({AGENT: cut, CUSTOMER: customer}, duration=DURATION) == whole


@given(PIECES, PIECES)
def test_the_order_of_stretches_does_not_matter(agent, customer):
    forth = measured({AGENT: agent, CUSTOMER: customer}, duration=DURATION)
    assert measured({AGENT: agent[::-1], CUSTOMER: customer[::-1]}, duration=DURATION) == forth


@given(PIECES, PIECES)
def test_silence_put_before_a_call_only_lengthens_it(agent, customer):
    later = [[stretch(one.start_ms + 5_000, one.end_ms + 5_000) for one in own] for own in (agent, customer)]
    before = measured({AGENT: agent, CUSTOMER: customer}, duration=DURATION)
    after = measured({AGENT: later[0], CUSTOMER: later[1]}, duration=DURATION + 5_000)
    assert (after.talk_s, after.overlaps, after.agent_interruptions) == (
        before.talk_s,
        before.overlaps,
        before.agent_interruptions,
    )
    assert before.longest_silence_s <= after.longest_silence_s <= before.longest_silence_s + 5 + 1e-9
