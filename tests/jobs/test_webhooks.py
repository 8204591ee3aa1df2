"""Webhooks end to end: a call that is processed, a receiver that verifies, and workers and Redis that break."""

import sys
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from rq import Queue, SimpleWorker
from sqlmodel import col, select

from config import settings
from jobs import enqueue, tasks
from jobs.connection import connect
from pipeline.asking import Due
from pipeline.conductor import CallFailed
from pipeline.outcome import Fault, ProviderError
from records import db, webhooks
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.db import now
from records.deliveries import Delivery, DeliveryState
from records.webhooks import Webhook
from tests.installation import Installation, kill, until
from tests.jobs.conftest import take_in
from tests.pipeline.staging import Play, enter, put_stage
from tests.simulators.receiver import Receiver, Say, receiving

HASTY = Path(__file__).with_name("hasty_worker.py")


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("TOTALVIEW_WEBHOOKS_PRIVATE", "true")
    settings.cache_clear()
    with receiving() as running:
        yield running


@pytest.fixture
def webhook(receiver: Receiver, installation: Installation, campaign: Campaign) -> Webhook:
    with db.writing() as session:
        return webhooks.create(session, COMMAND_LINE, campaign.slug, receiver.url)[0]


def deliveries() -> list[Delivery]:
    with db.reading() as session:
        return list(session.exec(select(Delivery).order_by(col(Delivery.id))))


def states() -> list[str]:
    return [delivery.state for delivery in deliveries()]


def written_down(webhook: Webhook) -> Delivery:
    with db.writing() as session:
        delivery = Delivery(webhook_id=webhook.id, event_id="msg_1", type="call.completed", payload='{"a":1}')
        session.add(delivery)
    return delivery


@pytest.mark.long
def test_a_processed_call_reaches_a_receiver_that_was_out_of_order(
    installation: Installation, receiver: Receiver, webhook: Webhook
):
    receiver.says.append(Say(500, b"not now"))
    installation.start(sys.executable, HASTY)
    installation.totalview("scheduler")
    call = take_in()
    until(lambda: states() and set(states()) == {DeliveryState.SENT}, "everything is sent")
    told = [delivery.type for delivery in deliveries()]
    assert told[0] == "call.completed"
    assert len(receiver.got) == len(told) + 1  # one was tried twice
    for got in receiver.got:
        message = got.verified(webhook.secret)
        assert message["data"]["id"] == call.id
        assert (message["data"]["status"], message["data"]["version"]) == ("completed", 1)
    tried = sorted([entry["status"] for entry in delivery.log] for delivery in deliveries())
    assert tried == [[200]] * (len(told) - 1) + [[500, 200]] or tried == [[200], [500, 200]]
    assert len({got.headers["webhook-id"] for got in receiver.got}) == len(told)


@pytest.mark.long
def test_a_worker_killed_over_a_message_is_followed_by_one_that_sends_it_with_the_same_id(
    installation: Installation, receiver: Receiver, webhook: Webhook
):
    receiver.says.append(Say(wait_s=60))
    delivery = written_down(webhook)
    enqueue.deliver(Due(delivery.id, 1))
    killed = installation.totalview("worker", "--queues", "webhooks")
    until(lambda: bool(receiver.got), "the receiver has the message and says nothing")
    kill(killed.pid)
    killed.wait(60)
    [held] = deliveries()
    assert (held.state, held.tries, held.claim is None) == (DeliveryState.WAITING, 0, False)
    with db.writing() as session:
        session.get_one(Delivery, delivery.id).claim_until = now()
    installation.totalview("worker", "--queues", "webhooks")
    tasks.rescue()
    until(lambda: states() == [DeliveryState.SENT], "it is sent all the same")
    assert [got.headers["webhook-id"] for got in receiver.got] == ["msg_1", "msg_1"]
    assert [got.verified(webhook.secret) for got in receiver.got] == [{"a": 1}] * 2


