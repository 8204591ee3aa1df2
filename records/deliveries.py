"""Deliveries: each event for each webhook, written down with what caused it, and the log of its tries."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, Column, Index, Text, text
from sqlmodel import Field, Session, SQLModel, col, delete, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from records import access, webhooks
from records.calls import Call
from records.campaigns import NotUsable
from records.db import LARGEST_ID, UNSEEN, now, stored_as_value, stored_id
from records.identity import Identity, NotFound
from records.roles import Permission
from records.webhooks import Webhook

KEPT = timedelta(days=30)
AT_ONCE = 500  # rows a transaction, so that others can write in between
MOST_SHOWN = 200
FORGOTTEN = "The call of this message was deleted, and what the message said with it."


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"  # for its time, for its next try, or for its paused webhook
    SENT = "sent"  # the receiver took it
    FAILED = "failed"  # all tries were in vain


_WAITING = text("state = 'waiting'")
_FAILED = text("state = 'failed'")
_ORIGINAL = text("replay_of IS NULL")


class Delivery(SQLModel, table=True):
    """One message to one webhook.

    `ticket` and `claim` are as a run's: a job with an older ticket does nothing, and only the claim's holder writes.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_due", "next_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_webhook_delivery_failed", "id", sqlite_where=_FAILED, postgresql_where=_FAILED),
        Index("ix_webhook_delivery_webhook", "webhook_id", "id"),
        Index(
            "uq_webhook_delivery_event",
            "webhook_id",
            "event_id",
            unique=True,
            sqlite_where=_ORIGINAL,
            postgresql_where=_ORIGINAL,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    webhook_id: int = Field(foreign_key="webhook.id")
    event_id: str = Field(max_length=40)  # the receiver's `webhook-id`: the same in every try and replay
    type: str = Field(max_length=40)
    call_id: str | None = Field(default=None, max_length=32, index=True)  # no foreign key: the log outlives the call
    # JSON, byte for byte as it is sent; empty once it has ended and its call was deleted.
    payload: str = Field(sa_column=Column(Text, nullable=False))
    state: DeliveryState = Field(default=DeliveryState.WAITING, sa_type=stored_as_value(DeliveryState))
    ticket: int = 1
    claim: str | None = Field(default=None, max_length=32)
    claim_until: datetime | None = None
    tries: int = 0
    first_try_at: datetime | None = None
    next_at: datetime = Field(default_factory=now)
    log: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    replay_of: int | None = None  # the delivery that is sent once more
    created_at: datetime = Field(default_factory=now, index=True)
    ended_at: datetime | None = None

    @property
    def is_forgotten(self) -> bool:
        """Whether its call was deleted, and its content with it."""
        return not self.payload


def new_event_id() -> str:
    """A message's own id, by which a receiver knows it again."""
    return f"msg_{uuid4().hex}"


def page(
    session: Session,
    who: Identity,
    *,
    campaign_slug: str = "",
    webhook_id: int | None = None,
    failed: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """Deliveries, newest first; go on with `before` = the last one's id."""
    wanted = _mine(who).order_by(col(Delivery.id).desc()).limit(max(1, min(limit, MOST_SHOWN)))
    if campaign_slug:
        campaign = access.campaign(session, who, campaign_slug, Permission.KEY_MANAGE)
        of_campaign = select(Webhook.id).where(Webhook.campaign_id == campaign.id)
        wanted = wanted.where(col(Delivery.webhook_id).in_(of_campaign))
    if webhook_id is not None:
        wanted = wanted.where(Delivery.webhook_id == webhooks.find(session, who, webhook_id).id)
    if failed:
        wanted = wanted.where(Delivery.state == DeliveryState.FAILED)
    if before is not None:
        wanted = wanted.where(col(Delivery.id) < before)
    return list(session.exec(wanted))


def last_of(session: Session, who: Identity, campaign_slug: str) -> dict[int, Delivery]:
    """The newest delivery of each webhook of a campaign, by the webhook's number."""
    campaign = access.campaign(session, who, campaign_slug, Permission.KEY_MANAGE)
    newest = select(func.max(Delivery.id)).where(Delivery.webhook_id == Webhook.id).correlate(Webhook)
    wanted = webhooks.mine(who).where(Webhook.campaign_id == campaign.id).with_only_columns(newest.scalar_subquery())
    found = session.exec(select(Delivery).where(col(Delivery.id).in_(wanted)))
    return {delivery.webhook_id: delivery for delivery in found}


def find(session: Session, who: Identity, delivery_id: int) -> Delivery:
    """One delivery of a webhook that this person manages; else NotFound."""
    wanted = _mine(who).where(Delivery.id == delivery_id)
    found = session.exec(wanted).first() if 0 < delivery_id <= LARGEST_ID else None
    if found is None:
        raise NotFound("There is no such delivery.")
    return found


def replay(session: Session, who: Identity, delivery_id: int) -> Delivery:
    """Send a delivery once more, now: a new row with the same message and the same event id. Raises NotUsable."""
    old = find(session, who, delivery_id)
    if old.is_forgotten:
        raise NotUsable(FORGOTTEN)
    webhook = webhooks.find(session, who, old.webhook_id, lock=True)
    again = Delivery(
        webhook_id=old.webhook_id,
        event_id=old.event_id,
        type=old.type,
        call_id=old.call_id,
        payload=old.payload,
        replay_of=old.id,
    )
    session.add(again)
    session.flush()
    webhooks.log(session, who, "replay", webhook, event=f"{old.type} {old.event_id}")
    return again


def resume(session: Session, who: Identity, webhook_id: int) -> Webhook:
    """Go on with a paused webhook: what waits is due now, and has all its tries before it again."""
    webhook = webhooks.find(session, who, webhook_id, lock=True)
    if webhook.paused_at is None:
        return webhook
    webhook.paused_at, webhook.paused_why, webhook.failures = None, "", 0
    session.exec(
        update(Delivery)
        .where(
            col(Delivery.webhook_id) == webhook.id,
            col(Delivery.state) == DeliveryState.WAITING,
            col(Delivery.claim).is_(None),
        )
        .values(ticket=Delivery.ticket + 1, tries=0, first_try_at=None, next_at=now())
    )
    webhooks.log(session, who, "resume", webhook)
    return webhook


def remove(session: Session, who: Identity, webhook_id: int) -> None:
    """Delete a webhook, and its deliveries with it."""
    webhook = webhooks.find(session, who, webhook_id, to_delete=True)
    session.exec(delete(Delivery).where(col(Delivery.webhook_id) == webhook.id))
    session.delete(webhook)
    webhooks.log(session, who, "delete", webhook)


def forget(session: Session, call_id: str) -> None:
    """Of a call that is deleted: what ended deliveries said goes. That they were sent, when and where to, stays."""
    ended = select(Delivery).where(Delivery.call_id == call_id, Delivery.state != DeliveryState.WAITING)
    for delivery in session.exec(ended).all():
        _blank(session, delivery)


def forget_if_deleted(session: Session, delivery: Delivery) -> None:
    """The same of one that has ended by now, where its call was deleted while it waited."""
    # Locked, so that a deletion that is under way is waited for, and not missed.
    call = select(Call.id).where(Call.id == delivery.call_id).with_for_update(read=True, key_share=True)
    if delivery.call_id is not None and session.exec(call).first() is None:
        _blank(session, delivery)


def _blank(session: Session, delivery: Delivery) -> None:
    tries = [{**tried, "answer": ""} for tried in delivery.log]  # receivers often repeat what they were sent
    blank = update(Delivery).where(col(Delivery.id) == delivery.id).values(payload="", log=tries)
    session.execute(blank, execution_options=UNSEEN)


def sweep(session: Session) -> int:
    """Forget some of the deliveries that are older than 30 days; how many they were. Repeat until it says 0."""
    oldest = select(Delivery.id).where(col(Delivery.created_at) < now() - KEPT).order_by(col(Delivery.created_at))
    old = [stored_id(number) for number in session.exec(oldest.limit(AT_ONCE))]
    session.exec(delete(Delivery).where(col(Delivery.id).in_(old)))
    return len(old)


def _mine(who: Identity) -> SelectOfScalar[Delivery]:
    return select(Delivery).where(col(Delivery.webhook_id).in_(webhooks.mine(who).with_only_columns(col(Webhook.id))))
