import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.numerals import plain, shown

numbers = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("number", "bound", "words"),
    [
        (66.666666, 70, "66.7"),
        (70, 70, "70"),
        (0, 70, "0"),
        (69.99996, 70, "69.99996"),
        (69.9999999999, 70, "69.9999999999"),
        (69.96, 70, "69.96"),
        (69.98765432109, 70, "69.99"),
        (70.00123456789, 70, "70.001"),
        (70.04, 70, "70.04"),
        (33.3, 33.3, "33.3"),
        (20.04, 20, "20.04"),
    ],
)
def test_as_many_digits_as_tell_a_number_from_its_bound(number: float, bound: float, words: str):
    assert shown(number, bound) == words


@given(numbers, st.lists(numbers, max_size=2), st.integers(0, 3))
def test_what_is_shown_stands_where_the_number_does(number: float, bounds: list[float], digits: int):
    words = float(shown(number, *bounds, digits=digits))
    for bound in bounds:
        assert (words < bound, words > bound) == (number < bound, number > bound)


@given(numbers)
def test_a_plain_number_is_the_number_itself(number: float):
    assert float(plain(number)) == number


@pytest.mark.parametrize(("number", "words"), [(70.0, "70"), (70, "70"), (0.5, "0.5"), (66.66667, "66.66667")])
def test_a_plain_number_reads_as_it_was_typed(number: float, words: str):
    assert plain(number) == words
