"""The audit log as a file: for those who may read it, as filtered, and itself a line of the log."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from sqlmodel import col, select

from records import db
from records.audit import AuditEntry
from records.roles import Role
from tests.records.made import person

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def write(**facts) -> None:
    with db.writing() as session:
        session.add(AuditEntry(**{"by": "ann@example.org", "act": "key.revoke", "subject": "key", "at": NOON, **facts}))


def rows(answer) -> list[list[str]]:
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


def exports() -> list[AuditEntry]:
    with db.reading() as session:
        return list(session.exec(select(AuditEntry).where(col(AuditEntry.act) == "audit.export")))


def test_the_file_holds_what_the_filters_let_through(visitor, ann):
    write(subject="=cmd()", details={"role": "Özge"})
    write(act="person.add")
    write(subject="late", at=datetime(2026, 11, 19, tzinfo=UTC))
    answer = visitor(ann).get("/audit_log.csv?kind=key&until=2026-11-19T00:00:00%2B00:00")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="audit-log-')
    headings, *lines = rows(answer)
    assert headings == ["Time (UTC)", "Who", "What", "Act", "To what", "Campaign", "Details"]
    assert lines == [
        [NOON.isoformat(), "ann@example.org", "Revoked an API key", "key.revoke", "'=cmd()", "", '{"role": "Özge"}']
    ]
    (line,) = exports()
    assert (line.by, line.details["filters"][0]) == ("ann@example.org", "acts: key")


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_it_or_finds_nothing(visitor, home, role):
    with db.writing() as session:
        user = person(session, role)
    write()
    answer = visitor(user).get("/audit_log.csv")
    if role in {Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.OWNER}:
        assert (answer.status_code, len(rows(answer)), len(exports())) == (200, 2, 1)
    else:
        assert (answer.status_code, exports()) == (404, [])
        assert "ann@" not in answer.text


def test_a_stranger_is_sent_to_sign_in(visitor, home):
    assert visitor().get("/audit_log.csv").status_code == 303
    assert exports() == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_s_page_causes_no_line_in_the_log(visitor, ann, site):
    answer = visitor(ann).get("/audit_log.csv", headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, exports()) == (403, [])


@pytest.mark.parametrize(
    "query", ["since=yesterday", "until=2026-11-18", "kind=%27%3B--", "campaign=%00", "text=%00key", "by=" + "a" * 500]
)
def test_nonsense_in_the_address_breaks_nothing(visitor, ann, query):
    write()
    assert visitor(ann).get(f"/audit_log.csv?{query}").status_code == 200
