"""What people may put on a server to lose files, to be told wrongly, or to keep all others from coming in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import col, func, select

from config import settings
from pipeline.sftp import acts, importing, late, sweep
from pipeline.sftp.connection import listing
from pipeline.sftp.connection.server import Connection
from records import db
from records.access import COMMAND_LINE
from records.campaigns import NotUsable
from records.db import now
from records.sftp import SftpBatch, SftpFile
from records.statuses import SftpFileStatus
from tests.pipeline.arriving import wav
from tests.pipeline.sftp.test_faults_swept import due_now, ready
from tests.pipeline.sftp.yard import Yard, nobody


def rows() -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).select_from(SftpFile)).one()


def test_a_folder_that_the_server_does_not_list_is_told_of_until_it_does(yard: Yard):
    yard.campaign("Sales")
    yard.recordings("sales/one.wav", "sales/closed/two.wav")
    yard.sweep()
    closed = yard.server.root / "sales/closed"
    closed.chmod(0)
    yard.sweep(2)
    assert yard.files() == {
        "sales/one.wav": "matched",
        "sales/closed/two.wav": "detected: settling",
        "sales/closed": "skipped: closed_folder",
    }
    assert "does not let this user look into the folder" in yard.file("sales/closed").reason
    closed.chmod(0o755)
    yard.sweep(2)
    assert yard.files() == {"sales/one.wav": "matched", "sales/closed/two.wav": "matched"}


def test_a_folder_with_too_many_names_keeps_no_other_from_coming_in(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    yard.campaign("Flood")
    yard.campaign("Sales")
    yard.recordings("sales/one.wav", "sales/two.wav")
    flood = yard.server.folder_at("flood")
    for number in range(30):
        (flood / f"{number}.wav").touch()
    monkeypatch.setattr(listing, "MOST_NAMES", 20)
    yard.sweep(2)
    assert yard.verdicts() == {"matched": 22, "skipped: closed_folder": 1}
    monkeypatch.setattr(listing, "MOST_IN_ALL", 10)
    swept = yard.sweep()
    assert "Move what is old elsewhere" in swept.trouble
    assert yard.verdicts() == {"matched": 22, "skipped: closed_folder": 1}


def test_a_file_that_never_stands_still_takes_the_window_from_no_other(yard: Yard):
    yard.campaign("Sales", csv="required")
    yard.recordings("sales/growing.wav")
    yard.sweep()
    yard.window_over()
    for number in range(2):
        yard.server.put("sales/growing.wav", wav(number, seconds=1), modified=1_770_000_000 + number)
        yard.sweep()
    yard.recordings("sales/one.wav", seed=2)
    yard.sweep()
    yard.server.put("sales/growing.wav", wav(5, seconds=1), modified=1_770_000_009)
    yard.sweep()
    assert yard.files() == {"sales/growing.wav": "detected: settling", "sales/one.wav": "matched"}
    assert yard.batches() == [("waiting_for_csv", "1 recording is there, and no CSV yet.")]


def test_a_batch_whose_files_were_all_taken_away_ends_and_the_next_has_a_window_of_its_own(yard: Yard):
    yard.campaign("Sales", csv="required")
    yard.recordings("sales/one.wav", "sales/two.wav")
    yard.sweep(2)
    for name in ("one", "two"):
        (yard.server.root / f"sales/{name}.wav").unlink()
    yard.sweep()
    yard.window_over()
    yard.sweep()
    assert yard.batches() == [("incomplete", "2 gone from the server before their import.")]
    yard.recordings("sales/three.wav", seed=2)
    yard.sweep(2)
    assert yard.files()["sales/three.wav"] == "matched"
    with db.reading() as session:
        waits = session.exec(select(SftpBatch.closes_at).where(col(SftpBatch.closed_at).is_(None))).one()
    assert waits > now() + timedelta(minutes=10)


def test_copies_that_are_all_taken_away_were_not_renamed_to_each_other(yard: Yard):
    yard.campaign("Sales")
    for name in ("one", "copy"):
        yard.server.put(f"sales/{name}.wav", wav(seconds=1), modified=1_760_000_000)
        yard.sweep()
    for name in ("one", "copy"):
        (yard.server.root / f"sales/{name}.wav").unlink()
    yard.sweep()
    assert yard.verdicts() == {"skipped: vanished": 2}


def test_a_file_that_is_written_to_for_ever_after_its_import_fills_no_table(yard: Yard):
    ready(yard, "one")
    yard.sweep()
    for number in range(4):
        yard.server.put("sales/one.wav", wav(number + 2, seconds=1), modified=1_770_000_000 + number)
        yard.sweep(2)
    assert yard.files() == {"sales/one.wav": "duplicate: same_path"}
    assert rows() == 2
    assert len(yard.batches()) == 2


def test_a_file_that_no_disk_holds_is_not_fetched_and_the_others_come_in(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    ready(yard, "one", "hole")
    hole = yard.server.root / "sales/hole.wav"
    with hole.open("r+b") as file:
        file.truncate(1 << 42)
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.files() == {"sales/one.wav": "completed", "sales/hole.wav": "matched"}
    assert yard.file("sales/hole.wav").reason == (
        "It waits for storage. It has 4398.0 GB, and there is less room on the disk."
    )
    monkeypatch.setenv("TOTALVIEW_MAX_UPLOAD_BYTES", "1000000")
    settings.cache_clear()
    due_now()
    yard.sweep()
    file = yard.file("sales/hole.wav")
    assert (file.status, file.code) == (SftpFileStatus.FAILED, "too_large")


def test_many_large_csvs_of_one_campaign_keep_no_recording_of_another_waiting(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
):
    yard.campaign("Flood")
    yard.campaign("Sales")
    for number in range(4):
        yard.server.put(f"flood/{number}.csv", b"file\nnowhere.wav\n")
    yard.recordings("sales/one.wav")
    yard.sweep()
    monkeypatch.setattr(sweep, "SHEETS_S", 0)
    yard.window_over()
    assert yard.sweep().unsettled
    assert yard.files()["sales/one.wav"] == "completed"
    monkeypatch.setattr(sweep, "SHEETS_S", 60)
    yard.sweep()
    yard.window_over()
    assert not yard.sweep().unsettled
    assert yard.verdicts() == {"completed": 5}


def test_a_file_at_whose_mere_name_the_connection_breaks_keeps_no_other_waiting(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
):
    ready(yard, "bad", "good", "too")
    read = Connection.read

    def breaking(self: Connection, raw: bytes, **seen: object) -> Iterator[bytes]:
        if raw.endswith(b"bad.wav"):
            self.close()
        return read(self, raw, **seen)

    monkeypatch.setattr(Connection, "read", breaking)
    monkeypatch.setattr(importing, "AWAY", timedelta(0))
    monkeypatch.setattr(importing, "BEHIND", timedelta(milliseconds=1))
    for _ in range(2):
        importing.work(nobody, 10)
    assert yard.files() == {"sales/bad.wav": "matched", "sales/good.wav": "completed", "sales/too.wav": "completed"}
    assert yard.file("sales/bad.wav").tries == 0


def test_a_very_long_csv_that_comes_late_keeps_nothing_unseen(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    ready(yard, "one")
    yard.sweep()
    yard.server.put("sales/day.csv", b"file,call id\none.wav,x-7\n")
    monkeypatch.setattr(late, "APPLY_S", -1)
    yard.sweep(2)
    assert yard.sweep().unsettled
    assert yard.call("sales/one.wav").external_id is None
    monkeypatch.setattr(late, "APPLY_S", 60)
    assert not yard.sweep().unsettled
    assert yard.call("sales/one.wav").external_id == "x-7"


def test_acts_of_many_at_once_amid_sweeps_and_imports_are_each_done_once(yard: Yard):
    names = [str(number) for number in range(8)]
    ready(yard, *names)
    yard.sweep()
    for number, name in enumerate(names):
        yard.server.put(f"sales/{name}.wav", wav(7_000 + number, seconds=1), modified=1_770_000_000)
    yard.sweep()
    assert yard.verdicts() == {"duplicate: same_path": 8}
    ids = [yard.file(f"sales/{name}.wav").id or 0 for name in names]

    def act(person: int) -> list[bool]:
        done = []
        for number in ids:
            try:
                acts.import_as_new(COMMAND_LINE, number)
                done.append(True)
            except NotUsable:
                done.append(False)
            acts.retry(COMMAND_LINE, ids)
            if person == 0:
                sweep.sweep()
            if person == 1:
                importing.work(nobody, 0.1)
        return done

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(act, range(4)))
    assert [sum(each) for each in zip(*told, strict=True)] == [1] * 8
    yard.sweep(2)
    yard.all_well()
    assert sorted(yard.calls()) == sorted(f"{name}.wav" for name in names * 2)
