"""The days and campaigns of Home, between the address and the inputs."""

from datetime import date, timedelta

import pytest
import streamlit

from records import db
from records.db import now
from records.people import Assignment
from tests.records.made import stored_call


@pytest.fixture(autouse=True)
def _calls(cast) -> None:
    """One of today, one of ten days ago, one of fifty."""
    streamlit.cache_data.clear()
    with db.writing() as session:
        for age in (0, 10, 50):
            stored_call(session, cast.support, created_at=now() - timedelta(days=age))


def number(at) -> str:
    return next(each.value for each in at.metric if each.label.endswith(": Calls"))


def lengths(at):
    return next(each for each in at.button_group if each.label == "Days")


def test_the_length_stands_in_the_address_and_comes_back(cast, see):
    at = see(cast.olivia)
    assert (lengths(at).value, number(at)) == ("30", "2")
    lengths(at).set_value("7").run()
    assert (at.query_params["days"], number(at)) == ("7", "1")
    assert number(see(cast.olivia, "home.py", days="90")) == "3"


def test_own_days_stand_in_the_address_and_come_back(cast, see):
    at = see(cast.olivia)
    lengths(at).set_value("own").run()
    assert number(at) == "2"
    first = now().date() - timedelta(days=60)
    at.date_input(key="home_from").set_value(first).run()
    assert (at.query_params["from"], number(at)) == (first.isoformat(), "3")
    assert "days" not in at.query_params
    again = see(cast.olivia, "home.py", **{name: at.query_params[name] for name in ("from", "until")})
    assert (lengths(again).value, again.date_input(key="home_from").value) == ("own", first)
    lengths(again).set_value("30").run()
    assert "from" not in again.query_params


@pytest.mark.parametrize(
    "address",
    [
        {"days": "1000000"},
        {"days": "own"},
        {"days": ["", "7"]},
        {"from": "2026-01-01"},
        {"from": "soon", "until": "later"},
        {"campaign": ["nowhere", "'; drop table call"]},
    ],
)
def test_nonsense_in_the_address_is_passed_over(cast, see, address):
    at = see(cast.olivia, "home.py", **address)
    assert not at.exception
    assert (lengths(at).value, number(at)) == ("30", "2")


def test_days_that_cannot_be_shown_are_refused_beside_the_inputs_and_stay_typed(cast, see):
    at = see(cast.olivia, "home.py", **{"from": "2026-11-18", "until": "2026-11-01"})
    assert "'Until' is before 'From'" in at.error[0].value
    assert at.date_input(key="home_from").value == date(2026, 11, 18)
    assert "Nothing waits for you" in at.markdown[0].value, "what waits is of whatever day"
    at.date_input(key="home_from").set_value(date(2026, 10, 31)).run()
    assert not at.error
    assert at.query_params["from"] == "2026-10-31"


def test_a_campaign_that_is_no_longer_theirs_is_chosen_no_longer(cast, see):
    with db.writing() as session:
        session.add(Assignment(user_id=cast.mia.id, campaign_id=cast.sales.id))
        stored_call(session, cast.sales)
    home, calls = see(cast.mia, "home.py", campaign="sales"), see(cast.mia, "calls.py", campaign="sales")
    assert number(home) == "1"
    with db.writing() as session:
        session.delete(session.get_one(Assignment, (cast.mia.id, cast.sales.id)))
    home.run()
    assert (home.exception, number(home)) == ([], "2")
    calls.run()
    assert not calls.exception
    assert "3 calls" in calls.caption[0].value


def test_somebody_elses_campaign_in_the_address_says_nothing(cast, see):
    at = see(cast.mia, "home.py", campaign="sales")
    assert number(at) == "2"
    assert not at.multiselect, "one campaign leaves nothing to choose"
