"""The list of calls as a file: what one sees, as filtered and sorted, and a line of the audit log."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from sqlmodel import col, select

from dashboard.calls import export
from records import call_export, db
from records.audit import AuditEntry
from records.call_filters import Filters
from records.identity import COMMAND_LINE
from records.roles import Role
from records.statuses import CallStatus, Source
from tests.records.finished import finished_call
from tests.records.made import agent, person, stored_call, stored_campaign

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def support(home):
    with db.writing() as session:
        return stored_campaign(session, "Support")


def rows(answer) -> list[list[str]]:
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


def names(answer) -> list[str]:
    return [row[1] for row in rows(answer)[1:]]


def exports() -> list[AuditEntry]:
    with db.reading() as session:
        return list(session.exec(select(AuditEntry).where(col(AuditEntry.act) == "call.export")))


def test_each_call_is_a_line_with_what_is_known_of_it(visitor, ann, support):
    with db.writing() as session:
        ada = agent(session, "=Ada")
        call = stored_call(
            session,
            support,
            filename="=cmd()|' /C calc'!A0",
            status=CallStatus.COMPLETED,
            source=Source.SFTP,
            score=100 / 3,
            reviewed_score=80.0,
            effective_score=80.0,
            flagged=True,
            agent_id=ada.id,
            duration_ms=61_500,
            called_at=NOON,
            created_at=NOON + timedelta(hours=1),
            external_id="+49",
        )
    answer = visitor(ann).get("/calls.csv")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"].startswith('attachment; filename="calls-')
    headings, line = rows(answer)
    assert tuple(headings) == export.HEADINGS
    assert line == [
        *(call.id, "'=cmd()|' /C calc'!A0", "Support", "Completed", "80.0", "33.3", "80.0", "yes", "'=Ada", ""),
        *("SFTP", "61.5", "2026-11-18T12:00:00+00:00", "2026-11-18T13:00:00+00:00", "'+49", ""),
    ]


def test_filters_words_days_and_order_are_those_of_the_list(visitor, ann, support):
    with db.writing() as session:
        for n, score in enumerate((50.0, None, 10.0)):
            finished_call(session, support, filename=f"{n}", score=score, created_at=NOON - timedelta(hours=n))
        stored_call(session, support, filename="silent", created_at=NOON)
        finished_call(session, support, filename="late", created_at=NOON + timedelta(hours=11, minutes=30))
    get = visitor(ann).get
    assert names(get("/calls.csv?text=dead+line&sort=lowest&until=2026-11-18&zone=Europe/Berlin")) == ["2", "0", "1"]
    assert names(get("/calls.csv?text=dead+line&until=2026-11-18&zone=UTC")) == ["late", "0", "1", "2"]
    assert exports()[0].details["filters"] == "text=dead+line&until=2026-11-18"


@pytest.mark.parametrize("role", Role)
def test_each_takes_away_what_they_see(visitor, support, role):
    with db.writing() as session:
        sales, ada = stored_campaign(session, "Sales"), agent(session, "Ada")
        stored_call(session, support, filename="support", created_at=NOON)
        stored_call(session, sales, filename="sales", created_at=NOON - timedelta(days=1))
        stored_call(session, sales, filename="ada", agent_id=ada.id, created_at=NOON - timedelta(days=2))
        user = person(
            session,
            role,
            *([support] if role is Role.MANAGER else []),
            agent_id=ada.id if role is Role.AGENT else None,
        )
    mine = {Role.AGENT: ["ada"], Role.MANAGER: ["support"]}.get(role, ["support", "sales", "ada"])
    assert names(visitor(user).get("/calls.csv")) == mine
    assert names(visitor(user).get("/calls.csv?campaign=sales")) == [each for each in mine if each != "support"]
    assert [line.by for line in exports()] == [user.email] * 2


def test_a_stranger_is_sent_to_sign_in(visitor, support):
    assert visitor().get("/calls.csv").status_code == 303
    assert exports() == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_s_page_causes_no_line_in_the_log(visitor, ann, site):
    assert visitor(ann).get("/calls.csv", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert exports() == []


@pytest.mark.parametrize(
    "query",
    ["zone=../../etc/passwd", "zone=%00", "sort=up", "text=%00%22", "campaign=%00", "from=0000-00-00", "agent=1e9"],
)
def test_nonsense_in_the_address_breaks_nothing(visitor, ann, support, query):
    with db.writing() as session:
        stored_call(session, support)
    assert visitor(ann).get(f"/calls.csv?{query}").status_code == 200


def test_many_batches_come_whole_and_lie_nowhere_whole(support, monkeypatch):
    monkeypatch.setattr(call_export, "BATCH", 10)
    with db.writing() as session:
        made = [stored_call(session, support, created_at=NOON).id for _ in range(205)]
        batches = call_export.exported(session, COMMAND_LINE, Filters())
    sizes = []
    seen: list[str] = []
    for batch in batches:
        seen += [each.id for each in batch]
        sizes.append(len(batch))
    assert seen == sorted(made, reverse=True)
    assert sizes == [10] * 20 + [5]


def test_the_link_keeps_what_the_list_shows_and_leaves_the_page_in_it():
    address = {"status": ["failed", "completed"], "q": "a b", "sort": "lowest", "after": "1-f", "id": "x"}
    assert export.link(address, "Europe/Berlin") == (
        "/calls.csv?status=failed&status=completed&q=a+b&sort=lowest&zone=Europe%2FBerlin"
    )
