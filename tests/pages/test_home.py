"""Home as each person sees it: what waits, the figures of a period, and links that lead to just those calls."""

import json
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
import streamlit
from sqlalchemy import Engine, event

from records import db
from records.calls import Call
from records.db import now
from records.people import Assignment, User
from records.reviews import ReviewState
from records.roles import Role
from records.statuses import CallStatus, Verdict
from tests.pages.conftest import mounted, shown
from tests.records.figured import judge
from tests.records.made import agent, person, stored_call

DONE = {"status": CallStatus.COMPLETED}
OPEN = ReviewState.OPEN
BROKEN = {"status": CallStatus.FAILED}


@pytest.fixture(autouse=True)
def _nothing_kept():
    """Figures are kept for half a minute, and the next test has another database."""
    streamlit.cache_data.clear()


@pytest.fixture
def calls(cast) -> list[Call]:
    """Of support: two of Ada's, one of them flagged, two that failed, of which one was called off, and an old one."""
    with db.writing() as session:
        made = [
            stored_call(session, cast.support, score=80.0, agent_id=cast.ada.id, **DONE),
            stored_call(session, cast.support, score=60.0, agent_id=cast.ada.id, flagged=True, review=OPEN, **DONE),
            stored_call(session, cast.support, **BROKEN),
            stored_call(session, cast.support, error_code="cancelled", **BROKEN),
            stored_call(session, cast.sales, score=30.0, flagged=True, review=OPEN, **DONE),
            stored_call(session, cast.support, score=10.0, created_at=now() - timedelta(days=40), **DONE),
        ]
        for call in made[:2]:
            judge(session, call, Greeting=Verdict.FAIL)
        judge(session, made[4], Consent=Verdict.FAIL)
        judge(session, made[5], Greeting=Verdict.PASS)
        return made


def figures(at) -> dict[str, str]:
    return {each.label.split(": ")[-1].split("] ")[-1]: each.value for each in at.metric}


def links(at) -> dict[str, dict[str, list[str]]]:
    return {each.proto.label: parse_qs(each.proto.query_string) for each in at.get("page_link")}


def tables(at) -> dict[str, list[list[str]]]:
    found = [json.loads(each.proto.json) for each in at.get("bidi_component")]
    return {
        table["label"]: [[cell["text"] for cell in row["cells"] if cell] for row in table["rows"]] for table in found
    }


def listed(see, user, address, page: str = "calls.py") -> int:
    """How many calls the list at this address shows."""
    at = see(user, page, **address)
    return len(shown(at, "table")["rows"]) if "table" in mounted(at) else 0


def test_an_owner_sees_what_waits_the_figures_and_the_tables(cast, see, calls):
    at = see(cast.olivia)
    assert figures(at) == {
        "To review": "2",
        "Failed": "1",
        "Failed share": "25%",
        "Calls": "5",
        "Average score": "56.7",
        "Flag rate": "66.7%",
    }
    assert tables(at) == {
        "Campaigns": [["Support", "70", "4 calls", "50% flagged"], ["Sales", "30", "1 call", "100% flagged"]],
        "Agents": [["Ada Moss", "70", "2 calls", "50% flagged"]],
    }


def test_every_link_leads_to_just_the_calls_that_were_counted(cast, see, calls):
    found = links(see(cast.olivia))
    assert listed(see, cast.olivia, found["Review"], "review.py") == 2
    for label, expected in {
        "See why": 1,
        "See the calls": 5,
        "See those scored": 3,
        "See 2 flagged": 2,
        "See 1 failed": 1,
    }.items():
        assert listed(see, cast.olivia, found[label]) == expected, label


def test_a_row_of_a_table_leads_to_just_its_calls(cast, see, calls):
    at = see(cast.olivia)
    hrefs = [
        (row["cells"][0]["text"], row["href"])
        for each in at.get("bidi_component")
        for row in json.loads(each.proto.json)["rows"]
    ]
    for name, expected in {"Support": 4, "Sales": 1, "Ada Moss": 2}.items():
        assert listed(see, cast.olivia, parse_qs(dict(hrefs)[name].split("?")[1])) == expected, name


def test_a_chosen_campaign_narrows_everything_and_goes_along(cast, see, calls):
    at = see(cast.olivia, "home.py", campaign="support", days="90")
    assert figures(at)["Calls"] == "5"
    assert figures(at)["To review"] == "1"
    assert [row[0] for row in tables(at)["Campaigns"]] == ["Support"]
    for label in ("Review", "See why", "See the calls", "See 1 flagged"):
        assert links(at)[label]["campaign"] == ["support"], label
    assert "from" not in links(at)["Review"], "what waits is not left out for its age"
    at.multiselect(key="home_campaigns").set_value(["sales"]).run()
    assert (at.query_params["campaign"], figures(at)["Calls"]) == ("sales", "1")


def test_the_days_before_are_what_a_figure_is_compared_with(cast, see, calls):
    deltas = {each.label.split(": ")[-1]: each.delta for each in see(cast.olivia).metric}
    assert (deltas["Calls"], deltas["Average score"]) == ("+400.0%", "+46.7 points")
    assert deltas["Flag rate"] == "+66.7 points"
    assert "30 days before" in see(cast.olivia).caption[0].value
    deltas = {each.label.split(": ")[-1]: each.delta for each in see(cast.olivia, "home.py", days="7").metric}
    assert set(deltas.values()) <= {""}, "there is nothing to compare with"


