"""The audit log as those who may read it do."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import col, delete

from records import db
from records.audit import AuditEntry
from records.audit_list import SIZE
from tests.daily import daily
from tests.pages.conftest import mounted, shown

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
NASTY = "<b>Bo</b> **stars** :smile: [a](http://evil.test) 🙂"


def write(number: int = 1, **facts) -> None:
    with db.writing() as session:
        for n in range(number):
            given = {"by": "ann@example.org", "act": "key.revoke", "subject": f"key {n}", "at": NOON, **facts}
            session.add(AuditEntry(**given))
            session.flush()


@pytest.fixture(autouse=True)
def _only_what_is_written_here(cast) -> None:
    with db.writing() as session:
        session.exec(delete(AuditEntry).where(col(AuditEntry.id) > 0))


def lines(at) -> list[dict]:
    return shown(at, "log")["lines"]


def subjects(at) -> list[str]:
    return [line["subject"] for line in lines(at)]


@pytest.mark.parametrize("name", ["olivia", "sam", "carla", "mia", "adam", None])
def test_who_reads_the_log(cast, see, name):
    write()
    if name in {"olivia", "sam", "carla"}:
        assert subjects(see(getattr(cast, name), "audit_log.py")) == ["key 0"]
        return
    with pytest.raises(ValueError, match="page"):
        see(getattr(cast, name) if name else None, "audit_log.py")


def test_a_line_says_in_words_who_did_what_to_what_with_its_details(cast, see):
    write(act="person.set_role", subject=NASTY, campaign_id=cast.support.id, details={"role": "manager -> owner"})
    (line,) = lines(see(cast.carla, "audit_log.py"))
    assert (line["what"], line["subject"], line["by"]) == ("Changed a person's role", NASTY, "ann@example.org")
    assert (line["when"], line["campaign"]) == ("18 Nov 2026, 12:00", "Support")
    assert dict(line["pairs"]) == {
        "Role": "Manager → Owner",
        "Time": "2026-11-18T12:00:00+00:00",
        "Act": "person.set_role",
    }


def test_an_empty_log_says_what_will_stand_there(cast, see):
    at = see(cast.olivia, "audit_log.py")
    assert "Nothing was done yet" in at.markdown[-1].value
    assert "log" not in mounted(at)


def test_filters_stand_in_the_address_and_in_the_export_s(cast, see):
    write(3)
    write(act="person.add", subject="eve", campaign_id=cast.sales.id)
    asked = {"acts": ["people", "nonsense"], "campaign": "sales", "from": "2026-11-18", "until": "2026-11-18"}
    at = see(cast.olivia, "audit_log.py", q="EVE", by="ann", **asked)
    assert subjects(at) == ["eve"]
    assert [each.value for each in at.date_input] == [date(2026, 11, 18)] * 2
    assert parse_qs(urlsplit(shown(at, "download")["href"]).query) == {
        "text": ["EVE"],
        "by": ["ann"],
        "kind": ["person", "owner"],
        "campaign": ["sales"],
        "since": ["2026-11-18T00:00:00+00:00"],
        "until": ["2026-11-19T00:00:00+00:00"],
    }
    at.date_input[0].set_value(date(2026, 11, 19)).run()
    assert at.query_params["from"] == "2026-11-19"
    next(each for each in at.button if each.label == "Clear filters").click().run()
    assert len(lines(at)) == 4
    assert set(at.query_params) == set()


@pytest.mark.parametrize(
    "address",
    daily(
        3,
        [
            {"campaign": "'; drop table person"},
            {"from": "yesterday", "until": "2026-13-45"},
            {"q": "key 0\x00"},
            {"acts": "nonsense"},
            {"older": "nonsense"},
            {"older": "-1"},
            {"newer": "99999999999999999999"},
            {"older": "²"},
        ],
    ),
)
def test_nonsense_in_the_address_is_passed_over(cast, see, address):
    write()
    at = see(cast.olivia, "audit_log.py", **address)
    assert not at.exception
    assert subjects(at) == ["key 0"]


def test_pages_turn_by_key(cast, see):
    write(SIZE + 5)
    at = see(cast.olivia, "audit_log.py")
    assert (subjects(at)[0], len(lines(at))) == (f"key {SIZE + 4}", SIZE)
    assert at.button(key="audit-newer").disabled
    at.button(key="audit-older").click().run()
    assert subjects(at) == [f"key {n}" for n in (4, 3, 2, 1, 0)]
    at.button(key="audit-newer").click().run()
    assert len(lines(at)) == SIZE
    assert "older" not in at.query_params
