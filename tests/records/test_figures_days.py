"""Days by somebody's own clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select
from sqlmodel.sql.sqltypes import UTCDateTime

from records import db
from records.figures_days import MOST, Days, midnight, place

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 6, 1), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("America/Santiago", date(2026, 9, 6), 23),  # its midnight is skipped
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
    ],
)
def test_a_day_is_as_long_as_its_clock_says(zone, day, hours):
    assert Days(day, day, zone).end - Days(day, day, zone).begin == timedelta(hours=hours)


def test_the_days_before_are_as_many_and_end_where_these_begin():
    days = Days(date(2026, 3, 20), date(2026, 4, 2), "Europe/Berlin")
    assert len(days) == len(days.before) == len(days.dates) == 14
    assert days.before.end == days.begin
    assert (days.before.first, days.before.last) == (date(2026, 3, 6), date(2026, 3, 19))


@pytest.mark.parametrize("length", [0, -1, MOST + 1])
def test_a_range_that_cannot_be_shown_is_refused(length):
    with pytest.raises(ValueError, match="A range has 1 to"):
        Days(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=length - 1))


@given(st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.integers(0, 86_399))
def test_every_moment_lies_in_the_day_that_its_clock_shows(zone, day, second):
    moment = midnight(day, zone) + timedelta(seconds=second)
    shown = moment.astimezone(ZoneInfo(zone)).date()
    assert Days(shown, shown, zone).begin <= moment < Days(shown, shown, zone).end


@pytest.mark.parametrize("number", [1, 2, 7, 90, MOST])
def test_the_database_finds_the_place_between_the_bounds(database, number):
    days = Days(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=number - 1), "Asia/Kathmandu")
    bounds = [Days(day, day, days.zone).begin for day in days.dates]
    nudge = timedelta(microseconds=1)
    with db.reading() as session:
        for n in {0, number // 2, number - 1}:
            for moment, expected in ((bounds[n] - nudge, n), (bounds[n], n + 1), (bounds[n] + nudge, n + 1)):
                found = session.execute(select(place(literal(moment, UTCDateTime()), bounds))).scalar_one()
                assert found == expected, (n, moment)
    assert midnight(date(2026, 1, 1), "UTC") == datetime(2026, 1, 1, tzinfo=UTC)
