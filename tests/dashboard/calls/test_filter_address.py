"""The list's address: whatever it says is checked, and what is written is read back the same."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.calls import filter_address as addressed
from dashboard.calls.filter_address import NAMES, filters, values, written
from records.call_filters import Filters
from records.statuses import CallStatus, Source

VALUES = st.fixed_dictionaries(
    {
        "q": st.text(st.characters(categories=["L", "N", "P"]), max_size=200),
        "text": st.text(st.characters(categories=["L", "N", "P"]), max_size=200),
        "status": st.sets(st.sampled_from(list(CallStatus))).map(lambda some: [s for s in CallStatus if s in some]),
        "source": st.sets(st.sampled_from(list(Source))).map(lambda some: [s for s in Source if s in some]),
        "campaign": st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), max_size=3),
        "flagged": st.booleans(),
        **{
            name: st.none() | st.dates(date(1970, 1, 1), date(2199, 12, 31))
            for name in ("from", "until", "called_from", "called_until")
        },
        "score_from": st.none() | st.integers(0, 100).map(float),
        "score_to": st.none() | st.integers(0, 200).map(lambda half: half / 2),
        "agent": st.sampled_from(["", "none"]) | st.integers(1, 2**31 - 1).map(str),
        "check": st.text(st.characters(categories=["L", "N", "P"]), max_size=200),
        "stuck": st.booleans(),
        "withheld": st.booleans(),
        "paused": st.booleans(),
        "cancelled": st.sampled_from(["", "0", "1"]),
        "bulk_job": st.none() | st.integers(1, 2**31 - 1),
    }
)


@given(VALUES)
def test_what_is_written_into_the_address_is_read_back_the_same(chosen):
    assert set(chosen) == set(NAMES)
    address = {name: written(value) for name, value in chosen.items()}
    assert values(address) == chosen


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.text(max_size=30), max_size=3)))
def test_any_nonsense_is_as_good_as_nothing_and_breaks_nothing(asked):
    filters(values(asked), "Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "nonsense"),
    [
        *(("from", text) for text in ("yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "2026-11-18T10:00", "")),
        *(("score_from", text) for text in ("-1", "100.5", "nan", "inf", "1e400", "high")),
        *(("agent", text) for text in ("0", "-3", "2147483648", "9" * 400, "None", "٣", "3 or 1=1")),
        *(("bulk_job", text) for text in ("0", "1.5", "²", "99999999999")),
        *(("stuck", text) for text in ("0", "yes", "true")),
        *(("cancelled", text) for text in ("2", "yes")),
        ("status", "FAILED"),
        ("source", "fax"),
    ],
)
def test_a_value_that_cannot_be_meant_narrows_nothing(name, nonsense):
    assert filters(values({name: [nonsense]}), "UTC") == Filters()


def test_days_are_whole_by_the_viewers_clock():
    chosen = values({"from": ["2026-10-25"], "until": ["2026-10-25"], "called_until": ["2026-11-01"]})
    found = filters(chosen, "Europe/Berlin")
    assert found.added_from == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert found.added_until == datetime(2026, 10, 25, 23, tzinfo=UTC), "that day has 25 hours"
    assert found.called_until == datetime(2026, 11, 1, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ({"agent": ["none"]}, Filters(unlinked=True)),
        ({"agent": ["7"]}, Filters(agent_id=7)),
        ({"check": ["Said \x00hello"]}, Filters(check_failed="Said hello")),
        ({"stuck": ["1"], "paused": ["1"]}, Filters(stuck=True, paused=True)),
        ({"withheld": ["1"]}, Filters(withheld=True)),
        ({"cancelled": ["0"], "status": ["failed"]}, Filters(cancelled=False, statuses=frozenset({CallStatus.FAILED}))),
        ({"cancelled": ["1"]}, Filters(cancelled=True)),
        ({"score_from": ["0"], "score_to": ["69.5"]}, Filters(score_from=0.0, score_to=69.5)),
        ({"bulk_job": ["12"]}, Filters(bulk_job_id=12)),
    ],
)
def test_each_part_of_the_address_reaches_the_query(address, expected):
    assert filters(addressed.values(address), "UTC") == expected
