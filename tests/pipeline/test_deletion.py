"""Deleting a call: nothing of it is left in any table or in storage but the tombstone and its receipt."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from pipeline import deletion, reruns, runs
from pipeline.asking import first_look
from pipeline.conductor import step
from pipeline.deletion import delete_call
from pipeline.orphans import sweep
from pipeline.requeue import after_failure
from pipeline.reruns import Busy
from pipeline.storage import StorageAway, recording_key, rendition_key, storage
from records import bulk, bulk_counts, db, deletions
from records.access import COMMAND_LINE, Identity, NotFound
from records.audit import AuditEntry
from records.bulk import BulkItem, BulkJob
from records.calls import Call
from records.campaigns import Campaign
from records.deletions import DeletedCall
from records.deliveries import Delivery
from records.identity import NotAllowed
from records.reviews import Dispute, Review, ReviewedCheck
from records.roles import Role
from records.statuses import BulkStatus, CallStatus, RunReason, Verdict
from records.tables import METADATA
from records.webhooks import create as create_webhook
from tests.pipeline.staging import Play, call_of, drive, enter
from tests.records.made import stored_call

KEPT = {"campaign", "check", "audit_entry", "deleted_call", "webhook", "webhook_delivery", "bulk_job"}


@pytest.fixture
def reviewed(store: Campaign, play: Play) -> Call:
    """A call with all that a call may have: two versions, a review with a dispute, a bulk job, stored objects."""
    with db.writing() as session:
        create_webhook(session, COMMAND_LINE, store.slug, "https://example.org/hook")
    first = enter(store)
    drive(first)
    call = call_of(first.run_id)
    drive(first_look(reruns.rerun(COMMAND_LINE, call.id, RunReason.RERUN_TRANSCRIPTION)[1]))
    with db.writing() as session:
        review = Review(version_id=1, call_id=call.id)
        session.add(review)
        session.flush()
        facts = {"review_id": review.id or 0, "position": 0}
        session.add(ReviewedCheck(was=Verdict.FAIL, verdict=Verdict.PASS, **facts))
        session.add(Dispute(words="I did say it.", **facts))
        job = bulk.create(session, COMMAND_LINE, store.slug, expected=2)
        session.flush()
        for made in (call, stored_call(session, store, status=CallStatus.COMPLETED)):
            bulk.note_call(session, job.id or 0, made.filename, made.id, duplicate=False)
    for key in (recording_key(call.id), rendition_key(call.id)):
        with storage().write(key) as sink:
            sink.write(b"sound")
    return call_of(first.run_id)


def rows(*of: str) -> dict[str, int]:
    """Tables in which a row still speaks of one of these, with how many do."""
    found = {}
    with db.reading() as session:
        for table in METADATA.sorted_tables:
            texts = [str(tuple(row)) for row in session.execute(table.select())]
            found[table.name] = sum(any(each in text for each in of) for text in texts)
    return {name: number for name, number in found.items() if number}


def there(key: str) -> bool:
    try:
        storage().size(key)
    except FileNotFoundError:
        return False
    return True


def test_everything_of_the_call_goes_and_a_receipt_stays(reviewed: Call):
    stone = delete_call(COMMAND_LINE, reviewed.id, why="The customer\nasked for it.")
    assert stone.receipt == {
        "recordings": 1,
        "bytes": reviewed.size,
        "versions": 2,
        "transcripts": 2,
        "check_results": 6,
        "reviews": 1,
        "reviewed_checks": 1,
        "disputes": 1,
        "timeline": stone.receipt["timeline"],
    }
    assert (stone.sha256, stone.size, stone.why) == (reviewed.sha256, reviewed.size, "The customer asked for it.")
    assert set(rows(reviewed.id)) == {"deleted_call", "audit_entry", "webhook_delivery"}
    assert set(rows(reviewed.filename)) == {"webhook_delivery"}, "the name goes too; what was sent is the receiver's"
    assert not there(recording_key(reviewed.id))
    assert not there(rendition_key(reviewed.id))


def test_nothing_of_another_call_goes(reviewed: Call, store: Campaign, play: Play):
    other = enter(store)
    drive(other)
    before = rows(call_of(other.run_id).id)
    delete_call(COMMAND_LINE, reviewed.id)
    assert rows(call_of(other.run_id).id) == before
    with db.reading() as session:
        left = {table.name for table in METADATA.sorted_tables if session.execute(table.select()).first()}
    assert left >= KEPT | {"call", "run", "version", "transcript", "check_result", "call_event", "bulk_item"}


def test_its_bulk_job_becomes_one_smaller_and_does_not_fail_by_it(reviewed: Call):
    delete_call(COMMAND_LINE, reviewed.id)
    with db.reading() as session:
        job = session.exec(select(BulkJob)).one()
        counted = bulk_counts.tally(session, job).counts
        assert (job.expected, len(session.exec(select(BulkItem)).all())) == (1, 1)
    assert bulk_counts.standing(counted, cancelled=False, overdue=False) is BulkStatus.COMPLETED


def test_who_did_it_and_what_went_stand_in_the_audit_log_without_the_files_name(reviewed: Call):
    delete_call(Identity(user_id=None, role=Role.OWNER, label="ann@example.org"), reviewed.id, why="Asked for")
    with db.reading() as session:
        line = session.exec(select(AuditEntry).where(AuditEntry.act == "call.delete")).one()
    assert (line.by, line.subject, line.campaign_id) == ("ann@example.org", f"call {reviewed.id}", reviewed.campaign_id)
    assert (line.details["versions"], line.details["why"]) == (2, "Asked for")


# --- who and when


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_nobody_but_an_owner_deletes(desk: Campaign, role: Role):
    call = call_of(enter(desk).run_id)
    somebody = Identity(None, role, "x@example.org", campaign_ids=frozenset({call.campaign_id}))
    with pytest.raises(NotAllowed):
        delete_call(somebody, call.id)
    assert call_of(1).id == call.id


@pytest.mark.parametrize("status", [CallStatus.TRANSCRIBING, CallStatus.ANALYZING])
def test_a_call_that_is_being_processed_is_not_deleted(desk: Campaign, status: CallStatus):
    call = call_of(enter(desk).run_id)
    with db.writing() as session:
        session.get_one(Call, call.id).status = status
    with pytest.raises(Busy, match="being processed"):
        delete_call(COMMAND_LINE, call.id)
    assert "call" in rows(call.id)


def test_what_is_not_there_cannot_be_deleted_nor_twice(desk: Campaign):
    call = call_of(enter(desk).run_id)
    delete_call(COMMAND_LINE, call.id)
    for gone in (call.id, "0" * 32, "\x00"):
        with pytest.raises(NotFound):
            delete_call(COMMAND_LINE, gone)


def test_a_job_that_comes_later_does_nothing(store: Campaign):
    first = enter(store)
    delete_call(COMMAND_LINE, call_of(first.run_id).id)
    assert step(first.run_id, first.ticket) is None
    assert after_failure(first.run_id, first.ticket) is None


def test_one_who_starts_it_again_in_that_moment_wins(desk: Campaign, play: Play, monkeypatch):
    first = enter(desk)
    drive(first)
    call, real = call_of(first.run_id), Session.refresh

    def after_a_rerun(session: Session, row: Call, **how) -> None:
        runs.begin(session, row.model_copy(update={"run_number": 2}), RunReason.RUN_ANALYSIS, by="somebody else")
        real(session, row, **how)

    monkeypatch.setattr(Session, "refresh", after_a_rerun)
    with pytest.raises(Busy, match="started this call again"):
        delete_call(COMMAND_LINE, call.id)
    assert "call" in rows(call.id)


# --- storage


def test_what_storage_does_not_let_go_of_now_the_sweep_takes(reviewed: Call, monkeypatch):
    def away(_key: str) -> None:
        raise StorageAway("Storage is away.")

    with monkeypatch.context() as patch:
        patch.setattr(type(storage()), "delete", lambda _self, key: away(key))
        delete_call(COMMAND_LINE, reviewed.id)
    assert there(recording_key(reviewed.id))
    monkeypatch.setattr("pipeline.orphans.AGE", timedelta(seconds=-5))
    assert sweep(storage()) >= 2
    assert not there(recording_key(reviewed.id))


def test_a_transaction_that_breaks_leaves_the_recording_where_it_is(reviewed: Call, monkeypatch):
    monkeypatch.setattr(deletion.audit, "log", lambda *_args, **_facts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        delete_call(COMMAND_LINE, reviewed.id)
    assert there(recording_key(reviewed.id))
    assert {"call", "version", "review"} <= set(rows(reviewed.id))


# --- afterwards


def test_an_owner_finds_the_receipt_and_nobody_else_does(desk: Campaign):
    call = call_of(enter(desk).run_id)
    delete_call(COMMAND_LINE, call.id)
    with db.reading() as session:
        assert deletions.find(session, COMMAND_LINE, call.id).by == "command line"
        for role in (Role.AGENT, Role.MANAGER, Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER):
            who = Identity(None, role, "x", campaign_ids=frozenset({call.campaign_id}))
            with pytest.raises(NotFound):
                deletions.find(session, who, call.id)
        with pytest.raises(NotFound):
            deletions.find(session, COMMAND_LINE, "\x00")


def test_the_same_recording_may_come_again(desk: Campaign):
    with db.writing() as session:
        call = stored_call(session, desk)
    delete_call(COMMAND_LINE, call.id)
    with db.writing() as session:
        again = stored_call(session, desk, sha256=call.sha256)
        assert session.exec(select(DeletedCall)).one().sha256 == again.sha256
        assert not session.exec(select(Delivery)).all()


@pytest.mark.parametrize(
    ("given", "kept"), [("", ""), (" a\n\tb\x00 ", "a b"), ("x" * 999, "x" * deletions.LONGEST_REASON)]
)
def test_a_reason_is_one_line_that_fits(given: str, kept: str):
    assert deletions.reason(given) == kept
