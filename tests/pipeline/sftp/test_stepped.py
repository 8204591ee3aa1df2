"""After the clock was set back, nothing of SFTP waits until it has come so far again."""

from datetime import timedelta

from sqlmodel import select, update

from pipeline.sftp import leases, stepped
from records import db, sftp_state
from records.db import now
from records.sftp import SftpBatch, SftpFile
from records.sftp_state import SftpState
from tests.pipeline.sftp.yard import Yard

STEP = timedelta(hours=3)


def by(table: type, **facts: object) -> None:
    with db.writing() as session:
        session.execute(update(table).values(**facts))


def test_a_file_that_is_watched_and_a_window_that_is_open_go_on(yard: Yard):
    yard.campaign("Sales", window_minutes=10)
    yard.recordings("sales/one.wav")
    yard.sweep()
    with db.reading() as session:
        window = session.exec(select(SftpBatch)).one()
    ahead = now() + STEP
    by(SftpFile, still_since=ahead)
    by(SftpBatch, opened_at=ahead, closes_at=ahead + timedelta(minutes=10))
    yard.sweep()
    assert yard.files() == {"sales/one.wav": "detected: settling"}, "it would be watched for three hours"
    stepped.after_clock_went_back()
    with db.reading() as session:
        batch = session.exec(select(SftpBatch)).one()
    assert batch.closes_at - batch.opened_at == timedelta(minutes=10)
    assert batch.opened_at <= now()
    assert batch.id == window.id
    yard.sweep(2)
    assert yard.files()["sales/one.wav"].startswith("matched")


def test_a_file_that_was_put_off_and_a_dead_sweep_are_taken_up(yard: Yard):
    yard.campaign("Sales")
    yard.recordings("sales/one.wav")
    yard.sweep(2)
    with db.writing() as session:
        session.exec(select(SftpFile)).one().due_at = now() + STEP
        assert sftp_state.begin(session, "dead", STEP)
    stepped.after_clock_went_back()
    with db.reading() as session:
        assert session.exec(select(SftpFile)).one().due_at <= now()
        until = session.exec(select(SftpState)).one().claim_until
    assert until is not None
    assert until <= now() + leases.length()
