"""Runs in line before a provider's door: no job, no claim, and each goes when its turn has come."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlmodel import Session

from config import settings
from pipeline import line, rescue
from pipeline.conductor import step
from pipeline.outcome import Again, Fault, ProviderError, Wait
from pipeline.transcription import _settle_on
from records import db, slots
from records.campaigns import Campaign
from records.checks import AiRule, Check, CheckSpec
from records.runs import Run
from records.statuses import CallStatus
from tests.pipeline.remote import CLOUD, put_cloud
from tests.pipeline.staging import Play, call_of, drive, enter, expire, run_of

S = CallStatus


@pytest.fixture
def shop(store: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """A campaign whose calls go to a provider with two places."""
    put_cloud(monkeypatch)
    return store


def at_work(shop: Campaign, play: Play) -> list[Again]:
    """Two calls that the provider is at work on: no place is left."""
    play.acts.extend([Wait(30, "at work"), Wait(30, "at work")])
    return [step(first.run_id, first.ticket) for first in (enter(shop), enter(shop))]


def test_a_call_without_a_place_stays_pending_and_says_why(shop: Campaign, play: Play):
    at_work(shop, play)
    third = enter(shop)
    assert step(third.run_id, third.ticket) is None
    run, call = run_of(third.run_id), call_of(third.run_id)
    assert (run.waits_at, run.claim, run.attempts, run.ticket) == (CLOUD, None, 0, third.ticket + 1)
    assert run.waiting_for == "Waiting for a place: all 2 with Cloud are taken."
    assert (call.status, len(play.looks)) == (S.PENDING, 2)


def test_nobody_is_called_up_while_no_place_is_free(shop: Campaign, play: Play):
    at_work(shop, play)
    third = enter(shop)
    step(third.run_id, third.ticket)
    assert line.call_up() == []


def test_the_first_in_line_goes_when_a_place_is_free(shop: Campaign, play: Play):
    first, _ = at_work(shop, play)
    waiting = [enter(shop) for _ in range(3)]
    for look in waiting:
        step(look.run_id, look.ticket)
    drive(first)
    [called] = line.call_up()
    assert (called.run_id, called.ticket) == (waiting[0].run_id, waiting[0].ticket + 2)
    assert step(waiting[0].run_id, waiting[0].ticket + 1) is None, "the ticket of the line is no job's"
    drive(called)
    assert call_of(waiting[0].run_id).status is S.COMPLETED
    assert [run_of(look.run_id).waits_at for look in waiting] == ["", CLOUD, CLOUD]


def test_who_was_called_too_early_keeps_its_turn(shop: Campaign, play: Play):
    first, _ = at_work(shop, play)
    waiting = [enter(shop) for _ in range(2)]
    for look in waiting:
        step(look.run_id, look.ticket)
    drive(first)
    [called] = line.call_up()
    newcomer = enter(shop)
    play.acts.append(Wait(30))
    assert step(newcomer.run_id, newcomer.ticket) is not None  # was quicker, and has the place now
    assert step(called.run_id, called.ticket) is None
    drive(Again(newcomer.run_id, newcomer.ticket + 1, "transcription"))
    assert [again.run_id for again in line.call_up()] == [called.run_id]


def test_as_many_are_called_as_there_are_places(shop: Campaign, play: Play):
    begun = at_work(shop, play)
    waiting = [enter(shop) for _ in range(5)]
    for look in waiting:
        step(look.run_id, look.ticket)
    for look in begun:
        drive(look)
    assert [again.run_id for again in line.call_up()] == [look.run_id for look in waiting[:2]]


def test_the_rescue_job_leaves_the_line_alone(shop: Campaign, play: Play):
    at_work(shop, play)
    third = enter(shop)
    step(third.run_id, third.ticket)
    expire(third.run_id)
    assert rescue.rescue(()) == []


def test_a_run_in_its_next_stage_s_line_shows_that_stage(shop: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch):
    first = enter(shop)
    second = step(first.run_id, first.ticket)
    monkeypatch.setattr(line.slots, "take", lambda *_, **__: False)
    monkeypatch.setattr("pipeline.analysis.registry.connected", lambda: True)
    add_ai_check(shop)
    assert step(second.run_id, second.ticket) is None
    assert (call_of(first.run_id).status, run_of(first.run_id).waits_at) == (S.ANALYZING, line.CLAUDE)


def test_a_campaign_that_is_changed_lets_its_waiting_runs_look_anew(shop: Campaign, play: Play):
    at_work(shop, play)
    third = enter(shop)
    step(third.run_id, third.ticket)
    with db.writing() as session:
        session.get_one(Campaign, shop.id).transcriber = "local"
        line.dissolve(session, shop.id or 0)
    expire(third.run_id)
    [again] = rescue.rescue(())
    drive(again)
    assert (call_of(third.run_id).status, run_of(third.run_id).waits_at) == (S.COMPLETED, "")


@pytest.mark.parametrize(("facts", "kept"), [({}, ""), ({"sound": "{}", "asked": ""}, ""), ({"job": "j1"}, CLOUD)])
def test_who_has_no_job_with_a_paused_provider_may_go_to_another(shop: Campaign, play: Play, facts, kept):
    def act(work) -> None:
        work.memory.remember(**facts)
        with db.writing() as session:
            work.hold(session, transcriber=CLOUD)
        raise ProviderError("No credit.", fault=Fault.ACCOUNT)

    play.acts.append(act)
    first = enter(shop)
    step(first.run_id, first.ticket)
    with db.writing() as session:
        session.get_one(Campaign, shop.id).transcriber = "local"
        line.dissolve(session, shop.id or 0)
    run = run_of(first.run_id)
    assert (run.waits_at, run.transcriber) == ("", kept)


def test_a_failed_try_gives_its_place_up_to_the_next(shop: Campaign, play: Play):
    play.acts.extend([Wait(30), ProviderError("Busy."), None])
    one, two = enter(shop), enter(shop)
    step(one.run_id, one.ticket)
    step(two.run_id, two.ticket)
    third = enter(shop)
    assert step(third.run_id, third.ticket) is not None


def test_the_lines_of_a_thousand_calls_cost_one_look_each(shop: Campaign, play: Play, monkeypatch):
    at_work(shop, play)
    for _ in range(20):
        look = enter(shop)
        step(look.run_id, look.ticket)
    monkeypatch.setattr(line, "AT_ONCE", 3)
    monkeypatch.setattr(line.slots, "held", lambda *_: 0)
    monkeypatch.setattr(line.Need, "places", 100)
    assert [len(line.call_up()) for _ in range(8)] == [3, 3, 3, 3, 3, 3, 2, 0]


def test_standing_in_line_gives_no_tries_back(shop: Campaign, play: Play):
    play.acts.append(ProviderError("Busy."))
    failing = enter(shop)
    again = step(failing.run_id, failing.ticket)
    at_work(shop, play)
    assert step(again.run_id, again.ticket) is None
    assert (run_of(failing.run_id).waits_at, run_of(failing.run_id).attempts) == (CLOUD, 1)


def test_the_lines_are_looked_at_over_one_connection(shop: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch):
    at_work(shop, play)
    third = enter(shop)
    step(third.run_id, third.ticket)
    open_now: list[int] = []

    @contextmanager
    def counted() -> Iterator[Session]:
        assert not open_now, "with as many threads as connections, each would wait for the other's second one"
        open_now.append(1)
        with db.reading() as session:
            yield session
        open_now.clear()

    monkeypatch.setattr(line, "reading", counted)
    assert line.call_up() == []


def test_a_line_before_a_door_that_is_no_more_lets_all_look_anew(shop: Campaign, play: Play):
    first, _ = at_work(shop, play)
    others = [enter(shop) for _ in range(2)]
    for look in others:
        step(look.run_id, look.ticket)
    with db.writing() as session:
        session.get_one(Run, others[0].run_id).waits_at = "aardvark"
    drive(first)
    assert {again.run_id for again in line.call_up()} == {look.run_id for look in others}


def test_a_run_that_changes_its_transcriber_gives_its_place_there_up(shop: Campaign, play: Play):
    first, _ = at_work(shop, play)
    with db.writing() as session:
        session.get_one(Run, first.run_id).transcriber = "local"
    held: list[int] = []
    play.acts.append(lambda work: (_settle_on(work, "deepgram"), held.append(places_at(CLOUD)))[-1])
    step(first.run_id, first.ticket)
    assert held == [1]


def places_at(provider: str) -> int:
    with db.reading() as session:
        return slots.held(session, provider)


def add_ai_check(campaign: Campaign) -> None:
    with db.writing() as session:
        spec = CheckSpec(name="Kindness", rule=AiRule(criterion="Was the agent kind?"))
        session.add(Check.of(spec, campaign_id=campaign.id or 0, position=9))


def test_places_of_claude_are_those_of_the_settings(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANTHROPIC_CALLS", "7")
    settings.cache_clear()
    need = line.Need(line.CLAUDE)
    assert (need.places, need.remote, need.label) == (7, True, "Claude")
    assert line.Need("local").remote is False
