"""After the clock was set back, no delivery waits the whole step longer, and none uses up its tries."""

from datetime import timedelta

import pytest

from pipeline.webhooks import deliver, schedule
from records import db
from records.campaigns import Campaign
from records.db import now
from records.deliveries import Delivery, DeliveryState
from tests.pipeline.webhooks.conftest import state, step, written_down
from tests.simulators.receiver import Say

STEP = timedelta(hours=5)


def ahead(delivery: Delivery, **facts) -> None:
    with db.writing() as session:
        session.get_one(Delivery, delivery.id).sqlmodel_update(facts)


@pytest.mark.parametrize("tries", range(len(schedule.TRIES_AT_S)))
def test_a_try_keeps_its_distance_from_now_on(desk: Campaign, hook, receiver, tries: int):
    delivery = written_down(hook(desk), tries=tries)
    first, following = schedule.anew(tries, now() + STEP)
    ahead(delivery, next_at=following, first_try_at=first if tries else None)
    [again] = deliver.after_clock_went_back()
    after = state(delivery)
    assert (again.delivery_id, again.ticket, after.ticket, after.tries) == (delivery.id, 2, 2, tries)
    assert again.seconds == schedule.distance(tries).total_seconds()
    assert after.next_at <= now() + schedule.distance(tries)
    assert deliver.after_clock_went_back() == []
    receiver.always = Say(500)
    following_try = step(delivery)
    if tries + 1 < len(schedule.TRIES_AT_S):
        assert following_try is not None
        assert following_try.seconds <= schedule.distance(tries + 1).total_seconds() + schedule.distance(tries).seconds


def test_what_is_not_put_off_for_too_long_is_left_alone(desk: Campaign, hook):
    webhook = hook(desk)
    soon = written_down(webhook, 1, tries=3)
    ahead(soon, next_at=now() + schedule.distance(3) - timedelta(seconds=5))
    ended = written_down(webhook, 2, state=DeliveryState.SENT)
    ahead(ended, next_at=now() + STEP)
    assert deliver.after_clock_went_back() == []


def test_a_dead_workers_claim_is_cut_short_and_a_living_one_s_stays(desk: Campaign, hook):
    delivery = written_down(hook(desk))
    held = deliver.claim(delivery.id or 0, 1)
    assert held is not None
    was = state(delivery).claim_until
    assert deliver.after_clock_went_back() == []
    assert state(delivery).claim_until == was
    ahead(delivery, claim_until=now() + STEP)
    assert deliver.after_clock_went_back() == []
    after = state(delivery)
    assert after.claim == held.claim
    assert after.claim_until is not None
    assert after.claim_until - now() <= timedelta(minutes=2)
