"""Checks that fail and the time that stages take, by the newest result of each call."""

from datetime import date, timedelta

import pytest

from records import call_list, db, figures_results
from records.call_filters import Filters
from records.figures_days import Days
from records.figures_results import StageTime, spread
from records.identity import Identity
from records.roles import Role
from records.statuses import CallStatus, Verdict
from tests.records.figured import fill, judge, moments, rows, verdicts
from tests.records.made import agent, stored_call, stored_campaign

OWNER = Identity(1, Role.OWNER, "owner@example.org")
DAYS = Days(date(2026, 11, 16), date(2026, 11, 18), "Asia/Kathmandu")
NOON = DAYS.begin + timedelta(hours=12)


def completed(session, campaign, **facts):
    return stored_call(session, campaign, status=CallStatus.COMPLETED, created_at=NOON, **facts)


def test_failed_checks_are_counted_as_the_rows_say_and_as_the_list_does(database):
    with db.writing() as session:
        campaigns = [stored_campaign(session, name) for name in ("a", "b")]
        ada = agent(session, "Ada")
        fill(session, campaigns, [ada, None], moments(DAYS)[::2])
    manager = Identity(2, Role.MANAGER, "m", None, frozenset({campaigns[0].id or 0}))
    for who, mine in (
        (OWNER, lambda _call: True),
        (manager, lambda call: call.campaign_id == campaigns[0].id),
        (Identity(3, Role.AGENT, "a", ada.id), lambda call: call.agent_id == ada.id),
    ):
        with db.reading() as session:
            found = figures_results.most_failed(session, who, DAYS)
            judged = [verdicts(session, call) for call in rows(session, DAYS) if mine(call)]
            listed = call_list.count(
                session, who, Filters(check_failed="Greeting", added_from=DAYS.begin, added_until=DAYS.end)
            )
        failed = sum(each.get("Greeting") == Verdict.FAIL for each in judged)
        assert [(each.name, each.failed, each.judged) for each in found] == [
            ("Greeting", failed, sum("Greeting" in each for each in judged))
        ]
        assert failed == listed > 0


def test_only_the_newest_version_counts_and_what_was_not_judged_does_not(database):
    with db.writing() as session:
        campaign = stored_campaign(session, "a")
        again = completed(session, campaign)
        judge(session, again, Greeting=Verdict.FAIL, Consent=Verdict.PASS)
        judge(session, again, Greeting=Verdict.PASS, Consent=Verdict.FAIL)
        judge(session, completed(session, campaign), Consent=Verdict.NOT_EVALUATED)
        judge(session, completed(session, campaign), Consent=Verdict.NOT_APPLICABLE)
    with db.reading() as session:
        found = figures_results.most_failed(session, OWNER, DAYS)
        assert [(each.name, each.failed, each.judged, each.share) for each in found] == [("Consent", 1, 1, 1.0)]
        for name, number in {"Greeting": 0, "Consent": 1}.items():
            assert call_list.count(session, OWNER, Filters(check_failed=name)) == number


def test_the_checks_shown_are_those_that_fail_most_and_not_too_many(database, monkeypatch):
    monkeypatch.setattr(figures_results, "CHECKS_SHOWN", 2)
    with db.writing() as session:
        campaign = stored_campaign(session, "a")
        for times, names in ((3, "often"), (1, "once"), (2, "twice")):
            for _ in range(times):
                judge(session, completed(session, campaign), **{names: Verdict.FAIL})
    with db.reading() as session:
        assert [each.name for each in figures_results.most_failed(session, OWNER, DAYS)] == ["often", "twice"]


def test_stage_times_are_those_of_the_newest_results(database, monkeypatch):
    monkeypatch.setattr(figures_results, "SAMPLE", 2)
    with db.writing() as session:
        campaign = stored_campaign(session, "a")
        for age in (3, 2, 1):
            call = completed(session, campaign)
            call.created_at = NOON - timedelta(hours=age)
            judge(session, call, Greeting=Verdict.PASS).stage_seconds = {"transcription": float(age)}
    with db.reading() as session:
        assert figures_results.stage_times(session, OWNER, DAYS) == {"transcription": StageTime(2, 1.5, 2.0)}
        assert figures_results.stage_times(session, OWNER, DAYS.before) == {}


@pytest.mark.parametrize(
    ("times", "expected"),
    [([4.0], StageTime(1, 4.0, 4.0)), ([3.0, 1.0], StageTime(2, 2.0, 3.0)), (range(1, 101), StageTime(100, 50.5, 95))],
)
def test_ninety_five_of_a_hundred_took_no_longer(times, expected):
    assert spread(times) == expected
