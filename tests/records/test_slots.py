from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlmodel import select

from records import db, slots
from records.db import now, reading, writing
from records.slots import ProviderSlot


def take(run_id: int, *, provider: str = "cloud", limit: int = 2, seconds: float = 60) -> bool:
    with writing() as session:
        return slots.take(session, provider, run_id, limit=limit, seconds=seconds)


def release(run_id: int) -> None:
    with writing() as session:
        slots.release(session, run_id)


def renew(run_id: int, seconds: float = 60) -> bool:
    with writing() as session:
        return slots.renew(session, run_id, seconds=seconds)


def holders(provider: str = "cloud") -> list[int]:
    with reading() as session:
        held = select(ProviderSlot).where(ProviderSlot.provider == provider)
        return sorted(slot.run_id for slot in session.exec(held) if slot.run_id and slot.lease_until > now())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds to be ahead of the real time."""
    ahead = [0.0]
    monkeypatch.setattr(slots, "now", lambda: db.now() + timedelta(seconds=ahead[0]))
    return ahead


def test_places_are_taken_until_the_limit(home):
    assert [take(run) for run in (1, 2, 3)] == [True, True, False]
    assert holders() == [1, 2]


def test_a_run_that_holds_a_place_is_given_no_second_one(home):
    assert [take(1), take(1), take(1)] == [True, True, True]
    assert holders() == [1]


def test_each_provider_has_its_own_places(home):
    assert take(1, limit=1)
    assert not take(2, limit=1)
    assert take(2, provider="other", limit=1)


def test_a_place_with_one_provider_is_no_place_with_another(home):
    """A run whose transcriber was changed between two looks must stand in the new one's line."""
    assert take(1, provider="cloud", limit=1)
    assert take(2, provider="other", limit=1)
    assert not take(1, provider="other", limit=1)
    assert (holders("cloud"), holders("other")) == ([1], [2])


def test_a_place_given_back_is_free_at_once(home):
    assert take(1, limit=1)
    release(1)
    assert take(2, limit=1)
    assert holders() == [2]


def test_giving_back_what_one_does_not_have_harms_nobody(home):
    take(1)
    release(7)
    assert holders() == [1]


def test_a_lease_that_runs_out_frees_the_place(home, clock):
    assert take(1, limit=1, seconds=10)
    clock[0] = 9
    assert not take(2, limit=1)
    clock[0] = 11
    assert take(2, limit=1)
    assert holders() == [2]


def test_who_lost_the_place_cannot_renew_it(home, clock):
    take(1, limit=1, seconds=10)
    clock[0] = 11
    assert take(2, limit=1)
    assert not renew(1)
    assert not take(1, limit=1)


def test_renewing_keeps_a_place(home, clock):
    take(1, limit=1, seconds=10)
    clock[0] = 9
    assert renew(1, seconds=10)
    clock[0] = 18
    assert not take(2, limit=1)


def test_renewing_without_a_place_says_so(home):
    assert not renew(1)


def test_a_lower_limit_lets_holders_finish_and_admits_nobody_above_it(home):
    assert all(take(run, limit=3) for run in (1, 2, 3))
    assert not take(4, limit=1)
    release(3)
    assert not take(4, limit=1)
    release(1)
    assert not take(4, limit=1), "two were there, the limit is one, and one is still there"
    release(2)
    assert take(4, limit=1)
    assert not take(5, limit=1)


def test_a_higher_limit_admits_more_at_once(home):
    assert [take(run, limit=1) for run in (1, 2)] == [True, False]
    assert [take(run, limit=3) for run in (2, 3, 4)] == [True, True, False]


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_the_limit_holds_under_eight_at_once_and_is_used_up(database: str, limit: int):
    start, won, errors = Barrier(8), [], []

    def work(run: int) -> None:
        start.wait()
        try:
            if take(run, limit=limit):
                won.append(run)
        except Exception as error:
            errors.append(error)
            raise

    threads = [Thread(target=work, args=(run,)) for run in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(won) == limit
    assert holders() == sorted(won)


def test_eight_that_come_and_go_are_never_more_than_the_limit(database: str):
    inside, most, done = set(), [0], [0] * 9

    def work(run: int) -> None:
        while done[run] < 3:
            if take(run, limit=2):
                inside.add(run)
                most[0] = max(most[0], len(inside))
                inside.discard(run)
                release(run)
                done[run] += 1

    threads = [Thread(target=work, args=(run,)) for run in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] <= 2
    assert holders() == []


def test_who_lost_its_place_to_another_and_who_comes_anew_do_not_wait_for_each_other(database: str, clock):
    """Whoever held on to a place that was being given away kept it locked, and then asked for all the others."""
    many = 500  # to lock them takes long enough to be overtaken
    with writing() as session:
        for number in range(1, many):
            lasting = now() + timedelta(seconds=1000)
            session.add(ProviderSlot(provider="cloud", number=number, run_id=1000 + number, lease_until=lasting))
    assert take(2, limit=many, seconds=10)
    clock[0] = 20
    errors, at_work = [], []

    def come(run: int) -> None:
        try:
            take(run, limit=many)
        except Exception as error:
            errors.append(error)
            raise

    with writing() as session:
        assert slots.take(session, "cloud", 3, limit=many, seconds=60)
        session.flush()  # the place of 2 is now 3's, but for the others not yet
        for run in (4, 2):
            at_work.append(Thread(target=come, args=(run,)))
            at_work[-1].start()
            at_work[-1].join(0.5)  # waits, and is the next of those that wait
    for thread in at_work:
        thread.join(30)
    assert errors == []
    assert 3 in holders()
    assert {2, 4}.isdisjoint(holders())