@pytest.mark.parametrize(
    ("name", "expected", "waits"),
    [("olivia", "5", "2"), ("sam", "5", "2"), ("carla", "5", "2"), ("mia", "4", "1"), ("adam", "2", None)],
)
@pytest.mark.usefixtures("calls")
def test_each_sees_the_figures_of_their_own_calls(cast, see, name, expected, waits):
    at = see(getattr(cast, name))
    assert figures(at)["Calls"] == expected
    assert figures(at).get("To review") == waits
    assert set(tables(at)) == (set() if name == "adam" else {"Campaigns", "Agents"})
    assert ("Sales" in str(tables(at))) is (expected == "5")


def test_home_asks_the_database_few_questions(cast, see, calls):
    asked = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    at = see(cast.mia)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        at.query_params["days"] = "90"
        at.run()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert figures(at)["Calls"] == "5"
    # Four of them of the days that are kept: by day, campaign, agent and check.
    assert 0 < sum("sum(" in each or "count(" in each for each in asked) <= 17


def test_an_agent_sees_nothing_about_others(cast, see, calls):
    with db.writing() as session:
        ben = agent(session, "Ben")
        stored_call(session, cast.support, score=5.0, agent_id=ben.id, **DONE)
    at = see(cast.adam)
    assert (figures(at)["Calls"], figures(at)["Average score"]) == ("2", "70")
    assert "Needs you now" not in [each.value for each in at.subheader]
    assert tables(at) == {}
    words = " ".join(str(each.proto) for each in at.main)
    assert "Ben" not in words
    assert "Consent" not in words
    assert "Greeting" in words, "the checks that one failed oneself"


def test_a_stranger_sees_no_figures(home, see):
    at = see(None)
    assert at.title[0].value == "You are signed out"
    assert not at.metric


def test_when_nothing_waits_it_says_so_calmly(cast, see):
    with db.writing() as session:
        stored_call(session, cast.support, score=90.0, **DONE)
    at = see(cast.olivia)
    assert "Nothing waits for you" in at.markdown[0].value
    assert "To review" not in figures(at)


def test_what_waits_is_seen_at_the_next_look(cast, see, calls):
    at = see(cast.olivia)
    with db.writing() as session:
        long_ago = now() - timedelta(hours=1)
        stored_call(session, cast.support, status=CallStatus.ANALYZING, updated_at=long_ago)
        session.get_one(Call, calls[1].id).review = ReviewState.CLOSED
    at.run()
    assert (figures(at)["To review"], figures(at)["Stuck"]) == ("1", "1")
    assert listed(see, cast.olivia, links(at)["Look into it"]) == 1


@pytest.mark.parametrize(
    ("name", "title", "whom"),
    [
        ("olivia", "No calls yet", "totalview process FILE"),
        ("carla", "No calls yet", "totalview process FILE"),
        ("mia", "No calls yet", "totalview process FILE"),
        ("adam", "No calls of yours yet", ""),
        ("nobody", "No agent is linked to your account", ""),
        ("newcomer", "No campaign is assigned to you", ""),
    ],
)
def test_with_nothing_to_show_it_says_what_to_do_next(cast, see, name, title, whom):
    with db.writing() as session:
        if name in {"mia", "adam", "nobody", "newcomer"}:
            stored_call(session, cast.sales, agent_id=agent(session, "Ben").id)
        others = {"nobody": person(session, Role.AGENT), "newcomer": person(session, Role.MANAGER)}
    at = see(others[name] if name in others else getattr(cast, name))
    assert at.subheader[0].value == title
    assert [each.value for each in at.code] == ([whom] if whom else [])
    assert not at.metric


def test_the_first_call_ends_the_empty_page(cast, see):
    at = see(cast.olivia)
    assert at.subheader[0].value == "No calls yet"
    with db.writing() as session:
        stored_call(session, cast.support)
    at.run()
    assert figures(at)["Calls"] == "1"


def test_figures_that_are_kept_are_of_what_one_may_see_at_this_moment(cast, see, calls):
    at = see(cast.mia)
    assert figures(at)["Calls"] == "4"
    with db.writing() as session:
        session.add(Assignment(user_id=cast.mia.id, campaign_id=cast.sales.id))
    at.run()
    assert figures(at)["Calls"] == "5"
    with db.writing() as session:
        session.get_one(User, cast.mia.id).role = Role.AGENT
    at.run()
    assert not at.metric


def test_foreign_names_reach_the_screen_as_text(cast, see):
    nasty = "<b>x</b> **bold** [a](http://evil.test) $y$"
    with db.writing() as session:
        one = agent(session, nasty)
        call = stored_call(session, cast.support, score=1.0, agent_id=one.id, **DONE)
        judge(session, call, **{nasty: Verdict.FAIL})
    at = see(cast.olivia)
    assert tables(at)["Agents"][0][0] == nasty
    spec = json.loads(next(each.proto.spec for each in at.get("plotly_chart") if "chart_checks" in each.proto.id))
    assert "<b>" not in spec["layout"]["yaxis"]["ticktext"][0]
    for kind in ("markdown", "caption", "subheader", "html"):
        assert not [each for each in at.get(kind) if "bold" in str(each.value)], kind


def test_every_chart_says_in_words_what_it_shows(cast, see, calls):
    at = see(cast.olivia)
    said = [each.proto.alt for each in at.get("plotly_chart")]
    assert len(said) == 5
    assert "most 5 on" in said[0]
    assert "56.7" in said[1]
    assert said[3] == "Most failed checks. Greeting: 2; Consent: 1."
    assert "Transcription: 10.0 s" in said[4]


def test_a_period_without_calls_is_no_row_of_noughts(cast, see, calls):
    at = see(cast.olivia, "home.py", **{"from": "2020-01-01", "until": "2020-01-31"})
    assert figures(at)["Average score"] == figures(at)["Flag rate"] == "–"
    assert figures(at)["Calls"] == "0"
    assert at.get("plotly_chart") == []
    assert "No calls were added in these days." in [each.value for each in at.caption]
    assert tables(at) == {}
