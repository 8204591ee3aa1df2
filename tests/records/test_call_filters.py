"""What the figures' links narrow the list to."""

from datetime import UTC, datetime, timedelta

import pytest

from records import call_list, db, outages
from records.bulk import BulkItem, BulkJob
from records.call_filters import STUCK_AFTER, Filters
from records.campaigns import Campaign
from records.checks import Check
from records.db import LARGEST_ID, now
from records.identity import Identity
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, CheckKind, RunReason
from tests.records.made import agent, stored_call, stored_campaign

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
OWNER = Identity(1, Role.OWNER, "owner@example.org")


@pytest.fixture
def support(database) -> Campaign:
    with db.writing() as session:
        return stored_campaign(session, "Support")


def found(filters: Filters, who: Identity = OWNER) -> set[str]:
    with db.reading() as session:
        page = call_list.page(session, who, filters)
        assert call_list.count(session, who, filters) == len(page.rows)
        return {row.filename for row in page.rows}


def calls(campaign: Campaign, **facts_by_name) -> None:
    with db.writing() as session:
        for name, facts in facts_by_name.items():
            stored_call(session, campaign, filename=name, **{"created_at": NOON, **facts})


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(added_from=NOON), {"noon", "later"}),
        (Filters(added_until=NOON), {"earlier"}),
        (Filters(added_from=NOON, added_until=NOON + timedelta(hours=1)), {"noon"}),
        (Filters(called_from=NOON), {"later"}),
        (Filters(called_until=NOON), {"noon"}),
    ],
)
def test_days_take_in_their_beginning_and_leave_out_their_end(support, filters, expected):
    calls(
        support,
        earlier={"created_at": NOON - timedelta(microseconds=1)},
        noon={"called_at": NOON - timedelta(days=1)},
        later={"created_at": NOON + timedelta(hours=1), "called_at": NOON},
    )
    assert found(filters) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(score_from=0), {"0", "50", "100"}),
        (Filters(score_from=50), {"50", "100"}),
        (Filters(score_to=50), {"0", "50"}),
        (Filters(score_from=51, score_to=99), set()),
    ],
)
def test_a_range_of_scores_takes_in_both_ends_and_no_call_without_a_score(support, filters, expected):
    calls(support, none={}, **{f"{score}": {"score": float(score)} for score in (0, 50, 100)})
    assert found(filters) == expected


def test_an_agents_calls_and_those_of_nobody(support):
    with db.writing() as session:
        ada = agent(session, "Ada")
    calls(support, hers={"agent_id": ada.id}, nobodys={"agent_given": "Ada M."})
    assert found(Filters(agent_id=ada.id)) == {"hers"}
    assert found(Filters(unlinked=True)) == {"nobodys"}
    assert found(Filters(agent_id=LARGEST_ID + 1)) == set()


def test_what_was_called_off_can_be_left_out_and_looked_at_alone(support):
    failed = {"status": CallStatus.FAILED}
    calls(support, broken=failed | {"error_code": "x"}, odd=failed, off=failed | {"error_code": "cancelled"}, fine={})
    statuses = frozenset({CallStatus.FAILED})
    assert found(Filters(statuses=statuses)) == {"broken", "odd", "off"}
    assert found(Filters(statuses=statuses, cancelled=False)) == {"broken", "odd"}
    assert found(Filters(cancelled=True)) == {"off"}


def test_a_bulk_jobs_calls(support):
    with db.writing() as session:
        job = BulkJob(campaign_id=support.id, expected=1)
        session.add(job)
        session.flush()
        mine = stored_call(session, support, filename="mine")
        stored_call(session, support, filename="other")
        session.add(BulkItem(bulk_job_id=job.id, filename="mine", call_id=mine.id))
    assert found(Filters(bulk_job_id=job.id)) == {"mine"}


def test_a_call_is_stuck_that_is_unfinished_has_not_moved_and_does_not_wait_for_a_paused_provider(support):
    long_ago = now() - STUCK_AFTER - timedelta(seconds=5)
    lately = now() - STUCK_AFTER + timedelta(minutes=1)
    calls(
        support,
        stuck={"status": CallStatus.ANALYZING, "updated_at": long_ago},
        in_line={"status": CallStatus.PENDING, "updated_at": long_ago},
        held={"status": CallStatus.TRANSCRIBING, "updated_at": long_ago},
        moving={"status": CallStatus.PENDING, "updated_at": lately},
        over={"status": CallStatus.FAILED, "updated_at": long_ago},
    )
    with db.writing() as session:
        ids = {row.filename: row.id for row in call_list.page(session, OWNER, Filters()).rows}
        for name, provider in {"in_line": "well", "held": "away", "over": "away"}.items():
            ended = now() if name == "over" else None
            run = Run(call_id=ids[name], number=1, reason=RunReason.FIRST_RUN, stage="transcription", ended_at=ended)
            run.waits_at = provider
            session.add(run)
        outages.pause(session, "away", "It does not answer.", seconds=60)
        outages.pause(session, "well", "It did not answer.", seconds=60)
        outages.well(session, "well")
    assert found(Filters(stuck=True)) == {"stuck", "in_line"}
    assert found(Filters(paused=True)) == {"held"}


def test_agents_to_choose_from_are_those_whose_calls_one_sees(support, monkeypatch):
    with db.writing() as session:
        sales = stored_campaign(session, "Sales")
        ada, ben, _unheard = (agent(session, name) for name in ("Ada", "Ben", "Cleo"))
        stored_call(session, support, agent_id=ada.id)
        stored_call(session, sales, agent_id=ben.id)
    manager = Identity(9, Role.MANAGER, "m", None, frozenset({support.id or 0}))
    with db.reading() as session:
        assert call_list.agents(session, OWNER) == {ada.id: "Ada", ben.id: "Ben"}
        assert call_list.agents(session, manager) == {ada.id: "Ada"}
        assert call_list.agents(session, manager, asked=ben.id) == {ada.id: "Ada"}, "not theirs to name"
        assert call_list.agents(session, Identity(9, Role.AGENT, "a", ada.id)) == {}
        monkeypatch.setattr(call_list, "CHOICES", 1)
        assert call_list.agents(session, OWNER, asked=ben.id) == {ada.id: "Ada", ben.id: "Ben"}
        assert call_list.agents(session, OWNER, asked=LARGEST_ID + 1) == {ada.id: "Ada"}


def test_checks_to_choose_from_are_those_of_campaigns_that_one_sees(support):
    with db.writing() as session:
        sales = stored_campaign(session, "Sales")
        for campaign, name in ((support, "Greeting"), (sales, "Greeting"), (sales, "Consent")):
            given = {"position": 1, "name": name, "kind": CheckKind.AI, "rule": {}, "weight": 1.0}
            session.add(Check(campaign_id=campaign.id, **given))
    manager = Identity(9, Role.MANAGER, "m", None, frozenset({support.id or 0}))
    with db.reading() as session:
        assert call_list.check_names(session, OWNER) == ["Consent", "Greeting"]
        assert call_list.check_names(session, manager) == ["Greeting"]
        assert call_list.check_names(session, Identity(9, Role.AGENT, "a", 1)) == []
