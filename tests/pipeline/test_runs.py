from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy.exc import IntegrityError

from pipeline import conductor, runs
from pipeline.conductor import step
from pipeline.work import ClaimLost, Work
from records import db, slots
from records.calls import Call
from records.campaigns import Campaign
from records.db import now
from records.results import Version
from records.runs import Run
from records.slots import ProviderSlot
from records.statuses import CallStatus, RunReason
from tests.pipeline.staging import Killed, Play, call_of, claim, count, die_in, drive, enter, expire, run_of, timeline

S = CallStatus


# --- claiming


def test_a_claim_takes_the_run_and_moves_the_call_in_one(store: Campaign):
    first = enter(store)
    work = claim(first)
    run, call = run_of(first.run_id), call_of(first.run_id)
    assert (run.claim, run.attempts, call.status) == (work.claim, 1, S.TRANSCRIBING)
    assert 40 < (run.lease_until - now()).total_seconds() <= 45
    assert (work.call.id, work.campaign.slug, work.run_id) == (call.id, "support", first.run_id)


def test_a_second_claim_loses(store: Campaign):
    first = enter(store)
    work = claim(first)
    assert claim(first) is None
    assert run_of(first.run_id).claim == work.claim
    assert run_of(first.run_id).attempts == 1


def test_of_eight_workers_one_claims(store: Campaign):
    first = enter(store)
    start, won, errors = Barrier(8), [], []

    def work() -> None:
        start.wait()
        try:
            if claim(first) is not None:
                won.append(1)
        except Exception as error:
            errors.append(error)
            raise

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), errors) == (1, [])
    assert [line[1] for line in timeline(call_of(first.run_id))] == ["pending", "transcribing"]


@pytest.mark.parametrize("ticket", [0, 2, -1, 10**9])
def test_another_ticket_claims_nothing(desk: Campaign, ticket: int):
    first = enter(desk)
    assert claim(replace(first, ticket=ticket)) is None
    assert (run_of(first.run_id).claim, call_of(first.run_id).status) == (None, S.PENDING)


def test_a_claim_whose_lease_ran_out_is_free_for_the_same_ticket(desk: Campaign):
    first = enter(desk)
    old = claim(first)
    expire(first.run_id)
    new = claim(first)
    assert new.claim != old.claim
    assert run_of(first.run_id).attempts == 2
    with pytest.raises(ClaimLost), db.writing() as session:
        old.hold(session, waiting_for="still mine?")


def test_a_run_of_another_call_status_is_not_claimed_half(desk: Campaign, monkeypatch: pytest.MonkeyPatch):
    """When the call cannot follow, the claim is undone too."""
    first = enter(desk)
    monkeypatch.setattr(runs, "move", lambda *_args, **_kwargs: False)
    assert claim(first) is None
    assert (run_of(first.run_id).claim, run_of(first.run_id).attempts) == (None, 0)


def test_two_runs_of_one_number_cannot_be(store: Campaign):
    first = enter(store)
    call = call_of(first.run_id)
    with pytest.raises(IntegrityError), db.writing() as session:
        runs.begin(session, call, RunReason.FIRST_RUN, by="again")


# --- holding


def test_only_the_holder_writes_to_the_run(desk: Campaign):
    work = claim(enter(desk))
    with db.writing() as session:
        work.hold(session, waiting_for="mine")
    stranger = Work(work.call, work.run, work.campaign, "f" * 32)
    with pytest.raises(ClaimLost), db.writing() as session:
        stranger.hold(session, waiting_for="not mine")
    with pytest.raises(ClaimLost):
        stranger.memory.remember(job="1")
    assert (run_of(work.run_id).waiting_for, run_of(work.run_id).memory) == ("mine", {})


def test_memory_is_committed_at_once_and_adds_up(desk: Campaign):
    work = claim(enter(desk))
    work.memory.remember(job="42", url="https://x")
    assert run_of(work.run_id).memory == {"job": "42", "url": "https://x"}
    work.memory.remember(job="43")
    assert run_of(work.run_id).memory == {"job": "43", "url": "https://x"} == work.memory.facts


def test_memory_survives_the_death_of_its_worker(desk: Campaign, play: Play):
    def submit(work: Work) -> None:
        work.memory.remember(job="42")
        raise Killed

    seen = []
    play.acts.extend([submit, lambda work: seen.append(dict(work.memory.facts))])
    first = enter(desk)
    die_in(first)
    expire(first.run_id)
    drive(first)
    assert seen == [{"job": "42"}]


def test_a_run_that_was_never_stored_has_no_id():
    work = Work(Call(), Run(call_id="x", number=1, reason=RunReason.FIRST_RUN, stage="x"), Campaign(), "x")
    with pytest.raises(ValueError, match="has not been stored"):
        _ = work.run_id


# --- ends


def test_seconds_of_a_stage_include_its_waits_and_tries(desk: Campaign, play: Play):
    first = enter(desk)
    claim(first)
    with db.writing() as session:
        run = session.get_one(Run, first.run_id)
        run.stage_began_at = now() - timedelta(seconds=100)
    expire(first.run_id)
    drive(first)
    spent = run_of(first.run_id).stage_seconds
    assert 100 <= spent["transcription"] < 110
    assert spent["analysis"] < 10


def test_completing_clears_an_earlier_error(desk: Campaign, play: Play):
    first = enter(desk)
    with db.writing() as session:
        call = session.get_one(Call, call_of(first.run_id).id)
        call.error, call.error_code = "An earlier failure.", "provider"
    drive(first)
    assert (call_of(first.run_id).error, call_of(first.run_id).error_code) == (None, None)


def test_a_completed_run_gives_its_place_back(desk: Campaign, play: Play):
    def hold(work: Work) -> None:
        with db.writing() as session:
            slots.take(session, "cloud", work.run_id, limit=1, seconds=60)

    play.acts.append(hold)
    drive(enter(desk))
    with db.reading() as session:
        assert session.get_one(ProviderSlot, ("cloud", 1)).run_id is None


def test_a_call_that_moved_on_by_itself_is_not_completed(store: Campaign, play: Play, monkeypatch):
    """Nobody moves a claimed call; should it happen all the same, neither run nor version may say that it succeeded."""
    look = enter(store)
    while look.stage != "verdict":
        look = step(look.run_id, look.ticket)
    real = runs.move
    monkeypatch.setattr(
        runs, "move", lambda session, call, to, **words: to is not S.COMPLETED and real(session, call, to, **words)
    )
    assert step(look.run_id, look.ticket) is None
    assert (run_of(look.run_id).ended_at, count(Version), call_of(look.run_id).status) == (None, 0, S.ANALYZING)


def test_handing_back_leaves_alone_what_another_holds_by_now(desk: Campaign, play: Play):
    def stop(work: Work) -> None:
        with db.writing() as session:
            session.get_one(Run, work.run_id).claim = "f" * 32
        conductor.hand_back()

    play.acts.append(stop)
    first = enter(desk)
    assert step(first.run_id, first.ticket) is None
    assert (run_of(first.run_id).claim, run_of(first.run_id).attempts) == ("f" * 32, 1)
