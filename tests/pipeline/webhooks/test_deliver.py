"""A delivery's way: tried, tried again, taken or failed; by one worker at a time, and with the same id throughout."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from pipeline.webhooks import deliver, schedule
from pipeline.webhooks.sender import Answer
from records import db, deliveries, webhooks
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.db import now
from records.deliveries import Delivery, DeliveryState
from records.webhooks import Webhook, secrets_of
from tests.pipeline.webhooks.conftest import all_deliveries, long_ago, state, step, webhook_now, written_down
from tests.simulators.receiver import Say

VAIN = Answer(500, "The receiver answered 500; only 200 to 299 counts as taken.")


def test_a_delivery_that_is_taken_is_sent_once(store: Campaign, hook, receiver):
    webhook = hook(store)
    delivery = written_down(webhook)
    assert step(delivery) is None
    assert step(delivery) is None
    [got] = receiver.got
    assert got.verified(webhook.secret) == {"number": 1}
    assert got.body == delivery.payload.encode()
    after = state(delivery)
    assert (after.state, after.tries, after.claim) == (DeliveryState.SENT, 1, None)
    assert after.ended_at is not None
    [entry] = after.log
    assert (entry["status"], entry["error"]) == (200, None)


def test_after_500_it_is_tried_again_in_30_s_with_the_same_id(desk, hook, receiver):
    webhook = hook(desk)
    delivery = written_down(webhook)
    receiver.says.append(Say(500, b"out of order"))
    again = step(delivery)
    assert again is not None
    assert (again.delivery_id, again.ticket) == (delivery.id, 2)
    assert 28 < again.seconds <= 30
    assert webhook_now(webhook).failures == 1
    assert deliver.step(again.delivery_id, again.ticket) is None
    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "msg_1"
    assert first.body == second.body
    log = state(delivery).log
    assert [(entry["status"], entry["answer"]) for entry in log] == [(500, "out of order"), (200, "")]
    assert webhook_now(webhook).failures == 0


def test_five_tries_in_vain_are_the_end_of_it(desk, hook, receiver):
    delivery = written_down(hook(desk))
    receiver.always = Say(500)
    asked = [step(delivery) for _ in range(5)]
    assert [again is None for again in asked] == [False, False, False, False, True]
    assert step(delivery) is None
    assert len(receiver.got) == 5
    after = state(delivery)
    assert (after.state, after.tries, len(after.log)) == (DeliveryState.FAILED, 5, 5)
    assert after.ended_at is not None


def test_a_longer_wish_of_the_receiver_is_heard(desk, hook, receiver):
    receiver.says.append(Say(429, headers={"retry-after": "300"}))
    again = step(written_down(hook(desk)))
    assert again is not None
    assert 298 < again.seconds <= 300


def test_an_old_ticket_sends_nothing(desk, hook, receiver):
    delivery = written_down(hook(desk), ticket=3)
    assert deliver.step(delivery.id, 2) is None
    assert deliver.step(delivery.id, 4) is None
    assert deliver.step(999, 1) is None
    assert receiver.got == []


def test_of_many_workers_at_once_one_sends_it(store: Campaign, hook, receiver):
    delivery = written_down(hook(store))
    receiver.always = Say(wait_s=0.1)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: deliver.step(delivery.id, 1), range(12)))
    assert len(receiver.got) == 1
    assert state(delivery).state is DeliveryState.SENT


def test_who_lost_the_claim_writes_nothing(store: Campaign, hook, receiver):
    webhook = hook(store)
    delivery = written_down(webhook)
    slow = deliver.claim(delivery.id, 1)
    assert slow is not None
    long_ago(delivery)
    [again] = deliver.lost(set())
    assert deliver.step(again.delivery_id, again.ticket) is None
    assert deliver.note(slow, VAIN, now()) is None
    after = state(delivery)
    assert (after.state, after.tries, len(after.log)) == (DeliveryState.SENT, 1, 1)
    assert webhook_now(webhook).failures == 0


def test_a_worker_that_died_is_followed_by_another_with_the_same_id(desk, hook, receiver):
    delivery = written_down(hook(desk))
    assert deliver.claim(delivery.id, 1) is not None
    assert deliver.lost(set()) == []  # its claim still holds
    long_ago(delivery)
    [again] = deliver.lost({(delivery.id, 1)})  # the dead worker's job may stand in the books for long
    assert again.ticket == 2
    assert deliver.step(delivery.id, 1) is None
    deliver.step(again.delivery_id, again.ticket)
    assert [got.headers["webhook-id"] for got in receiver.got] == ["msg_1"]


def test_what_redis_lost_is_asked_for_again_and_what_is_queued_is_not(store: Campaign, hook):
    webhook = hook(store)
    lost, queued, young, later = (written_down(webhook, number) for number in range(1, 5))
    for delivery in (lost, queued):
        long_ago(delivery)
    long_ago(later, next_at=now() + timedelta(hours=1))
    assert [one.delivery_id for one in deliver.lost({(queued.id, 1)})] == [lost.id]
    assert (state(lost).ticket, state(queued).ticket, state(young).ticket) == (2, 1, 1)


def test_ten_tries_in_vain_in_a_row_pause_the_webhook_and_what_waits_is_kept(desk, hook, receiver):
    webhook = hook(desk)
    receiver.always = Say(500)
    ten = [written_down(webhook, number) for number in range(12)]
    for delivery in ten[:9]:
        step(delivery)
    assert webhook_now(webhook).paused_at is None
    assert step(ten[9]) is None  # nothing to ask for: it waits for its webhook
    paused = webhook_now(webhook)
    assert paused.paused_at is not None
    assert paused.paused_why.startswith("10 tries in a row were in vain. The last one: The receiver answered 500")
    for delivery in ten:
        long_ago(delivery)
        step(delivery)
    assert len(receiver.got) == 10
    assert deliver.lost(set()) == []
    assert {delivery.state for delivery in all_deliveries()} == {DeliveryState.WAITING}


def test_resume_sends_what_waited_with_all_tries_before_it(store: Campaign, hook, receiver):
    webhook = hook(store)
    deliveries_ = [written_down(webhook, number) for number in range(3)]
    ended = written_down(webhook, 9, state=DeliveryState.FAILED)
    receiver.always = Say(500)
    for _ in range(4):
        step(deliveries_[0])
    with db.writing() as session:
        webhooks.pause(session, COMMAND_LINE, webhook.id)
    assert deliver.of_webhook(webhook.id) == []
    assert step(deliveries_[1]) is None
    with db.writing() as session:
        deliveries.resume(session, COMMAND_LINE, webhook.id)
    receiver.always = Say()
    due = deliver.of_webhook(webhook.id)
    assert {one.delivery_id for one in due} == {delivery.id for delivery in deliveries_}
    assert state(deliveries_[0]).tries == 0
    assert webhook_now(webhook).failures == 0
    for one in due:
        deliver.step(one.delivery_id, one.ticket)
    assert {state(delivery).state for delivery in deliveries_} == {DeliveryState.SENT}
    assert state(ended).state is DeliveryState.FAILED


def test_a_success_in_between_begins_the_count_anew(desk, hook, receiver):
    webhook = hook(desk)
    receiver.says.extend([Say(500)] * 9 + [Say(200)] + [Say(500)] * 9)
    for number in range(19):
        step(written_down(webhook, number))
    assert (webhook_now(webhook).failures, webhook_now(webhook).paused_at) == (9, None)


def test_410_pauses_at_once(desk, hook, receiver):
    webhook = hook(desk)
    delivery = written_down(webhook)
    receiver.says.append(Say(410))
    assert step(delivery) is None
    assert webhook_now(webhook).paused_why.startswith("The receiver wants no more messages here (410).")
    assert state(delivery).state is DeliveryState.WAITING


def test_an_inactive_webhook_is_sent_nothing(desk, hook, receiver):
    webhook = hook(desk)
    delivery = written_down(webhook)
    with db.writing() as session:
        webhooks.edit(session, COMMAND_LINE, webhook.id, active=False)
    assert step(delivery) is None
    long_ago(delivery)
    assert (deliver.lost(set()), receiver.got) == ([], [])


def test_a_webhook_deleted_while_a_message_is_under_way_is_no_error(store: Campaign, hook, receiver):
    webhook = hook(store)
    delivery = written_down(webhook)
    held = deliver.claim(delivery.id, 1)
    with db.writing() as session:
        deliveries.remove(session, COMMAND_LINE, webhook.id)
    assert deliver.note(held, VAIN, now()) is None
    assert all_deliveries() == []


def test_both_secrets_sign_for_a_day_after_a_rotation(desk, hook, receiver):
    webhook = hook(desk)
    with db.writing() as session:
        _, new = webhooks.rotate(session, COMMAND_LINE, webhook.id)
    step(written_down(webhook))
    receiver.got[0].verified(new)
    receiver.got[0].verified(webhook.secret)
    with db.writing() as session:
        session.get_one(Webhook, webhook.id).old_secret_until = now()
    assert secrets_of(webhook_now(webhook)) == [new]


def test_a_replay_carries_the_same_id_and_content(desk, hook, receiver):
    webhook = hook(desk)
    delivery = written_down(webhook)
    step(delivery)
    with db.writing() as session:
        again = deliveries.replay(session, COMMAND_LINE, delivery.id)
    step(again)
    first, second = receiver.got
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert second.verified(webhook.secret)
    assert state(again).replay_of == delivery.id


def test_the_log_does_not_grow_for_ever(desk, hook, receiver):
    receiver.always = Say(500)
    delivery = written_down(hook(desk), log=[{"at": str(number)} for number in range(60)])
    step(delivery)
    log = state(delivery).log
    assert (len(log), log[-1]["status"]) == (deliver.LONGEST_LOG, 500)


def test_what_is_older_than_30_days_is_swept(store: Campaign, hook, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deliveries, "AT_ONCE", 2)
    webhook = hook(store)
    old = now() - timedelta(days=30, minutes=1)
    for number in range(5):
        written_down(webhook, number, created_at=old)
    kept = written_down(webhook, 9, created_at=now() - timedelta(days=29))
    assert deliver.sweep() == 5
    assert [delivery.id for delivery in all_deliveries()] == [kept.id]


def test_what_is_under_way_is_counted(desk, hook, receiver, monkeypatch: pytest.MonkeyPatch):
    seen = []
    monkeypatch.setattr(deliver, "send", lambda *_, **__: seen.append(deliver.in_hand()) or Answer(200))
    step(written_down(hook(desk)))
    assert (seen, deliver.in_hand()) == ([1], 0)


def test_a_failed_try_counts_from_the_first_though_the_second_came_late(desk, hook, receiver):
    receiver.always = Say(500)
    delivery = written_down(hook(desk), tries=1, first_try_at=now() - timedelta(seconds=30))
    again = step(delivery)
    assert again is not None
    assert 88 < again.seconds <= schedule.TRIES_AT_S[2] - 30


def test_an_event_is_written_down_once_a_webhook(store: Campaign, hook):
    webhook = hook(store)
    written_down(webhook)
    with pytest.raises(Exception, match=r"(?i)unique"), db.writing() as session:
        session.add(Delivery(webhook_id=webhook.id, event_id="msg_1", type="call.completed", payload="{}"))
