"""What must not happen around an outage: a result lost, a lock for two, a pause ended by one who heard nothing."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from config import settings
from pipeline import callbacks, conductor, line, runs, work
from pipeline.outcome import Again, Done, ProviderError, Wait
from pipeline.work import Work
from records import answers, db, outages, slots
from records.campaigns import Campaign
from records.runs import Run
from records.statuses import CallStatus
from tests.pipeline.remote import BUSY, CLOUD, REFUSED, once, put_cloud, state, time_to_try, to_the_end_of_its_tries
from tests.pipeline.staging import Play, call_of, drive, enter, run_of, timeline

S = CallStatus


@pytest.fixture
def shop(store: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    put_cloud(monkeypatch, places=5)
    monkeypatch.setenv("TOTALVIEW_MAX_ATTEMPTS", "3")
    settings.cache_clear()
    return store


def test_an_answer_brought_at_the_last_moment_is_looked_at_at_once(
    shop: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch
):
    secrets: list[str] = []
    wait = runs.wait

    def submit(work: Work) -> Wait:
        with db.writing() as session:
            secrets.append(answers.expect(session, work.run_id))
        return Wait(600)

    def brought_just_before(work: Work, seconds: float, words: str) -> float:
        assert callbacks.bring(work.run_id, secrets[0], b"{}") == (True, None)
        return wait(work, seconds, words)

    play.acts.append(submit)
    monkeypatch.setattr(runs, "wait", brought_just_before)
    again = once(enter(shop))
    assert again.seconds == 0
    assert run_of(again.run_id).due_at <= db.now()


def test_an_answer_brought_while_its_run_is_just_put_off_asks_for_a_look(shop: Campaign, play: Play):
    first = enter(shop)
    work = runs.claim(first.run_id, first.ticket, conductor.BY_NAME)
    with db.writing() as session:
        secret = answers.expect(session, first.run_id)
    with ThreadPoolExecutor() as others:
        with db.writing() as session:
            work.hold(session, claim=None, lease_until=None, ticket=first.ticket + 1)
            bringing = others.submit(callbacks.bring, first.run_id, secret, b"{}")
            until_it_waits(session, bringing)
        assert bringing.result() == (True, Again(first.run_id, first.ticket + 2, "transcription"))


def test_pausing_and_trying_at_once_do_not_lock_each_other_out(shop: Campaign, play: Play):
    first, second = enter(shop), enter(shop)
    need = line.Need(CLOUD)
    work = runs.claim(first.run_id, first.ticket, conductor.BY_NAME)
    with db.writing() as session:
        outages.pause(session, CLOUD, "Away.", seconds=0)
    with ThreadPoolExecutor() as others:
        with db.writing() as session:
            assert outages.closed(session, CLOUD, seconds=60) == "", "this one tries it"
            pausing = others.submit(runs.wait_out, work, need, "Away.", seconds=60)
            until_it_waits(session, pausing)
            assert slots.take(session, CLOUD, second.run_id, limit=5, seconds=60)
        assert pausing.result() is False


def test_a_try_in_vain_adds_nothing_to_the_timeline_and_keeps_the_provider_s_wish(shop: Campaign, play: Play):
    play.acts.extend([REFUSED, ProviderError("Cloud is busy.", retry_after=900)])
    first = enter(shop)
    once(first)
    with time_to_try():
        [called] = line.call_up()
    assert once(called) is None
    assert (run_of(first.run_id).waits_at, run_of(first.run_id).attempts) == (CLOUD, 0)
    assert len(timeline(call_of(first.run_id))) == 2
    assert state().next_try_at - db.now() > timedelta(seconds=800)


def test_who_has_not_talked_to_the_provider_says_nothing_about_it(shop: Campaign, play: Play):
    play.acts.extend([REFUSED, Wait(300, "its answer is awaited", heard=False)])
    looks = [enter(shop) for _ in range(3)]
    for look in looks:
        once(look)
    with time_to_try():
        [called] = line.call_up()
    assert once(called).seconds == 300
    assert state().paused_since is not None
    assert [again.run_id for again in line.call_up()] == [looks[1].run_id], "somebody else tries it at once"
    play.acts.clear()


def test_trouble_is_not_forgotten_for_one_who_only_waits(shop: Campaign, play: Play):
    play.acts.extend([BUSY, BUSY, Wait(1, heard=False), BUSY, BUSY, BUSY])
    looks = [enter(shop) for _ in range(4)]
    for look in looks[:3]:
        once(look)
    to_the_end_of_its_tries(looks[3])
    assert state().words == str(BUSY)


def test_a_result_is_kept_while_the_database_is_away_for_a_moment(
    shop: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(work, "STORE_AGAIN_S", (0.0, 0.0))
    store, broken = play.store, [1, 1]

    def store_later(session: Session, run: Run) -> None:
        if broken:
            broken.pop()
            raise OperationalError("INSERT", {}, Exception("the server closed the connection"))
        store(session, run)

    play.acts.append(Done(store_later))
    first = enter(shop)
    drive(first)
    assert (call_of(first.run_id).status, len(play.looks), broken) == (S.COMPLETED, 1, [])


def test_what_is_remembered_is_kept_while_the_database_is_away_for_a_moment(
    shop: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(work, "STORE_AGAIN_S", (0.0, 0.0))
    writing, broken = work.writing, [1, 1]

    def away():
        if broken:
            broken.pop()
            raise OperationalError("UPDATE", {}, Exception("the server closed the connection"))
        return writing()

    def answered(held: Work) -> Wait:
        held.memory.remember(found="what was paid for")
        return Wait(1)

    monkeypatch.setattr(work, "writing", away)
    play.acts.append(answered)
    first = enter(shop)
    once(first)
    run = run_of(first.run_id)
    assert (run.memory["found"], run.attempts, len(play.looks), broken) == ("what was paid for", 0, 1, [])


def test_a_result_is_not_lost_for_what_is_noted_beside_it(shop: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch):
    play.acts.append(BUSY)
    again = once(enter(shop))  # there is something to note

    def away(*_: object) -> bool:
        raise OperationalError("UPDATE", {}, Exception("the server closed the connection"))

    monkeypatch.setattr(outages, "well", away)
    drive(again)
    assert (call_of(again.run_id).status, len(play.looks)) == (S.COMPLETED, 2)


def test_nothing_is_written_about_a_provider_that_was_always_well(
    shop: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(outages, "well", lambda *_: pytest.fail("a look more at the database's one writer"))
    first = enter(shop)
    drive(first)
    assert call_of(first.run_id).status is S.COMPLETED


def until_it_waits(session: Session, other: Future[object]) -> None:
    """Until the other thread waits for a lock of this one's, or has gone past it. SQLite lets nobody past."""
    if session.get_bind().dialect.name == "postgresql":
        locked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        with db.reading() as looking:
            while not other.done() and not looking.connection().execute(locked).scalar_one():
                time.sleep(0.01)
