"""What goes wrong while the server is swept: every file keeps a verdict, every recording is one call."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlmodel import col, select, update

from config import settings
from pipeline.sftp import fetching, importing, sweep
from pipeline.sftp.connection.server import Connection
from pipeline.storage import StorageAway
from records import db
from records.db import now
from records.sftp import SftpFile
from records.sftp_state import state
from records.statuses import SftpFileStatus
from tests.pipeline.sftp.yard import Yard, nobody
from tests.sshd import SftpServer


def due_now() -> None:
    """What waits for its next try is tried at once."""
    with db.writing() as session:
        these = update(SftpFile).where(
            col(SftpFile.status) == SftpFileStatus.MATCHED, col(SftpFile.due_at).is_not(None)
        )
        session.exec(these.values(due_at=now()))


@contextmanager
def through(sshd: SftpServer, patch: pytest.MonkeyPatch, **faults: int) -> Iterator[object]:
    """The settings lead over a line that breaks."""
    with sshd.line(**faults) as line:
        patch.setenv("SFTP_PORT", str(line.port))
        settings.cache_clear()
        yield line
    patch.setenv("SFTP_PORT", str(sshd.port))
    settings.cache_clear()


def ready(yard: Yard, *names: str) -> None:
    """Recordings that are due, and of which none was fetched."""
    yard.campaign("Sales")
    yard.recordings(*(f"sales/{name}.wav" for name in names))
    sweep.sweep()
    sweep.sweep()
    yard.window_over()
    assert (sweep.sweep() or sweep.Swept()).released == len(names)


def test_a_server_that_stops_and_starts_loses_nothing(yard: Yard):
    ready(yard, "one", "two", "three")
    yard.server.stop()
    importing.work_all(nobody)
    assert yard.verdicts() == {"matched": 3}
    assert "waits for the SFTP server" in yard.file("sales/one.wav").reason
    swept = sweep.sweep()
    assert swept is not None
    assert "127.0.0.1" in swept.trouble
    with db.reading() as session:
        assert state(session).words == swept.trouble
    yard.server.start()
    due_now()
    yard.sweep()
    assert yard.verdicts() == {"completed": 3}
    with db.reading() as session:
        assert state(session).words == ""
    yard.all_well()


def test_a_connection_cut_in_the_middle_of_a_file_costs_that_file_a_try_and_others_nothing(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
):
    ready(yard, *(f"call {number}" for number in range(12)))
    with through(yard.server, monkeypatch, cut_after=60_000) as line:
        importing.work_all(nobody)
        assert yard.verdicts()["completed"] < 12
        line.mend()
        for _ in range(4):
            due_now()
            importing.work_all(nobody)
    assert yard.verdicts() == {"completed": 12}
    yard.sweep()
    yard.all_well()
    assert yard.batches() == [("completed", "Every file was processed.")]


def test_a_file_on_which_the_connection_always_breaks_fails_alone(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    ready(yard, "bad", "good")
    read = Connection.read

    def breaking(self: Connection, raw: bytes, **seen: object) -> Iterator[bytes]:
        blocks = read(self, raw, **seen)
        if raw.endswith(b"bad.wav"):
            self.close()
        return blocks

    monkeypatch.setattr(Connection, "read", breaking)
    for _ in range(fetching.TRIES):
        due_now()
        importing.work_all(nobody)
    assert yard.files() == {"sales/bad.wav": "failed: cut_off", "sales/good.wav": "completed"}
    yard.sweep()
    assert yard.batches() == [("incomplete", "1 failed.")]


def test_a_file_that_may_not_be_read_fails_and_says_so(yard: Yard):
    ready(yard, "one", "two")
    path = yard.server.root / "sales/one.wav"
    path.chmod(0)
    importing.work_all(nobody)
    assert yard.files() == {"sales/one.wav": "failed: denied", "sales/two.wav": "completed"}
    yard.all_well()


def test_a_file_that_changes_while_it_is_fetched_is_watched_anew(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    ready(yard, "one")
    read = Connection.read

    def meddling(self: Connection, raw: bytes, **seen: object) -> Iterator[bytes]:
        blocks = list(read(self, raw, **seen))
        yard.recordings("sales/one.wav", seed=7)
        monkeypatch.setattr(Connection, "read", read)
        return iter(blocks)

    yard.server.put("sales/one.wav", (yard.server.root / "sales/one.wav").read_bytes(), modified=1_750_000_000)
    sweep.sweep()
    sweep.sweep()
    yard.window_over()
    sweep.sweep()
    monkeypatch.setattr(Connection, "read", meddling)
    importing.work_all(nobody)
    assert yard.verdicts() == {"detected: settling": 1}
    yard.sweep(2)
    yard.window_over()
    yard.sweep()
    assert yard.call("sales/one.wav").size == yard.file("sales/one.wav").size
    yard.all_well()


def test_storage_that_is_away_is_waited_for_without_counting(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    ready(yard, "one")

    class Full:
        def __init__(self, *_about: object) -> None:
            raise StorageAway("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(fetching, "Intake", Full)
        for _ in range(fetching.TRIES + 2):
            due_now()
            importing.work_all(nobody)
    file = yard.file("sales/one.wav")
    assert (file.status, file.tries) == (SftpFileStatus.MATCHED, 0)
    assert file.reason == "It waits for storage. The disk is full."
    due_now()
    yard.sweep()
    yard.all_well()


def test_a_wrong_host_key_stops_everything_before_anything_is_told(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    ready(yard, "one")
    monkeypatch.setenv(
        "SFTP_HOST_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB9dBs0yqHrDWY7x3QBmYgGNeFMyqe3k8iBfLfRfQ1qL"
    )
    settings.cache_clear()
    swept = sweep.sweep()
    assert swept is not None
    assert swept.refused
    assert "SFTP_HOST_KEY" in swept.trouble
    importing.work_all(nobody)
    assert yard.verdicts() == {"matched": 1}
    monkeypatch.setenv("SFTP_HOST_KEY", yard.server.host_key)
    settings.cache_clear()
    due_now()
    yard.sweep()
    yard.all_well()


def test_a_worker_that_dies_leaves_its_files_to_the_next_sweep(yard: Yard):
    ready(yard, "one", "two")
    with db.writing() as session:
        dead = update(SftpFile).values(status=SftpFileStatus.PROCESSING, claim="dead", claim_until=now())
        session.exec(dead)
    yard.sweep()
    assert yard.verdicts() == {"completed": 2}
    yard.all_well()


def test_a_worker_that_stops_hands_its_files_back(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    ready(yard, "one", "two")

    def stopping(*_about: object) -> None:
        importing.hand_back()
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(fetching, "fetch", stopping)
        with pytest.raises(SystemExit):
            importing.work(nobody, 10)
    assert yard.verdicts() == {"matched": 2}
    yard.sweep()
    yard.all_well()


def test_two_who_sweep_and_import_at_once_make_one_call_of_each_recording(yard: Yard):
    yard.campaign("Sales")
    yard.recordings(*(f"sales/{number}.wav" for number in range(40)))

    def both(_number: int) -> None:
        for _ in range(6):
            sweep.sweep()
            yard.window_over()
            importing.work_all(nobody)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(both, range(2)))
    yard.sweep()
    assert yard.verdicts() == {"completed": 40}
    yard.all_well()


def test_a_sweep_that_was_taken_over_writes_nothing_more(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    yard.campaign("Sales")
    yard.recordings("sales/one.wav")
    walk = Connection.walk

    def overtaken(self: Connection, *about: object, **more: object) -> object:
        with db.writing() as session:
            held = state(session)
            held.claim = "somebody else"
            session.add(held)
        return walk(self, *about, **more)

    monkeypatch.setattr(Connection, "walk", overtaken)
    assert sweep.sweep() is None
    assert yard.files() == {}
    with db.reading() as session:
        assert session.exec(select(SftpFile)).all() == []
        assert state(session).claim == "somebody else"