def test_the_look_that_ends_a_run_asks_for_its_messages_to_be_sent(
    installation: Installation, receiver: Receiver, webhook: Webhook, campaign: Campaign, monkeypatch
):
    put_stage(monkeypatch, "transcription", Play())
    again, queue = enter(campaign), Queue(enqueue.WEBHOOKS, connection=connect())
    for ticket in (1, 2):
        tasks.look(again.run_id, ticket)
        assert queue.job_ids == []
    tasks.look(again.run_id, 3)
    [delivery] = deliveries()
    assert queue.job_ids == [f"delivery-{delivery.id}-1"]
    SimpleWorker([queue], connection=queue.connection).work(burst=True, logging_level="ERROR")
    assert receiver.got[0].verified(webhook.secret)["data"]["id"] == delivery.call_id
    assert states() == [DeliveryState.SENT]


def test_the_look_that_fails_a_run_asks_too(installation: Installation, webhook: Webhook, campaign, monkeypatch):
    put_stage(monkeypatch, "transcription", Play(deque([ProviderError("No.", fault=Fault.RECORDING)])))
    again = enter(campaign)
    with pytest.raises(CallFailed):
        tasks.look(again.run_id, 1)
    [delivery] = deliveries()
    assert delivery.type == "call.failed"
    assert enqueue.deliveries_asked_for(connect()) == {(delivery.id, 1)}


def test_the_hourly_sweep_takes_old_deliveries(installation: Installation, webhook: Webhook):
    delivery = written_down(webhook)
    with db.writing() as session:
        session.get_one(Delivery, delivery.id).created_at = now() - timedelta(days=31)
    tasks.sweep_orphans()
    assert deliveries() == []


def test_the_rescue_job_asks_again_for_what_redis_lost(installation: Installation, webhook: Webhook):
    delivery = written_down(webhook)
    enqueue.deliver(Due(delivery.id, 1))
    with db.writing() as session:
        session.get_one(Delivery, delivery.id).next_at = delivery.created_at.replace(year=2020)
    queue = Queue(enqueue.WEBHOOKS, connection=connect())
    tasks.rescue()
    assert queue.job_ids == [f"delivery-{delivery.id}-1"]
    queue.connection.flushall()
    tasks.rescue()
    assert queue.job_ids == [f"delivery-{delivery.id}-2"]


def test_when_the_clock_was_set_back_a_message_that_waits_is_asked_for_again(
    installation: Installation, webhook: Webhook
):
    delivery = written_down(webhook)
    ahead = now() + timedelta(hours=3)
    with db.writing() as session:
        session.get_one(Delivery, delivery.id).sqlmodel_update({"tries": 1, "first_try_at": ahead, "next_at": ahead})
    tasks.clock_went_back()
    queue = Queue(enqueue.WEBHOOKS, connection=connect())
    assert queue.scheduled_job_registry.get_job_ids() == [f"delivery-{delivery.id}-2"]
    [waits] = deliveries()
    assert waits.next_at <= now() + timedelta(seconds=30)


def test_a_try_in_vain_puts_the_next_one_on_the_schedule(
    installation: Installation, receiver: Receiver, webhook: Webhook
):
    receiver.says.append(Say(500))
    delivery = written_down(webhook)
    tasks.deliver(delivery.id, 1)
    queue = Queue(enqueue.WEBHOOKS, connection=connect())
    assert queue.scheduled_job_registry.get_job_ids() == [f"delivery-{delivery.id}-2"]
    assert enqueue.deliveries_asked_for(queue.connection) == {(delivery.id, 2)}
    assert enqueue.asked_for(queue.connection) == set()


def test_asking_twice_with_one_ticket_asks_once(installation: Installation):
    for _ in range(2):
        assert enqueue.deliver(Due(7, 1))
    assert Queue(enqueue.WEBHOOKS, connection=connect()).job_ids == ["delivery-7-1"]


def test_redis_being_away_is_said_and_no_error(installation: Installation):
    kill(installation.running[0].pid)
    installation.running[0].wait(60)
    assert enqueue.deliver(Due(7, 1)) is False


def test_a_job_about_a_run_is_none_about_a_delivery():
    assert enqueue.ticket_in("delivery-1-2") is None
    assert enqueue.ticket_in("run-1-2", enqueue.DELIVERY) is None
    assert enqueue.ticket_in(enqueue.job_id(1, 2, enqueue.DELIVERY), enqueue.DELIVERY) == (1, 2)
