"""The audit log as it is read and taken away."""

from datetime import UTC, datetime, timedelta

import pytest

from records import audit_list, db
from records.access import COMMAND_LINE, Identity, NotAllowed
from records.audit import AuditEntry
from records.audit_list import Filters
from records.campaigns import Campaign
from records.roles import Role
from tests.records import made

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
EVERYTHING = Filters()


def write(number: int = 1, **facts) -> None:
    with db.writing() as session:
        for n in range(number):
            given = {"by": "ann@example.org", "act": "key.create", "subject": f"key {n}", "at": NOON, **facts}
            session.add(AuditEntry(**given))
            session.flush()


def page(filters: Filters = EVERYTHING, **how) -> audit_list.Page:
    with db.reading() as session:
        return audit_list.page(session, COMMAND_LINE, filters, **how)


def subjects(filters: Filters = EVERYTHING, **how) -> list[str]:
    return [line.subject for line in page(filters, **how).lines]


def test_a_line_is_read_as_it_was_written(campaign: Campaign):
    write(campaign_id=campaign.id, details={"role": "owner"})
    line = page(Filters(acts=("key",))).lines[0]
    assert (line.at, line.by, line.act, line.subject) == (NOON, "ann@example.org", "key.create", "key 0")
    assert (line.campaign, line.details) == ("Support", {"role": "owner"})


def test_pages_lead_to_each_other_by_key(home):
    write(5)
    first = page(size=2)
    second = page(size=2, older_than=first.lines[-1].id)
    third = page(size=2, older_than=second.lines[-1].id)
    assert [[line.subject for line in each.lines] for each in (first, second, third)] == [
        ["key 4", "key 3"],
        ["key 2", "key 1"],
        ["key 0"],
    ]
    assert [(each.newer, each.older) for each in (first, second, third)] == [(False, True), (True, True), (True, False)]
    back = page(size=2, newer_than=third.lines[0].id)
    assert back.lines == second.lines
    assert (back.newer, back.older) == (True, True)
    assert page(size=2, newer_than=first.lines[0].id).lines == first.lines  # never an empty page


@pytest.mark.parametrize("place", [0, 2**31, 2**80])
def test_a_place_that_no_database_takes_is_an_edge(database: str, place: int):
    write(2)
    assert len(page(older_than=place).lines) == (2 if place else 0)
    assert len(page(newer_than=place).lines) == 2


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(by="ÖZGE"), ["b"]),
        (Filters(by="ann"), ["a", "c"]),
        (Filters(acts=("key",)), ["a"]),
        (Filters(acts=("key", "person")), ["a", "b"]),
        (Filters(acts=("ke",)), []),
        (Filters(campaigns=frozenset({"support"})), ["c"]),
        (Filters(since=NOON), ["b", "c"]),
        (Filters(until=NOON), ["a"]),
        (Filters(text="B"), ["b"]),
        (Filters(text="%"), []),
        (Filters(by="ann", text="c"), ["c"]),
    ],
)
def test_each_filter_narrows(database: str, filters: Filters, found: list[str]):
    with db.writing() as session:
        campaign = made.stored_campaign(session, "Support")
        for line in audit_list.page(session, COMMAND_LINE, Filters()).lines:
            session.delete(session.get_one(AuditEntry, line.id))
    write(subject="a", at=NOON - timedelta(seconds=1))
    write(subject="b", by="Özge@example.org", act="person.add")
    write(subject="c", act="keyring.add", campaign_id=campaign.id)
    assert sorted(subjects(filters)) == found


def test_an_export_holds_what_is_filtered_and_is_a_line_of_the_log_itself(home, monkeypatch):
    monkeypatch.setattr(audit_list, "BATCH", 2)
    write(5)
    write(act="person.add", subject="other")
    with db.writing() as session:
        batches = audit_list.exported(session, COMMAND_LINE, Filters(acts=("key",), until=NOON + timedelta(hours=1)))
    write(subject="later")
    taken = [[line.subject for line in batch] for batch in batches]
    assert taken == [["key 4", "key 3"], ["key 2", "key 1"], ["key 0"]]
    (line,) = page(Filters(acts=("audit",))).lines
    assert (line.act, line.by) == ("audit.export", "command line")
    assert line.details == {"filters": ["acts: key", "until: 2026-11-18T13:00:00+00:00"]}


@pytest.mark.parametrize("role", Role)
def test_who_may_read_the_log(home, role: Role):
    write()
    who = Identity(user_id=None, role=role, label="somebody")
    for ask in (
        lambda session: audit_list.page(session, who, Filters()).lines,
        lambda session: audit_list.any_line(session, who),
        lambda session: list(audit_list.exported(session, who, Filters())),
    ):
        with db.writing() as session:
            if role in {Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.OWNER}:
                assert ask(session)
            else:
                with pytest.raises(NotAllowed):
                    ask(session)
