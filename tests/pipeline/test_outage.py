"""What is the provider's trouble and not a recording's: its calls wait without limit, and go on by themselves."""

import pytest
from sqlmodel import col, func, select

from config import settings
from pipeline import line, runs
from pipeline.asking import first_look
from pipeline.outcome import Fault, ProviderError, Wait
from records import db
from records.campaigns import Campaign
from records.slots import ProviderSlot
from records.statuses import CallStatus
from tests.pipeline.remote import (
    BUSY,
    CLOUD,
    NOBODY,
    REFUSED,
    once,
    put_cloud,
    state,
    time_to_try,
    to_the_end_of_its_tries,
)
from tests.pipeline.staging import Play, call_of, drive, enter, fails, run_of, timeline

S = CallStatus


@pytest.fixture
def shop(store: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    put_cloud(monkeypatch, places=5)
    monkeypatch.setenv("TOTALVIEW_MAX_ATTEMPTS", "3")
    settings.cache_clear()
    return store


def places_taken() -> int:
    with db.reading() as session:
        return session.exec(select(func.count()).where(col(ProviderSlot.run_id).is_not(None))).one()


def test_a_refused_key_pauses_the_provider_and_not_the_call_alone(shop: Campaign, play: Play):
    play.acts.append(REFUSED)
    first, second = enter(shop), enter(shop)
    assert once(first) is None
    assert once(second) is None, "nobody else is sent to a provider that is known to refuse"
    for look, status in ((first, S.TRANSCRIBING), (second, S.PENDING)):
        run, call = run_of(look.run_id), call_of(look.run_id)
        assert (run.waits_at, run.waiting_for, run.claim, run.attempts) == (CLOUD, str(REFUSED), None, 0)
        assert (call.status, call.error) == (status, None)
    assert (places_taken(), len(play.looks)) == (0, 1)
    assert state().words == str(REFUSED)


def test_while_it_is_paused_one_call_at_a_time_tries_it(shop: Campaign, play: Play):
    play.acts.extend([REFUSED, REFUSED, REFUSED])
    looks = [enter(shop) for _ in range(3)]
    for look in looks:
        once(look)
    assert line.call_up() == []
    with time_to_try():
        [called] = line.call_up()
    assert called.run_id == looks[0].run_id
    assert once(called) is None
    assert line.call_up() == []
    with time_to_try():
        [called] = line.call_up()
    assert called.run_id == looks[1].run_id, "who has tried in vain stands behind those who have not"
    assert once(called) is None
    assert (state().words, len(play.looks)) == (str(REFUSED), 3)


def test_all_go_on_when_one_has_come_through(shop: Campaign, play: Play, caplog):
    play.acts.append(REFUSED)
    looks = [enter(shop) for _ in range(3)]
    for look in looks:
        once(look)
    with time_to_try():
        [called] = line.call_up()
    drive(called)
    assert state().paused_since is None
    assert "Cloud is well again" in caplog.text
    rest = line.call_up()
    assert {again.run_id for again in rest} == {look.run_id for look in looks} - {called.run_id}
    for again in rest:
        drive(again)
    assert [call_of(look.run_id).status for look in looks] == [S.COMPLETED] * 3


def test_an_outage_lasts_as_long_as_it_lasts_and_fails_nobody(shop: Campaign, play: Play):
    play.acts.extend([REFUSED] * 30)
    first = enter(shop)
    once(first)
    for _ in range(29):
        with time_to_try():
            [again] = line.call_up()
        assert once(again) is None
    assert (call_of(first.run_id).status, run_of(first.run_id).attempts) == (S.TRANSCRIBING, 0)
    assert len(timeline(call_of(first.run_id))) == 2, "an outage adds no line to the timeline each minute"


def test_nobody_there_is_tried_a_few_times_and_then_waited_out(shop: Campaign, play: Play):
    play.acts.extend([NOBODY] * 3)
    first = enter(shop)
    to_the_end_of_its_tries(first)
    assert (call_of(first.run_id).status, run_of(first.run_id).waits_at) == (S.TRANSCRIBING, CLOUD)
    assert state().words == str(NOBODY)


def test_one_call_s_passing_trouble_fails_that_call(shop: Campaign, play: Play):
    play.acts.extend([BUSY] * 3)
    first = enter(shop)
    assert fails(first) == str(BUSY)
    assert (call_of(first.run_id).status, state().paused_since) == (S.FAILED, None)


def test_trouble_of_several_calls_in_turn_is_the_provider_s(shop: Campaign, play: Play):
    play.acts.extend([BUSY] * 5)
    looks = [enter(shop) for _ in range(3)]
    once(looks[0])
    once(looks[1])
    to_the_end_of_its_tries(looks[2])
    assert call_of(looks[2].run_id).status is S.TRANSCRIBING
    assert (run_of(looks[2].run_id).waits_at, state().words) == (CLOUD, str(BUSY))


def test_a_success_in_between_says_that_it_is_the_calls(shop: Campaign, play: Play):
    play.acts.extend([BUSY, BUSY, Wait(1), BUSY, BUSY, BUSY])
    looks = [enter(shop) for _ in range(4)]
    for look in looks[:3]:
        once(look)
    assert fails(looks[3]) == str(BUSY)


def test_a_recording_s_own_fault_says_nothing_about_the_provider(shop: Campaign, play: Play):
    play.acts.append(ProviderError("Not speech.", fault=Fault.RECORDING))
    fails(enter(shop))
    assert state() is None


def test_a_provider_s_job_is_remembered_through_an_outage(shop: Campaign, play: Play):
    seen = []

    def submit(work) -> Wait:
        work.memory.remember(job="j1")
        return Wait(30)

    play.acts.extend([submit, REFUSED, lambda work: seen.append(dict(work.memory.facts))])
    again = once(enter(shop))
    once(again)
    with time_to_try():
        [called] = line.call_up()
    drive(called)
    assert seen == [{"job": "j1"}]


def test_the_local_recogniser_is_never_paused(desk: Campaign, play: Play, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOTALVIEW_MAX_ATTEMPTS", "1")
    settings.cache_clear()
    play.acts.extend([BUSY] * 4)
    for _ in range(4):
        assert fails(enter(desk)) == str(BUSY)


def test_an_answer_brought_while_we_put_the_run_off_is_looked_at_at_once(shop: Campaign, play: Play):
    def submit(work) -> Wait:
        secret = runs.answers.expect
        with db.writing() as session:
            known = secret(session, work.run_id)
        with db.writing() as session:
            runs.answers.bring(session, work.run_id, known, b"{}")
        return Wait(600)

    play.acts.append(submit)
    again = once(enter(shop))
    assert again.seconds == 0
    drive(again)


def test_the_address_for_an_answer_is_closed_when_the_stage_is_done(shop: Campaign, play: Play):
    def submit(work) -> None:
        with db.writing() as session:
            runs.answers.expect(session, work.run_id)

    play.acts.append(submit)
    first = enter(shop)
    once(first)
    with db.reading() as session:
        assert runs.answers.brought(session, first.run_id) is None
        assert session.get(runs.answers.ProviderAnswer, first.run_id) is None
    drive(first_look(run_of(first.run_id)))
