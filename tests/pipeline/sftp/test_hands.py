"""Who may sweep and who imports which files: claims that are renewed, handed back, taken over, and counted."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import update

from config import settings
from pipeline.sftp import importing, sweep
from pipeline.sftp.connection.server import Connection
from pipeline.sftp.fetching import TRIES
from pipeline.sftp.importing import Due, together
from records import db, sftp_state
from records.db import now
from records.sftp import SftpFile
from records.statuses import SftpFileStatus
from tests.pipeline.sftp.yard import Yard, nobody


def test_of_those_who_make_the_very_first_sweep_at_once_one_sweeps(home, database: str):
    together = Barrier(4)

    def begin(token: int) -> bool:
        together.wait(60)
        with db.writing() as session:
            return sftp_state.begin(session, str(token), sweep.leases.length())

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(begin, range(4))) == [False, False, False, True]


def test_a_sweep_that_takes_longer_than_its_lease_is_not_taken_over(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    yard.campaign("Sales")
    yard.recordings("sales/one.wav")
    monkeypatch.setenv("TOTALVIEW_LEASE_SECONDS", "2")
    settings.cache_clear()
    walk, others = Connection.walk, []

    def slow(self: Connection, *about: object, **more: object) -> object:
        with db.reading() as session:
            before = sftp_state.state(session).claim_until
        while True:
            with db.reading() as session:
                held = sftp_state.state(session).claim_until
            if before and held and (held - before).total_seconds() > 2:
                break
        others.append(sweep.sweep())
        return walk(self, *about, **more)

    monkeypatch.setattr(Connection, "walk", slow)
    assert (sweep.sweep() or sweep.Swept()).files == 1
    assert others == [None]


def test_a_process_that_stops_in_a_sweep_leaves_it_to_the_next_at_once(yard: Yard, monkeypatch: pytest.MonkeyPatch):
    yard.campaign("Sales")
    yard.recordings("sales/one.wav")
    walk = Connection.walk

    def stopping(self: Connection, *about: object, **more: object) -> object:
        monkeypatch.setattr(Connection, "walk", walk)
        sweep.hand_back()
        assert (sweep.sweep() or sweep.Swept()).files == 1
        return walk(self, *about, **more)

    monkeypatch.setattr(Connection, "walk", stopping)
    assert sweep.sweep() is None
    assert yard.verdicts() == {"detected: settling": 1}


def test_a_file_over_which_workers_die_again_and_again_fails_and_the_others_come_in(yard: Yard):
    yard.campaign("Sales")
    yard.recordings("sales/deadly.wav", *(f"sales/{number}.wav" for number in range(9)))
    yard.sweep(2)
    yard.window_over()
    sweep.sweep()
    for _ in range(TRIES):
        held = importing._claimed()
        while not any(file.path.endswith("deadly.wav") for file in held.files):
            importing._import(held, nobody)
            held = importing._claimed()
        with db.writing() as session:
            lost = update(SftpFile).where(SftpFile.status == SftpFileStatus.PROCESSING)
            session.exec(lost.values(claim_until=now()))
        sweep.sweep()
    yard.sweep()
    assert yard.verdicts() == {"failed: broke": 1, "completed": 9}
    assert "workers died while they imported it" in yard.file("sales/deadly.wav").reason
    yard.all_well()


@pytest.mark.parametrize(
    ("due", "taken"),
    [
        ([(1, 10, 0), (2, 10, 0), (3, 10, 0)], [1, 2, 3]),
        ([(1, 10, 0), (2, importing.SMALL, 0), (3, 10, 0)], [1]),
        ([(1, importing.SMALL * 9, 0), (2, 10, 0)], [1]),
        ([(1, 10, 1), (2, 10, 0)], [1]),
        ([(1, 10, 0), (2, 10, 2), (3, 10, 0)], [1]),
        ([], []),
    ],
)
def test_what_is_large_or_broke_before_is_taken_alone(due: list[tuple[int, int, int]], taken: list[int]):
    assert together([Due(*each) for each in due]) == taken
