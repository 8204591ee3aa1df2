"""Changing a campaign's settings: each is looked through, and an archived campaign takes no calls."""

import pytest
from sqlmodel import select

from records import bulk, campaigns, db
from records.access import COMMAND_LINE, Identity, NotAllowed
from records.audit import AuditEntry
from records.campaigns import Campaign, NotUsable, expect_open, time_zones
from records.roles import Role


def edit(who: Identity = COMMAND_LINE, **wanted: object) -> Campaign:
    with db.writing() as session:
        return campaigns.edit(session, who, "support", campaigns.changes(**wanted))


def last_line() -> dict:
    with db.reading() as session:
        return session.exec(select(AuditEntry).order_by(AuditEntry.id.desc())).first().details


def test_name_time_zone_dates_and_whether_it_is_active_are_changed_and_logged(campaign):
    made = edit(name="  Help desk ", time_zone="Europe/Vienna", day_first=False, active=False)
    assert (made.name, made.time_zone, made.day_first, made.active) == ("Help desk", "Europe/Vienna", False, False)
    assert last_line() == {
        "name": "Support -> Help desk",
        "time_zone": "UTC -> Europe/Vienna",
        "day_first": "True -> False",
        "active": "True -> False",
    }


@pytest.mark.parametrize(
    ("wanted", "field", "words"),
    [
        ({"name": "  "}, "name", "needs a name"),
        ({"name": "x" * 201}, "name", "at most 200"),
        ({"name": "a\nb"}, "name", "cannot be shown"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone", "Europe/Vienna"),
        ({"time_zone": "../../etc/passwd"}, "time_zone", "no such time zone"),
        ({"flag_threshold": 101}, "flag_threshold", "less than or equal to 100"),
        ({"flag_threshold": float("nan")}, "flag_threshold", "cannot be used"),
        ({"review_bound": 2}, "review_bound", "cannot be used"),
        ({"language": "english"}, "language", "cannot be used"),
        ({"section_thresholds": {"Nowhere": 3}}, "section_thresholds", "There are: 'Handling', 'Opening'"),
        ({"section_thresholds": {"Opening": 300}}, "section_thresholds", "cannot be used"),
    ],
)
def test_what_cannot_be_used_says_which_field_and_what_would_do(campaign, wanted, field, words):
    with pytest.raises(NotUsable, match=words) as refused:
        edit(**wanted)
    assert refused.value.field == field
    with db.reading() as session:
        assert session.get_one(Campaign, campaign.id) == campaign


def test_thresholds_of_sections_are_given_all_together(campaign):
    assert edit(section_thresholds={"Opening": 80, "Handling": 60.5}).section_thresholds == {
        "Opening": 80,
        "Handling": 60.5,
    }
    assert edit(section_thresholds={"Opening": 90}).section_thresholds == {"Opening": 90}
    assert edit(section_thresholds={}).section_thresholds == {}


def test_the_worlds_time_zones_are_known():
    assert {"UTC", "Europe/Vienna", "America/New_York"} <= time_zones()


@pytest.mark.parametrize("role", [Role.AGENT, Role.MANAGER, Role.COMPLIANCE_OFFICER])
def test_who_may_not_edit_changes_nothing(campaign, role):
    who = Identity(None, role, "somebody", campaign_ids=frozenset({campaign.id or 0}))
    with pytest.raises(NotAllowed):
        edit(who, name="Mine")


def test_an_archived_campaign_takes_neither_calls_nor_bulk_jobs_and_says_why(campaign):
    expect_open(campaign)
    archived = edit(active=False)
    with pytest.raises(NotAllowed, match="archived and takes no new calls"):
        expect_open(archived)
    with db.writing() as session, pytest.raises(NotAllowed, match="archived"):
        bulk.create(session, COMMAND_LINE, "support", expected=3)
    expect_open(edit(active=True))
