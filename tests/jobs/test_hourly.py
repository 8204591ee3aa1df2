"""The hourly sweep does what it can, and says what it could not."""

import logging
from datetime import datetime, timedelta

import pytest
from rq.timeouts import JobTimeoutException

from jobs import hourly, tasks
from pipeline import orphans
from pipeline.storage import Folder, StorageAway, recording_key, storage
from records import db
from records.calls import Call
from records.campaigns import Campaign
from records.statuses import CallStatus
from tests.records.made import stored_call

OLD = timedelta(days=40)


def away(*_: object) -> None:
    raise StorageAway("Amazon S3 does not let these credentials.")


@pytest.fixture
def old(campaign: Campaign) -> str:
    """A call whose transcripts are over their time."""
    with db.writing() as session:
        session.get_one(Campaign, campaign.id).keep_transcripts_days = 30
        call = stored_call(session, campaign, status=CallStatus.COMPLETED)
        call.created_at = db.now() - OLD
        return call.id


def transcripts_gone_at(call_id: str) -> datetime | None:
    with db.reading() as session:
        return session.get_one(Call, call_id).transcripts_gone_at


@pytest.mark.parametrize("verb", ["drop_unfinished", "older_than"])
def test_what_needs_the_database_alone_goes_while_storage_is_away(
    old: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, verb: str
):
    monkeypatch.setattr(Folder, verb, away)
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(hourly.SweepFailed, match="objects in storage that are nobody's"),
    ):
        tasks.sweep_orphans()
    assert transcripts_gone_at(old) is not None
    assert [line.getMessage() for line in caplog.records] == [
        "The hourly sweep failed at: objects in storage that are nobody's. It goes on with the rest."
    ]


def test_no_part_keeps_another_from_running(monkeypatch: pytest.MonkeyPatch):
    ran: list[str] = []
    broken = [(name, lambda name=name: ran.append(name) or 1 / 0) for name, _ in hourly.PARTS]
    monkeypatch.setattr(hourly, "PARTS", broken)
    with pytest.raises(hourly.SweepFailed) as failed:
        tasks.sweep_orphans()
    assert ran == [name for name, _ in broken]
    assert all(name in str(failed.value) for name in ran)


def test_a_job_whose_time_is_over_ends(monkeypatch: pytest.MonkeyPatch):
    def over() -> None:
        raise JobTimeoutException

    ran: list[int] = []
    monkeypatch.setattr(hourly, "PARTS", [("slow", over), ("next", lambda: ran.append(1))])
    with pytest.raises(JobTimeoutException):
        hourly.sweep()
    assert ran == []


def test_objects_are_swept_where_unfinished_ones_may_not_be_seen(campaign: Campaign, monkeypatch: pytest.MonkeyPatch):
    key = recording_key(f"{1:032x}")
    with storage().write(key) as sink:
        sink.write(b"sound")
    monkeypatch.setattr(orphans, "AGE", timedelta(seconds=-5))
    monkeypatch.setattr(Folder, "drop_unfinished", away)
    with pytest.raises(StorageAway):
        orphans.sweep(storage())
    with pytest.raises(FileNotFoundError):
        storage().size(key)
