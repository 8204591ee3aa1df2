"""Recordings from an SFTP server by real processes: workers that die, two schedulers, a Redis that is emptied."""

from collections import Counter

import pytest
from sqlmodel import select

from config import settings
from jobs.connection import connect
from records import db
from records.calls import Call
from records.statuses import Source
from tests.installation import Installation, until
from tests.pipeline.sftp.yard import Yard
from tests.sshd import SftpServer

CAMPAIGNS = ("required", "optional", "plain")


@pytest.fixture
def yard(installation: Installation, sshd: SftpServer, monkeypatch: pytest.MonkeyPatch) -> Yard:
    """Three campaigns' folders on a server that is looked at every few seconds, and two schedulers that see to it."""
    for name, value in {"SFTP_SWEEP_SECONDS": "5", "SFTP_CONNECTIONS": "4"}.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    made = Yard(sshd)
    for name in CAMPAIGNS:
        made.campaign(name, csv="required" if name == "required" else "optional")
    for _ in range(2):
        installation.totalview("scheduler")
    return made


def bring(yard: Yard, first: int, many: int) -> list[str]:
    """So many recordings into each folder, and where one is expected a CSV that names them."""
    names = [f"call {number} ☎.wav" for number in range(first, first + many)]
    for seed, campaign in enumerate(CAMPAIGNS):
        yard.recordings(*(f"{campaign}/{name}" for name in names), seed=seed + first)
    sheet = "file,agent\n" + "".join(f"{name},Agent {name[5]}\n" for name in names)
    yard.server.put(f"required/day {first}.csv", sheet.encode())
    return names


def all_in(yard: Yard, files: int) -> bool:
    """Whether so many files are done; the windows of batches end meanwhile, as if minutes had passed."""
    yard.window_over()
    return yard.verdicts()["completed"] == files


def test_recordings_come_in_without_a_hand_whatever_dies(installation: Installation, yard: Yard):
    names = bring(yard, 0, 10)
    doomed = installation.totalview("worker", "--queues", "sftp")
    until(lambda: yard.window_over() or yard.verdicts()["processing"] > 0, "the first recordings are on their way")
    doomed.kill()
    doomed.wait(60)
    assert yard.verdicts()["processing"] > 0
    connect().flushall()
    names += bring(yard, 10, 3)
    for _ in range(2):
        installation.totalview("worker", "--queues", "sftp")
    until(lambda: all_in(yard, 41), "all recordings are in")
    assert yard.verdicts() == {"completed": 41}
    yard.all_well()
    assert Counter(yard.calls()) == dict.fromkeys(names, len(CAMPAIGNS))
    with db.reading() as session:
        assert set(session.exec(select(Call.source))) == {Source.SFTP}
    assert {yard.call(f"required/{name}").agent_given for name in names} == {f"Agent {name[5]}" for name in names}
    assert "Traceback" not in installation.words()
