"""A campaign with webhooks to a real receiver, and deliveries to look at."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlmodel import col, select

from config import settings
from pipeline.webhooks import deliver
from records import db, webhooks
from records.access import COMMAND_LINE
from records.campaigns import Campaign
from records.db import now
from records.deliveries import Delivery
from records.webhooks import Webhook
from tests.pipeline.staging import shop
from tests.simulators.receiver import Receiver, receiving


@pytest.fixture
def receiver(home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver on this machine, which may be called here."""
    monkeypatch.setenv("TOTALVIEW_WEBHOOKS_PRIVATE", "true")
    settings.cache_clear()
    with receiving() as running:
        yield running


@pytest.fixture
def hook(receiver: Receiver) -> Callable[..., Webhook]:
    """`hook(campaign, *events)`: a webhook of this campaign to the receiver."""

    def make(campaign: Campaign, *events: str) -> Webhook:
        with db.writing() as session:
            return webhooks.create(session, COMMAND_LINE, campaign.slug, receiver.url, events)[0]

    return make


@pytest.fixture
def desk(home) -> Campaign:
    with db.writing() as session:
        return shop(session)


def all_deliveries() -> list[Delivery]:
    """In the order in which they were written down."""
    with db.reading() as session:
        return list(session.exec(select(Delivery).order_by(col(Delivery.id))))


def webhook_now(webhook: Webhook) -> Webhook:
    with db.reading() as session:
        return session.get_one(Webhook, webhook.id)


def written_down(webhook: Webhook, number: int = 1, **facts) -> Delivery:
    """A delivery that waits."""
    given = {"event_id": f"msg_{number}", "type": "call.completed", "payload": f'{{"number":{number}}}', **facts}
    with db.writing() as session:
        delivery = Delivery(webhook_id=webhook.id, **given)
        session.add(delivery)
    return delivery


def step(delivery: Delivery) -> deliver.Due | None:
    """A try under the delivery's newest ticket."""
    with db.reading() as session:
        ticket = session.get_one(Delivery, delivery.id).ticket
    return deliver.step(delivery.id, ticket)


def state(delivery: Delivery) -> Delivery:
    with db.reading() as session:
        return session.get_one(Delivery, delivery.id)


def long_ago(delivery: Delivery, **facts) -> None:
    """Let it be overdue, and its claim, if it has one, have run out."""
    with db.writing() as session:
        row = session.get_one(Delivery, delivery.id)
        row.next_at = now() - timedelta(minutes=5)
        if row.claim is not None:
            row.claim_until = now() - timedelta(seconds=1)
        row.sqlmodel_update(facts)
