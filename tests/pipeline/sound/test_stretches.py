"""Sums with pieces of time, held against sets of milliseconds."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sound.contract import Stretch
from pipeline.sound.stretches import common, crowded, gaps, joined, total_ms, without

PIECES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda p: piece(p[0], p[0] + p[1])), max_size=8)


def piece(start, end):
    return Stretch(start_ms=start, end_ms=end)


def moments(pieces):
    return {ms for one in pieces for ms in range(one.start_ms, one.end_ms)}


def tidy(pieces):
    """Sorted, none empty, none touching another."""
    edges = [edge for one in pieces for edge in (one.start_ms, one.end_ms)]
    return edges == sorted(set(edges))


@given(PIECES)
def test_joining_keeps_every_moment(pieces):
    assert moments(joined(pieces)) == moments(pieces)
    assert tidy(joined(pieces))
    assert total_ms(pieces) == len(moments(pieces))


@given(PIECES, PIECES)
def test_common_time_is_in_both(one, other):
    assert moments(common(one, other)) == moments(one) & moments(other)
    assert tidy(common(one, other))


@given(PIECES, PIECES)
def test_time_without_a_cut_is_in_the_first_alone(one, cut):
    assert moments(without(one, cut)) == moments(one) - moments(cut)
    assert tidy(without(one, cut))


@given(PIECES, st.integers(0, 40), st.integers(0, 80))
def test_gaps_are_what_is_left_free(pieces, start, end):
    assert moments(gaps(pieces, start, end)) == set(range(start, end)) - moments(pieces)


@given(st.lists(PIECES, max_size=4))
def test_crowded_time_is_in_two_groups_at_least(groups):
    times = [moments(group) for group in groups]
    twice = {ms for at, time in enumerate(times) for ms in time if any(ms in other for other in times[at + 1 :])}
    assert moments(crowded(groups)) == twice
    assert tidy(crowded(groups))


def test_pieces_within_the_gap_become_one_and_wider_ones_do_not():
    assert joined([piece(0, 10), piece(15, 20), piece(26, 30)], gap_ms=5) == (piece(0, 20), piece(26, 30))


def test_an_empty_piece_leaves_nothing():
    assert joined([piece(5, 5)]) == ()
    assert without([], [piece(0, 9)]) == ()
    assert gaps([], 5, 5) == ()
