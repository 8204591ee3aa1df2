import pytest
from sqlmodel import select

from records import audit, db
from records.access import COMMAND_LINE, Identity
from records.audit import AuditEntry
from records.roles import Role
from tests.records import made


def lines() -> list[AuditEntry]:
    with db.reading() as session:
        return list(session.exec(select(AuditEntry).order_by(AuditEntry.id)))


def test_a_line_says_who_did_what_to_what_and_when(database: str):
    who = Identity(user_id=None, role=Role.OWNER, label="ann@example.org")
    before = db.now()
    with db.writing() as session:
        audit.log(session, who, "key.create", "tv_abc… Dialler", campaign_id=7, count=3, names=["a"], why=None)
    (line,) = lines()
    assert (line.by, line.act, line.subject, line.campaign_id) == (
        "ann@example.org",
        "key.create",
        "tv_abc… Dialler",
        7,
    )
    assert line.details == {"count": 3, "names": ["a"], "why": None}
    assert before <= line.at <= db.now()


def test_a_line_goes_with_its_act_when_that_is_undone(home):
    with pytest.raises(RuntimeError):
        made.broken_off(lambda session: audit.log(session, COMMAND_LINE, "key.create", "x"))
    assert lines() == []


def test_a_long_subject_never_undoes_the_act(database: str):
    """Names of 200 characters and more come in subjects; the line is cut, the act stands."""
    with db.writing() as session:
        audit.log(session, COMMAND_LINE, "campaign.create", "n" * 400)
    assert lines()[0].subject == "n" * 254 + "…"
