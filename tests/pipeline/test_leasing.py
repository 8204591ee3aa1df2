import threading
import time
from contextlib import ExitStack
from datetime import timedelta
from threading import Event
from types import SimpleNamespace

import pytest

from pipeline import leasing, runs
from pipeline.work import Work
from records import db, slots
from records.campaigns import Campaign
from records.db import now
from records.runs import Run
from records.slots import ProviderSlot
from records.statuses import CallStatus
from tests.installation import until
from tests.pipeline.staging import Killed, Play, call_of, claim, die_in, drive, enter, run_of

S = CallStatus


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> float:
    """A second, which the settings would not allow; it is renewed four times as often."""
    for module in (runs, leasing):
        monkeypatch.setattr(module, "settings", lambda: SimpleNamespace(lease_seconds=1.0))
    return 1.0


def test_a_long_stage_keeps_its_claim_and_its_place(store: Campaign, play: Play, short_lease: float):
    stolen, leases = [], set()

    def long(work: Work) -> None:
        with db.writing() as session:
            slots.take(session, "cloud", work.run_id, limit=1, seconds=short_lease)
        while len(leases) < 6:  # the test's own time limit ends it when nothing is renewed
            stolen.append(claim(first))
            with db.reading() as session:
                place = session.get_one(ProviderSlot, ("cloud", 1))
                leases.add((run_of(first.run_id).lease_until, place.lease_until))
            time.sleep(0.05)

    play.acts.append(long)
    first = enter(store)
    drive(first)
    assert set(stolen) == {None}
    assert len({run for run, _ in leases}) > 2
    assert len({place for _, place in leases}) > 2
    assert (call_of(first.run_id).status, len(play.looks)) == (S.COMPLETED, 1)


def test_a_worker_that_is_gone_renews_nothing(desk: Campaign, play: Play, short_lease: float):
    play.acts.append(Killed())
    first = enter(desk)
    die_in(first)
    time.sleep(short_lease * 1.5)
    assert claim(first) is not None


def test_the_lease_of_a_lost_claim_is_left_to_its_new_holder(desk: Campaign, short_lease: float):
    work = claim(enter(desk))
    with leasing.lease(work):
        with db.writing() as session:
            run = session.get_one(Run, work.run_id)
            run.claim, run.lease_until = "f" * 32, now() + timedelta(hours=1)
        time.sleep(short_lease)
    assert run_of(work.run_id).lease_until > now() + timedelta(minutes=59)


def test_a_database_that_is_away_for_a_moment_loses_no_lease(desk: Campaign, short_lease: float, monkeypatch, caplog):
    work = claim(enter(desk))
    real, broken, again = leasing.writing, Event(), Event()

    def flaky():
        if not broken.is_set():
            broken.set()
            raise ConnectionError("away")
        again.set()
        return real()

    with monkeypatch.context() as patch:
        patch.setattr(leasing, "writing", flaky)
        with leasing.lease(work):
            assert again.wait(60)
            time.sleep(0.1)
    assert f"The claims on run {work.run_id} could not be renewed just now" in caplog.text
    assert run_of(work.run_id).lease_until > now()


def test_all_claims_of_a_process_are_renewed_together_and_no_other(desk: Campaign, short_lease: float, monkeypatch):
    monkeypatch.setattr(runs.line, "refusal", lambda *_: "")  # as if there were places enough
    mine, other = [claim(enter(desk)) for _ in range(3)], claim(enter(desk))
    with ExitStack() as held:
        for work in mine:
            held.enter_context(leasing.lease(work))
        assert [thread.name for thread in threading.enumerate()].count("leases") == 1
        time.sleep(short_lease * 1.5)
        assert all(run_of(work.run_id).lease_until > now() for work in mine)
        assert run_of(other.run_id).lease_until < now()
    until(
        lambda: "leases" not in [thread.name for thread in threading.enumerate()], "nothing is held, nothing beats", 5
    )


def test_a_place_that_is_held_for_longer_is_not_held_for_less(desk: Campaign, short_lease: float):
    work = claim(enter(desk))
    with db.writing() as session:
        slots.take(session, "cloud", work.run_id, limit=1, seconds=3600)
    with leasing.lease(work):
        time.sleep(short_lease)
    with db.reading() as session:
        assert session.get_one(ProviderSlot, ("cloud", 1)).lease_until > now() + timedelta(minutes=59)
