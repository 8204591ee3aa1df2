"""One call with all that belongs to it, for those who may see it."""

import pytest

from records import call_record, db
from records.calls import Call
from records.identity import Identity, NotFound
from records.moves import move, note
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, RunReason
from tests.records.finished import add_version, finished_call, greeting
from tests.records.made import agent, person, stored_call, stored_campaign

OWNER = Identity(1, Role.OWNER, "owner@example.org")


@pytest.fixture
def call(database) -> Call:
    """A call of an agent, uploaded by somebody, with two versions."""
    with db.writing() as session:
        facts = {"agent_id": agent(session, "Ada").id, "uploader_id": person(session, Role.MANAGER).id}
        made = finished_call(session, stored_campaign(session, "a"), **facts)
        add_version(session, made, reason=RunReason.RUN_ANALYSIS, score=60.0, checks=(greeting(), greeting(name="Bye")))
    return made


def found(call_id: str, who: Identity = OWNER) -> call_record.Record:
    with db.reading() as session:
        return call_record.find(session, who, call_id)


def test_a_record_names_what_the_call_points_to(call):
    record = found(call.id)
    assert (record.campaign.name, record.agent, record.call.filename) == ("a", "Ada", call.filename)
    assert (record.uploader or "").startswith("manager")
    assert [event.became for event in record.events] == ["completed"]


def test_versions_come_newest_first_with_their_reasons(call):
    versions = found(call.id).versions
    assert [(each.number, each.reason, each.asked_by) for each in versions] == [
        (2, RunReason.RUN_ANALYSIS, "ann@example.org"),
        (1, RunReason.FIRST_RUN, "ann@example.org"),
    ]


@pytest.mark.parametrize(("asked", "number", "checks"), [(None, 2, 2), (1, 1, 1), (2, 2, 2), (99, 2, 2)])
def test_the_newest_version_is_shown_unless_another_is_asked_for(call, asked, number, checks):
    with db.reading() as session:
        result = call_record.result(session, call_record.find(session, OWNER, call.id), asked)
    assert (result.version.number, len(result.checks)) == (number, checks)
    assert [check.position for check in result.checks] == list(range(checks))
    assert result.transcript.content["utterances"][0]["speaker"] == "agent"


def test_a_call_that_nobody_worked_on_has_no_result(database):
    with db.writing() as session:
        fresh = stored_call(session, stored_campaign(session, "a"))
    record = found(fresh.id)
    with db.reading() as session:
        assert call_record.result(session, record) is None
    assert (record.agent, record.uploader, record.versions) == (None, None, ())


@pytest.mark.parametrize(
    "who",
    [
        Identity(9, Role.MANAGER, "m", None, frozenset()),
        Identity(9, Role.AGENT, "a", 999),
        Identity(9, Role.AGENT, "a", None),
    ],
)
def test_not_yours_is_not_there(call, who):
    for call_id in (call.id, "0" * 32):
        with pytest.raises(NotFound, match="There is no such call"):
            found(call_id, who)


def test_the_pulse_changes_with_status_run_version_wait_and_timeline(database):
    with db.writing() as session:
        made = stored_call(session, stored_campaign(session, "a"))
        run = Run(call_id=made.id, number=1, reason=RunReason.FIRST_RUN, stage="transcription")
        session.add(run)
    seen = []
    for change in (
        lambda _session: None,
        lambda session: move(session, session.get_one(Call, made.id), CallStatus.TRANSCRIBING),
        lambda session: setattr(session.get_one(Run, run.id), "waiting_for", "No quota left."),
        lambda session: note(session, made, was=made.status, to=made.status, words="Tried again."),
        lambda session: setattr(session.get_one(Call, made.id), "version_number", 1),
        lambda session: setattr(session.get_one(Run, run.id), "ended_at", db.now()),
    ):
        with db.writing() as session:
            change(session)
        with db.reading() as session:
            seen.append(call_record.pulse(session, OWNER, made.id))
            seen.append(call_record.pulse(session, OWNER, made.id))
    assert seen[::2] == seen[1::2], "without a change it stays"
    assert len(set(seen)) == 6
    assert seen[4][3] == "No quota left."
    assert seen[-1][3] == "", "a run that ended waits for nothing"


def test_the_pulse_of_a_call_that_is_not_yours_is_not_there(call):
    with db.reading() as session, pytest.raises(NotFound):
        call_record.pulse(session, Identity(9, Role.MANAGER, "m", None, frozenset()), call.id)
