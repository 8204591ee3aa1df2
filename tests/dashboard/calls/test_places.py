"""Places in the list, as an address writes them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.calls.places import place_of, sort_of, written_place
from records.call_order import Place, Sort
from records.db import LARGEST_ID

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  Hypothesis adds the zone
VALUES = {
    **dict.fromkeys((Sort.NEWEST, Sort.OLDEST), st.none()),
    **dict.fromkeys((Sort.LOWEST, Sort.HIGHEST), st.none() | st.floats(0, 100)),
    **dict.fromkeys((Sort.LONGEST, Sort.SHORTEST), st.none() | st.integers(0, LARGEST_ID)),
    **dict.fromkeys((Sort.CALLED_LAST, Sort.CALLED_FIRST), st.none() | MOMENTS),
}
PLACES = st.sampled_from(list(Sort)).flatmap(
    lambda sort: st.tuples(
        st.just(sort), st.builds(Place, MOMENTS, st.from_regex("[0-9a-f]{32}", fullmatch=True), VALUES[sort])
    )
)


@given(PLACES)
def test_what_is_written_is_read_back_the_same(given_place):
    sort, place = given_place
    assert place_of(written_place(place), sort) == place


@given(st.text(max_size=40), st.sampled_from(list(Sort)))
def test_nonsense_breaks_nothing(text, sort):
    place_of(text, sort)
    assert sort_of(text) in set(Sort)


@pytest.mark.parametrize("text", ["", "x", "1-", "-1-f", "9" * 20 + "-f", "1-'", "²-f"])
def test_what_no_list_has_written_is_no_place(text):
    assert place_of(text, Sort.LOWEST) is None


@pytest.mark.parametrize("value", ["nan", "inf", "x", ""])
def test_a_score_that_is_none_is_the_end_of_those_with_one(value):
    place = place_of(f"0-f-{value}", Sort.LOWEST)
    assert place is not None
    assert place.value is None
