"""Very many recordings from an SFTP server, and a disk of ours that is full, over real workers."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import func, select

from config import settings
from records import db
from records.calls import Call
from records.sftp import SftpFile
from records.statuses import SftpFileStatus
from tests.conftest import missing
from tests.installation import Installation, until
from tests.pipeline.arriving import wav
from tests.pipeline.sftp.yard import Yard
from tests.sshd import SftpServer

MANY = 5_000
MOST_MB = 500  # of a worker process, however many files there are


@pytest.fixture
def yard(installation: Installation, sshd: SftpServer, monkeypatch: pytest.MonkeyPatch) -> Yard:
    monkeypatch.setenv("SFTP_SWEEP_SECONDS", "5")
    monkeypatch.setenv("TOTALVIEW_LEASE_SECONDS", "20")
    settings.cache_clear()
    return Yard(sshd)


def counted() -> dict[str, int]:
    with db.reading() as session:
        found = session.exec(select(SftpFile.status, func.count()).group_by(SftpFile.status)).all()
    return {SftpFileStatus(status).value: number for status, number in found}


def peak_mb(process: subprocess.Popen[bytes]) -> int:
    words = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) for line in words.splitlines() if line.startswith("VmHWM")) // 1000


@pytest.mark.long
def test_five_thousand_recordings_and_the_csv_that_names_them_come_in(
    installation: Installation, yard: Yard, capsys: pytest.CaptureFixture[str]
):
    yard.campaign("Sales", csv="required")
    content = wav(seconds=0.2)
    for number in range(MANY):
        yard.server.put(f"sales/call {number}.wav", content[:-4] + number.to_bytes(4, "little"))
    lines = "".join(f"call {number}.wav,Agent {number % 50},id {number}\n" for number in range(MANY))
    yard.server.put("sales/day.csv", f"file,agent,call id\n{lines}".encode())
    worker = installation.totalview("worker", "--queues", "sftp")
    installation.totalview("scheduler")
    until(lambda: counted() == {"completed": MANY + 1}, "all recordings are in", seconds=900)
    with capsys.disabled():
        print(f"\n{MANY:,} recordings; the worker's memory was {peak_mb(worker)} MB at most.")  # noqa: T201  a figure to note
    assert peak_mb(worker) < MOST_MB
    yard.all_well()
    assert sorted(yard.calls()) == sorted(f"call {number}.wav" for number in range(MANY))
    with db.reading() as session:
        told = session.exec(select(Call.filename, Call.agent_given, Call.external_id)).all()
    assert {(f"call {number}.wav", f"Agent {number % 50}", f"id {number}") for number in range(MANY)} == set(told)
    until(lambda: yard.batches() == [("completed", "Every file was processed.")], "the batch has ended")


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """Storage on a disk of half a megabyte."""
    disk = home / "storage"
    disk.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=500k", "none", disk]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        missing("no disk can be mounted here (it takes root)")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.long
def test_recordings_wait_for_a_disk_that_is_full_and_go_on_by_themselves(
    small_disk: Path, installation: Installation, yard: Yard
):
    yard.campaign("Sales")
    for number in range(10):
        yard.server.put(f"sales/{number}.wav", wav(number, seconds=7))
    installation.workers()
    until(lambda: yard.window_over() or yard.verdicts()["completed"] == 4, "the disk is full")
    waits = "It waits for storage. "
    until(lambda: sum(each.reason.startswith(waits) for each in waiting()) == 6, "the others wait")
    assert {each.status for each in waiting()} <= {SftpFileStatus.MATCHED, SftpFileStatus.PROCESSING}
    assert {each.tries for each in waiting()} == {0}
    subprocess.run(["mount", "-o", "remount,size=4m", small_disk], check=True)
    until(lambda: yard.verdicts() == {"completed": 10}, "all recordings are in")
    yard.all_well()
    assert "Traceback" not in installation.words()


def waiting() -> list[SftpFile]:
    with db.reading() as session:
        return list(session.exec(select(SftpFile).where(SftpFile.status != SftpFileStatus.COMPLETED)))
