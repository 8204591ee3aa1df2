"""When a message is tried again: at the promised moments, never sooner, and never in a bunch."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.webhooks.schedule import LONGEST_WISH_S, TRIES_AT_S, next_try

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAST = len(TRIES_AT_S)
tries = st.integers(1, LAST - 1)
lateness = st.floats(0, 1e6)
wishes = st.none() | st.floats(-1e9, 1e9)


def after(seconds: float) -> datetime:
    return FIRST + timedelta(seconds=seconds)


@pytest.mark.parametrize(("made", "seconds"), [(1, 30), (2, 120), (3, 600), (4, 3600)])
def test_tries_come_at_the_promised_moments_after_the_first(made: int, seconds: float):
    moment = after(TRIES_AT_S[made - 1] + 0.2)
    assert next_try(FIRST, made, moment) == after(seconds)


def test_the_fifth_try_is_the_last():
    assert next_try(FIRST, 5, after(3600)) is None
    assert next_try(FIRST, 5, after(3600), wish_s=60) is None


def test_a_receiver_that_wishes_for_longer_gets_its_wish():
    assert next_try(FIRST, 1, after(1), wish_s=300) == after(301)


def test_a_receiver_that_wishes_for_less_changes_nothing():
    assert next_try(FIRST, 2, after(31), wish_s=1) == after(120)


def test_nobody_is_left_alone_for_longer_than_an_hour():
    assert next_try(FIRST, 1, after(1), wish_s=1e7) == after(3601)


def test_tries_that_come_late_are_not_used_up_in_a_row():
    assert next_try(FIRST, 2, after(86_400)) == after(86_400 + 45)


@given(tries, lateness, wishes)
def test_a_try_is_never_before_its_time_nor_at_once(made: int, late: float, wish: float | None):
    moment = after(TRIES_AT_S[made - 1] + late)
    again = next_try(FIRST, made, moment, wish)
    assert again is not None
    assert again >= after(TRIES_AT_S[made])
    assert again - moment >= timedelta(seconds=15)
    assert again <= max(after(TRIES_AT_S[made]), moment + timedelta(seconds=LONGEST_WISH_S))


@given(st.lists(st.tuples(st.floats(0, 5000), wishes), min_size=LAST, max_size=LAST))
def test_five_tries_it_is_whatever_happens(course: list[tuple[float, float | None]]):
    moment, made = FIRST, 0
    for late, wish in course:
        moment += timedelta(seconds=late)
        made += 1
        again = next_try(FIRST, made, moment, wish)
        if again is None:
            break
        moment = again
    assert made == LAST
