"""`totalview call`: legal hold from the command, in the audit log like everybody's."""

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner, Result

import cli
from records import db
from records.audit import AuditEntry
from records.calls import Call
from records.campaigns import Campaign
from records.deletions import LONGEST_REASON
from tests.records.made import stored_call


@pytest.fixture
def call(campaign: Campaign) -> Call:
    with db.writing() as session:
        return stored_call(session, campaign)


def totalview(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["call", *arguments])


def stored(call: Call) -> Call:
    with db.reading() as session:
        return session.get_one(Call, call.id)


def logged() -> list[tuple[str, str, dict[str, str]]]:
    with db.reading() as session:
        found = select(AuditEntry).where(col(AuditEntry.act).startswith("call.")).order_by(AuditEntry.id)
        return [(entry.act, entry.by, entry.details) for entry in session.exec(found)]


def test_a_call_is_held_and_released_with_reasons_in_the_audit_log(call):
    held = totalview("hold", call.id, "--reason", "Matter 12")
    assert (held.exit_code, held.stdout) == (0, "")
    assert "put there by command line, for this reason: Matter 12." in held.stderr
    assert (stored(call).held_at is not None, stored(call).held_why) == (True, "Matter 12")
    released = totalview("release", call.id, "--reason", "Settled")
    assert (released.exit_code, stored(call).held_at) == (0, None)
    assert logged() == [
        ("call.hold", "command line", {"why": "Matter 12"}),
        (
            "call.end_hold",
            "command line",
            {"held_by": "command line", "why": "Matter 12", "ended_because": "Settled"},
        ),
    ]


def test_doing_it_again_changes_nothing(call):
    totalview("hold", call.id, "--reason", "Matter 12")
    again = totalview("hold", call.id, "--reason", "Another")
    assert "Matter 12" in again.stderr
    assert stored(call).held_why == "Matter 12"
    assert [totalview("release", call.id).exit_code for _ in range(2)] == [0, 0]
    assert [act for act, _by, _details in logged()] == ["call.hold", "call.end_hold"]
    assert "ended_because" not in logged()[-1][2]


def test_a_long_reason_is_cut(call):
    totalview("hold", call.id, "--reason", "x" * (LONGEST_REASON + 9))
    assert len(stored(call).held_why) == LONGEST_REASON


@pytest.mark.parametrize("act", ["hold", "release"])
def test_a_call_that_is_not_there_gets_a_sentence(call, act):
    refused = totalview(act, "0" * 32)
    assert (refused.exit_code, refused.stderr) == (1, "There is no such call.\n")
