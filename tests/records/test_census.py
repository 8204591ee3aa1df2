"""What is counted for those who run the place: all of it, in the right drawer, and nothing else."""

from datetime import timedelta

from records import census, db, sftp_state, webhooks
from records.access import COMMAND_LINE
from records.census import Census, RunState
from records.db import now
from records.deliveries import Delivery, DeliveryState
from records.runs import Run
from records.sftp import FileKind, SftpFile
from records.statuses import CallStatus, RunReason, SftpFileStatus
from records.uploads import ResumableUpload
from tests.records.finished import finished_call
from tests.records.made import stored_call


def taken() -> Census:
    with db.reading() as session:
        return census.take(session)


def run(session, campaign, **facts) -> None:
    call = stored_call(session, campaign)
    given = {"stage": "analysis", "reason": RunReason.FIRST_RUN, "due_at": now(), **facts}
    session.add(Run(call_id=call.id, number=1, **given))


def test_an_empty_database_has_none_of_anything(database):
    found = taken()
    assert found.calls == dict.fromkeys(map(str, CallStatus), 0)
    assert found.sftp_files == dict.fromkeys(map(str, SftpFileStatus), 0)
    assert (found.failed, found.runs, found.failures) == ({}, {}, {})
    assert found.deliveries == {"waiting": 0, "failed": 0}
    assert (found.delivery_due, found.sftp.ended_at, found.uploads) == (None, None, 0)
    assert found.database_bytes > 0


def test_calls_are_counted_by_status_and_the_failed_of_a_day_by_code(database, campaign):
    with db.writing() as session:
        for status in (CallStatus.COMPLETED, CallStatus.COMPLETED, CallStatus.PENDING):
            stored_call(session, campaign, status=status)
        for code, age in (("provider", 1), ("provider", 23), ("provider", 25), ("unreadable", 0)):
            came = now() - timedelta(hours=age)
            stored_call(session, campaign, status=CallStatus.FAILED, error_code=code, created_at=came)
    found = taken()
    assert (found.calls["completed"], found.calls["pending"], found.calls["failed"]) == (2, 1, 4)
    assert found.failed == {"provider": 2, "unreadable": 1}


def test_each_unfinished_run_is_in_one_drawer(database, campaign):
    soon, past = now() + timedelta(minutes=5), now() - timedelta(minutes=3)
    with db.writing() as session:
        run(session, campaign, claim="a", lease_until=soon)
        run(session, campaign, claim="b", lease_until=past)
        run(session, campaign, waits_at="claude", due_at=past)
        run(session, campaign, due_at=soon)
        run(session, campaign)
        run(session, campaign, due_at=past)
        run(session, campaign, due_at=past, ended_at=now())
        run(session, campaign, stage="transcription")
    assert taken().runs == {("analysis", state): 1 for state in RunState} | {("transcription", RunState.DUE): 1}


def test_deliveries_and_since_when_the_first_of_those_that_may_go_is_due(database, campaign):
    early, late = now() - timedelta(hours=2), now() - timedelta(minutes=1)
    with db.writing() as session:
        open_one, _ = webhooks.create(session, COMMAND_LINE, campaign.slug, "https://hooks.example/a", ())
        paused, _ = webhooks.create(session, COMMAND_LINE, campaign.slug, "https://hooks.example/b", ())
        paused.paused_at = now()
        for number, (webhook, state, due) in enumerate(
            (
                (open_one, DeliveryState.WAITING, late),
                (open_one, DeliveryState.WAITING, now() + timedelta(hours=1)),
                (open_one, DeliveryState.SENT, early),
                (open_one, DeliveryState.FAILED, early),
                (paused, DeliveryState.WAITING, early),
            )
        ):
            facts = {"event_id": f"msg_{number}", "type": "call.completed", "payload": "{}", "next_at": due}
            session.add(Delivery(webhook_id=webhook.id, state=state, **facts))
    found = taken()
    assert found.deliveries == {"waiting": 3, "failed": 1}
    assert found.delivery_due == late


def test_sftp_files_sweeps_and_uploads(database, campaign):
    with db.writing() as session:
        for number, status in enumerate((SftpFileStatus.FAILED, SftpFileStatus.SKIPPED, SftpFileStatus.FAILED)):
            facts = {"path": "a", "path_key": str(number), "name_key": "a", "stem_key": "a", "size": 1}
            session.add(SftpFile(kind=FileKind.RECORDING, modified=now(), status=status, **facts))
        assert sftp_state.begin(session, "me", timedelta(minutes=1))
        swept = now()
        sftp_state.end(session, "me", ended_at=swept)
        for number in (1, 2):
            ended = now() if number == 1 else None
            facts = {"owner": "key 1", "size": 9, "filename": "a.wav", "ended_at": ended}
            session.add(ResumableUpload(id=f"{number:032x}", campaign_id=campaign.id, **facts))
    found = taken()
    assert (found.sftp_files["failed"], found.sftp_files["skipped"], found.sftp_files["completed"]) == (2, 1, 0)
    assert (found.sftp.ended_at, found.uploads) == (swept, 1)


def test_results_are_read_from_the_last_one_on(database, campaign):
    with db.writing() as session:
        finished_call(session, campaign)
        newest = census.newest_result(session)
        assert newest > 0
        finished_call(session, campaign)
        ((number, _made, seconds),) = census.results_after(session, newest, 10)
        assert (number, seconds) == (census.newest_result(session), {})
        assert list(census.results_after(session, number, 10)) == []
