"""Which days Home is about."""

from datetime import date

import pytest

from dashboard.home.period import Period, span, whenever
from records.figures_days import MOST, Days

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(("length", "first"), [("7", 12), ("30", 20), ("90", 21)])
def test_the_last_days_end_today(length, first):
    days = span(length, None, None, TODAY, "Europe/Berlin")
    assert (days.first.day, days.last, len(days), days.zone) == (first, TODAY, int(length), "Europe/Berlin")


def test_own_days_are_taken_as_they_are():
    assert span("own", date(2025, 1, 1), date(2025, 1, 1), TODAY, "UTC") == Days(date(2025, 1, 1), date(2025, 1, 1))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (None, TODAY, "Choose the first"),
        (date(2026, 11, 19), TODAY, "'Until' is before 'From'"),
        (date(2024, 1, 1), TODAY, f"At most {MOST} days"),
    ],
)
def test_own_days_that_cannot_be_shown_are_refused_in_a_sentence(first, last, words):
    with pytest.raises(ValueError, match=words):
        span("own", first, last, TODAY, "UTC")


def test_a_link_carries_the_days_and_the_campaigns():
    period = Period(Days(date(2026, 11, 1), date(2026, 11, 2)), ("support", "sales"))
    assert period.calls(flagged="1") == {
        "from": "2026-11-01",
        "until": "2026-11-02",
        "campaign": ["support", "sales"],
        "flagged": "1",
    }
    assert whenever(period.campaigns, stuck="1") == {"campaign": ["support", "sales"], "stuck": "1"}
    assert whenever(()) == {}
