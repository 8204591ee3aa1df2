"""The filters behind the row, as people use them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dashboard.words import plain
from records import db
from records.calls import Call
from records.checks import Check
from records.statuses import CallStatus, CheckKind, Verdict
from tests.pages.conftest import mounted, shown
from tests.records.figured import judge
from tests.records.made import agent, stored_call

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
NASTY = ":red[x] **Ada** <b>"


def names(at) -> list[str]:
    return sorted(row["cells"][0]["text"] for row in shown(at, "table")["rows"]) if "table" in mounted(at) else []


def chips(at) -> list[str]:
    return [each.label for each in at.button if (each.key or "").startswith("off_")]


@pytest.fixture
def calls(cast) -> dict[str, Call]:
    """Ada's good one, a bad one of nobody's a day later, and one that was called off."""
    with db.writing() as session:
        facts = {
            "good": {"agent_id": cast.ada.id, "score": 90.0, "status": CallStatus.COMPLETED},
            "bad": {"score": 40.0, "created_at": NOON + timedelta(days=1), "status": CallStatus.COMPLETED},
            "off": {"status": CallStatus.FAILED, "error_code": "cancelled", "called_at": NOON},
        }
        made = {
            name: stored_call(session, cast.support, filename=name, **{"created_at": NOON, **given})
            for name, given in facts.items()
        }
        judge(session, made["bad"], Greeting=Verdict.FAIL)
        judge(session, made["good"], Greeting=Verdict.PASS)
        given = {"position": 1, "name": "Greeting", "kind": CheckKind.AI, "rule": {}, "weight": 1.0}
        session.add(Check(campaign_id=cast.support.id, **given))
        return made


@pytest.mark.parametrize(
    ("address", "expected", "chip"),
    [
        ({"from": "2026-11-19"}, ["bad"], "Added from 19 Nov 2026"),
        ({"until": "2026-11-18"}, ["good", "off"], "Added until 18 Nov 2026"),
        ({"called_from": "2026-11-18"}, ["off"], "Called from 18 Nov 2026"),
        ({"score_from": "50"}, ["good"], "Score at least 50"),
        ({"score_to": "50"}, ["bad"], "Score at most 50"),
        ({"agent": "none"}, ["bad", "off"], "No agent linked"),
        ({"check": "Greeting"}, ["bad"], "Failed: Greeting"),
        ({"cancelled": "0"}, ["bad", "good"], "Without cancelled calls"),
        ({"cancelled": "1"}, ["off"], "Cancelled calls alone"),
        ({"stuck": "1"}, [], "Unmoved for 30 minutes"),
        ({"paused": "1"}, [], "Waiting for a paused provider"),
        ({"bulk_job": "7"}, [], "Bulk job 7"),
    ],
)
@pytest.mark.usefixtures("calls")
def test_the_address_narrows_and_shows_as_a_chip_that_takes_it_off(cast, see, address, expected, chip):
    at = see(cast.olivia, "calls.py", **address)
    assert names(at) == expected
    assert [each.replace("\\", "") for each in chips(at)] == [chip]
    at.button(key=f"off_{next(iter(address))}").click().run()
    assert names(at) == ["bad", "good", "off"]
    assert not at.query_params
    assert chips(at) == []


def test_what_is_chosen_stands_in_the_address(cast, see, calls):
    at = see(cast.olivia, "calls.py")
    at.date_input(key="from").set_value(date(2026, 11, 19)).run()
    assert (at.query_params["from"], names(at)) == ("2026-11-19", ["bad"])
    at.number_input(key="score_from").set_value(50.0).run()
    assert (at.query_params["score_from"], names(at)) == ("50", [])
    at.date_input(key="from").set_value(None).run()
    assert ("from" in at.query_params, names(at)) == (False, ["good"])
    at.selectbox(key="agent").set_value(str(cast.ada.id)).run()
    assert at.query_params["agent"] == str(cast.ada.id)
    at.selectbox(key="check").set_value("Greeting").run()
    assert names(at) == []
    assert len(chips(at)) == 3
    at.button(key="clear").click().run()
    assert names(at) == ["bad", "good", "off"]
    assert at.number_input(key="score_from").value is None
    assert not at.query_params


def test_an_empty_range_says_so_beside_the_inputs(cast, see, calls):
    at = see(
        cast.olivia, "calls.py", **{"from": "2026-11-19", "until": "2026-11-18", "score_from": "9", "score_to": "8"}
    )
    said = [each.value for each in at.caption]
    assert any("No day lies between" in each for each in said)
    assert any("No score lies between" in each for each in said)
    assert "No call matches" in at.markdown[0].value


def test_an_agents_name_in_a_chip_stays_text(cast, see, calls):
    with db.writing() as session:
        nasty = agent(session, NASTY)
        stored_call(session, cast.support, filename="hers", agent_id=nasty.id)
    at = see(cast.olivia, "calls.py", agent=str(nasty.id), check=NASTY)
    assert chips(at) == [plain(f"Agent: {NASTY}"), plain(f"Failed: {NASTY}")]
    assert r"\*\*Ada\*\*" in chips(at)[0]


def test_others_agents_and_checks_are_not_named(cast, see, calls):
    with db.writing() as session:
        cleo = agent(session, "Cleo")
        stored_call(session, cast.sales, agent_id=cleo.id)
    at = see(cast.mia, "calls.py", agent=str(cleo.id))
    assert "Cleo" not in "".join([*at.selectbox(key="agent").options, *chips(at)])
    assert names(at) == []


def test_an_agent_is_not_asked_for_agents_and_keeps_what_a_link_says(cast, see, calls):
    at = see(cast.adam, "calls.py")
    assert [each.label for each in at.selectbox] == ["Sort by", "Cancelled calls"]
    assert names(see(cast.adam, "calls.py", check="Greeting")) == []
    assert names(see(cast.adam, "calls.py", score_from="50")) == ["good"]


def test_a_call_and_the_way_back_keep_the_filters(cast, see, calls):
    address = {"score_from": "50", "agent": str(cast.ada.id), "from": "2026-11-18"}
    at = see(cast.olivia, "calls.py", **address)
    again = see(cast.olivia, "calls.py", **{**at.query_params, "id": calls["good"].id})
    assert names(again) == ["good"]
    assert {name: again.query_params[name] for name in address} == address
