"""After any death at any moment, the database alone brings each run on."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from config import settings
from pipeline import conductor, rescue, runs
from pipeline.conductor import Again, step
from pipeline.outcome import ProviderError
from pipeline.work import Work
from records import db, outages, slots
from records.calls import Call
from records.campaigns import Campaign
from records.db import now
from records.runs import Run
from records.slots import ProviderSlot
from records.statuses import CallStatus
from tests.pipeline.staging import (
    Killed,
    Play,
    call_of,
    die_in,
    drive,
    enter,
    expire,
    fails,
    put_stage,
    run_of,
    timeline,
    versions,
)

S = CallStatus


def rescued(*asked_for: tuple[int, int]) -> list[Again]:
    return rescue.rescue(set(asked_for))


def die(*_args: object) -> None:
    raise Killed


@pytest.mark.parametrize("stage", ["transcription", "analysis", "verdict"])
def test_a_worker_killed_in_any_stage_is_rescued_once_with_a_new_ticket(
    store: Campaign, play: Play, monkeypatch, stage: str
):
    look = enter(store)
    while look.stage != stage:
        look = step(look.run_id, look.ticket)
    with monkeypatch.context() as patch:
        put_stage(patch, stage, die)
        die_in(look)
    assert rescued() == [], "its lease still runs"
    expire(look.run_id)
    (again,) = rescued()
    assert again == Again(look.run_id, look.ticket + 1, stage)
    assert rescued() == [], "the new look is not late yet"
    assert step(look.run_id, look.ticket) is None, "the old ticket is worth nothing"
    drive(again)
    call = call_of(look.run_id)
    assert (call.status, len(versions(call))) == (S.COMPLETED, 1)


def test_two_rescuers_at_once_rescue_once(store: Campaign, play: Play):
    play.acts.append(Killed())
    first = enter(store)
    die_in(first)
    expire(first.run_id)
    start, found = Barrier(4), []

    def look() -> None:
        start.wait()
        found.extend(rescued())

    threads = [Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Again(first.run_id, 2, "transcription")]
    assert run_of(first.run_id).ticket == 2


def test_two_rescuers_that_saw_the_same_rescue_once(store: Campaign, play: Play):
    play.acts.append(Killed())
    first = enter(store)
    die_in(first)
    expire(first.run_id)
    (one,), (other,) = rescue.abandoned(), rescue.abandoned()
    assert [rescue.reissue(one), rescue.reissue(other)] == [Again(first.run_id, 2, "transcription"), None]


def test_two_rescuers_that_saw_the_same_lost_job_ask_once(store: Campaign):
    first = enter(store)
    expire(first.run_id)
    (one,), (other,) = rescue.overdue(), rescue.overdue()
    assert [rescue.reissue(one), rescue.reissue(other)] == [Again(first.run_id, 2, "transcription"), None]


def test_a_run_whose_job_is_lost_is_asked_for_again(store: Campaign, play: Play):
    first = enter(store)
    assert rescued() == [], "it is not late yet"
    expire(first.run_id)
    assert rescued((first.run_id, first.ticket)) == [], "its job is still queued"
    assert run_of(first.run_id).ticket == 1
    assert rescued((first.run_id, 99), (99, 1)) == [Again(first.run_id, 2, "transcription")]
    assert rescued() == []


def test_a_job_that_was_lost_between_two_stages_is_asked_for_again(desk: Campaign, play: Play):
    first = enter(desk)
    step(first.run_id, first.ticket)  # what follows is never asked for
    expire(first.run_id)
    (again,) = rescued()
    assert again.stage == "analysis"
    drive(again)
    assert call_of(first.run_id).status is S.COMPLETED


def test_a_run_that_waits_for_its_time_is_left_alone(desk: Campaign):
    first = enter(desk)
    with db.writing() as session:
        session.get_one(Run, first.run_id).due_at = now() + timedelta(minutes=9)
    assert rescued() == []


def test_when_the_clock_was_set_back_all_that_waits_for_a_time_is_looked_at(desk: Campaign, play: Play):
    put_off, ended, in_line = (enter(desk) for _ in range(3))
    drive(ended)
    with db.writing() as session:
        session.get_one(Run, put_off.run_id).due_at = now() + timedelta(hours=1)
        session.get_one(Run, ended.run_id).due_at = now() + timedelta(hours=1)
        waits = session.get_one(Run, in_line.run_id)
        waits.waits_at, waits.due_at = "cloud", now() + timedelta(hours=1)
        outages.pause(session, "cloud", "It is away.", seconds=3600)
    assert rescue.after_clock_went_back() == [Again(put_off.run_id, 2, "transcription")]
    assert rescue.after_clock_went_back() == []
    with db.reading() as session:
        assert outages.due(session, "cloud")


def test_when_the_clock_was_set_back_a_dead_worker_s_lease_is_cut_short(store: Campaign):
    first = enter(store)
    work = runs.claim(first.run_id, first.ticket, conductor.BY_NAME)
    with db.writing() as session:
        session.get_one(Run, first.run_id).lease_until = now() + timedelta(hours=1)
    assert rescue.after_clock_went_back() == [], "the worker may live"
    run = run_of(first.run_id)
    assert run.claim == work.claim
    assert run.lease_until <= now() + timedelta(seconds=settings().lease_seconds)


def test_finished_runs_are_left_alone(desk: Campaign, play: Play):
    first = enter(desk)
    drive(first)
    with db.writing() as session:
        session.get_one(Run, first.run_id).due_at = now() - timedelta(days=1)
    assert rescued() == []


def test_a_claim_renewed_at_the_last_moment_is_not_taken_away(store: Campaign):
    """The rescuer saw a lease that had run out; the worker was only slow, and renews it."""
    first = enter(store)
    work = runs.claim(first.run_id, first.ticket, conductor.BY_NAME)
    expire(first.run_id)
    (late,) = rescue.abandoned()
    with db.writing() as session:
        work.hold(session, lease_until=now() + timedelta(seconds=45))
    assert rescue.reissue(late) is None
    assert run_of(first.run_id).claim == work.claim


def test_a_run_claimed_at_the_last_moment_is_not_taken_away(store: Campaign):
    first = enter(store)
    expire(first.run_id)
    (late,) = rescue.overdue()
    work = runs.claim(first.run_id, first.ticket, conductor.BY_NAME)
    assert rescue.reissue(late) is None
    assert run_of(first.run_id).claim == work.claim


# --- workers that die again and again


@pytest.fixture
def three_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOTALVIEW_MAX_ATTEMPTS", "3")
    settings.cache_clear()


def die_often(first: Again, play: Play, times: int) -> Again:
    look = first
    for _ in range(times):
        play.acts.append(Killed())
        die_in(look)
        expire(first.run_id)
        found = rescued()
        look = found[0] if found else look
    return look


def test_tries_that_a_provider_failed_are_not_held_against_workers(store: Campaign, play: Play, three_tries):
    first = look = enter(store)
    for _ in range(2):
        play.acts.append(ProviderError("It could not do it just now."))
        look = step(look.run_id, look.ticket)
    look = die_often(look, play, 2)
    assert call_of(first.run_id).status is S.TRANSCRIBING, "two died, and two tries ended in words"
    die_often(look, play, 1)
    assert call_of(first.run_id).error.startswith("A worker broke down 3 times")


def test_a_recording_that_kills_its_workers_fails_in_words(store: Campaign, play: Play, three_tries):
    def hold_and_die(work: Work) -> None:
        with db.writing() as session:
            slots.take(session, "cloud", work.run_id, limit=1, seconds=60)
        raise Killed

    first = enter(store)
    look = die_often(first, play, 2)
    assert call_of(first.run_id).status is S.TRANSCRIBING
    play.acts.append(hold_and_die)
    die_in(look)
    expire(first.run_id)
    assert rescued() == []
    call, run = call_of(first.run_id), run_of(first.run_id)
    assert (call.status, call.error_code, run.error_code) == (S.FAILED, "worker", "worker")
    assert call.error.startswith("A worker broke down 3 times while it worked on this recording. The recording is kept")
    assert call.error == run.error == timeline(call)[-1][2]
    assert (run.claim, run.ended_at is not None, rescued()) == (None, True, [])
    assert step(first.run_id, run.ticket) is None
    with db.reading() as session:
        assert session.get_one(ProviderSlot, ("cloud", 1)).run_id is None


def test_deaths_and_errors_are_counted_together(desk: Campaign, play: Play, three_tries):
    first = enter(desk)
    look = die_often(first, play, 2)
    play.acts.append(RuntimeError("x"))
    assert "Something went wrong" in fails(look)


def test_a_worker_that_lives_is_not_given_up(store: Campaign, play: Play, three_tries):
    """The last try was slow to renew its lease; it must not be failed under its hands."""
    first = enter(store)
    look = die_often(first, play, 2)
    work = runs.claim(look.run_id, look.ticket, conductor.BY_NAME)
    expire(first.run_id)
    (late,) = rescue.abandoned()
    with db.writing() as session:
        work.hold(session, lease_until=now() + timedelta(seconds=45))
    assert rescue.reissue(late) is None
    assert (call_of(first.run_id).status, run_of(first.run_id).ended_at) == (S.TRANSCRIBING, None)


def test_two_rescuers_give_up_once(store: Campaign, play: Play, three_tries):
    first = enter(store)
    look = die_often(first, play, 2)
    play.acts.append(Killed())
    die_in(look)
    expire(first.run_id)
    (one,), (other,) = rescue.abandoned(), rescue.abandoned()
    assert [rescue.reissue(one), rescue.reissue(other)] == [None, None]
    assert [line[1] for line in timeline(call_of(first.run_id))].count("failed") == 1


def test_an_overdue_run_is_never_given_up_for_its_tries(desk: Campaign, three_tries):
    """Only deaths count: a run that nobody holds has merely lost its job."""
    first = enter(desk)
    with db.writing() as session:
        session.get_one(Run, first.run_id).attempts = 7
    expire(first.run_id)
    assert rescued() == [Again(first.run_id, 2, "transcription")]


def test_many_are_rescued_in_one_go(desk: Campaign, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rescue, "AT_ONCE", 2)
    monkeypatch.setenv("TOTALVIEW_LOCAL_CALLS", "5")
    settings.cache_clear()
    lost = [enter(desk) for _ in range(5)]
    held = [enter(desk) for _ in range(5)]
    for look in (*lost, *held):
        if look in held:
            runs.claim(look.run_id, look.ticket, conductor.BY_NAME)
        expire(look.run_id)
    found = rescued()
    assert {again.run_id for again in found} >= {look.run_id for look in lost}
    assert {again.run_id for again in [*found, *rescued(), *rescued()]} == {look.run_id for look in (*lost, *held)}
    with db.reading() as session:
        assert session.get_one(Call, call_of(lost[0].run_id).id).status is S.PENDING
