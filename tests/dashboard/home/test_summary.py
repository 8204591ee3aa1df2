"""How a figure's change is told."""

from datetime import date

import pytest

from dashboard import words
from dashboard.home.period import Period
from dashboard.home.summary import _figures
from records.figures_days import Days
from records.figures_sums import Tally

PERIOD = Period(Days(date(2026, 11, 1), date(2026, 11, 30)))


@pytest.mark.parametrize(
    ("change", "unit", "told"),
    [
        (None, "%", None),
        (0.0, "points", 0),
        (0.049, "points", 0),
        (-0.04, "%", 0),
        (1.26, "points", "+1.3 points"),
        (-12.0, "%", "-12.0%"),
        (3250.0, "calls", "+3,250 calls"),
    ],
)
def test_a_change_too_small_to_see_is_none_and_no_arrow(change, unit, told):
    assert words.change(change, unit) == told


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [(0, 5, None), (100, 150, "+50.0%"), (2, 327, "+325 calls"), (10, 10, 0), (8, 0, "-100.0%")],
)
def test_calls_are_compared_by_share_and_by_number_where_a_share_says_nothing(then, now, told):
    calls = next(_figures(Tally(calls=now), Tally(calls=then), PERIOD))
    assert words.change(calls.change, calls.unit) == told


def test_fewer_flags_and_failures_are_good_news_and_more_calls_are_no_news():
    found = {each.label: each.better for each in _figures(Tally(), Tally(), PERIOD)}
    assert found == {"Calls": "off", "Average score": "normal", "Flag rate": "inverse", "Failed share": "inverse"}
