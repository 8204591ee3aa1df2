"""The list of campaigns: whose they are, what is counted, and that it stays a few queries."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from records import access, campaign_list, db
from records.campaign_list import Row
from records.campaigns import Campaign, create
from records.db import now
from records.identity import COMMAND_LINE, Identity
from records.roles import Role
from records.statuses import CallStatus
from tests.conftest import CHECKS
from tests.records.made import person, stored_call, stored_campaign


def listed(who: Identity = COMMAND_LINE) -> dict[str, Row]:
    with db.reading() as session:
        return {row.campaign.slug: row for row in campaign_list.rows(session, who)}


def test_each_campaign_has_its_own_figures(database):
    with db.writing() as session:
        support = create(session, COMMAND_LINE, "Support", (*CHECKS, CHECKS[0].model_copy(update={"active": False})))
        sales = stored_campaign(session, "Sales")
        done = {"status": CallStatus.COMPLETED}
        stored_call(session, support, score=80, flagged=True, **done)
        stored_call(session, support, score=61, **done)
        stored_call(session, support, score=None, **done)
        stored_call(session, support, status=CallStatus.FAILED, score=1, flagged=True)
        stored_call(session, support)
        stored_call(session, support, score=1, created_at=now() - timedelta(days=31), **done)
        stored_call(session, sales)
    rows = listed()
    assert list(rows) == ["sales", "support"]
    found = rows["support"]
    assert (found.checks, found.calls, found.completed, found.flagged, found.score) == (3, 5, 3, 1, 70.5)
    assert found.flag_rate == pytest.approx(1 / 3)
    assert (rows["sales"].checks, rows["sales"].calls, rows["sales"].score, rows["sales"].flag_rate) == (
        0,
        1,
        None,
        None,
    )


def test_the_order_is_by_name_as_people_read_it(home):
    with db.writing() as session:
        for name in ("zebra", "Apple", "apple pie"):
            stored_campaign(session, name)
    assert list(listed()) == ["apple", "apple-pie", "zebra"]


def test_each_sees_their_own_campaigns_and_only_those_calls(home):
    with db.writing() as session:
        support, sales = stored_campaign(session, "Support"), stored_campaign(session, "Sales")
        for campaign in (support, sales):
            stored_call(session, campaign)
        people = {role: access.identity(session, person(session, role, support)) for role in Role}
        lost = access.identity(session, person(session, Role.MANAGER))
    seen = {role: {slug: row.calls for slug, row in listed(who).items()} for role, who in people.items()}
    assert seen[Role.MANAGER] == {"support": 1}
    assert seen[Role.AGENT] == {}
    for role in (Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.OWNER):
        assert seen[role] == {"support": 1, "sales": 1}
    assert listed(lost) == {}


def test_more_campaigns_are_no_more_queries(home):
    def queries() -> int:
        asked: list[str] = []
        with db.reading() as session:
            engine = session.get_bind()
            event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
            campaign_list.rows(session, COMMAND_LINE)
        return sum(statement.startswith("SELECT") for statement in asked)

    with db.writing() as session:
        stored_campaign(session, "One")
    few = queries()
    with db.writing() as session:
        for number in range(20):
            stored_call(session, stored_campaign(session, f"N{number}"))
    assert len(listed()) == 21
    assert few <= 3
    db.forget_engines()
    assert queries() == few


def test_an_archived_campaign_is_listed_too(home):
    with db.writing() as session:
        session.get_one(Campaign, stored_campaign(session, "Old").id).active = False
    assert not listed()["old"].campaign.active
