"""Takes a delivery one try further: claim it, send it, note what came of it. At least once, and by one at a time."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import uuid4

from sqlmodel import Session, and_, col, or_, select, update
from sqlmodel.sql.expression import SelectOfScalar

from config import settings
from pipeline.asking import Due
from pipeline.webhooks import address, schedule, sender, signing
from pipeline.webhooks.address import Resolve
from pipeline.webhooks.sender import Answer
from records import deliveries
from records.db import now, reading, stored_id, writing
from records.deliveries import Delivery, DeliveryState
from records.runs import Run
from records.webhooks import Webhook, secrets_of

log = logging.getLogger(__name__)

GRACE_S = 5.0  # between a commit and its job there are milliseconds; a delivery this late has lost its job
AT_ONCE = 1000  # deliveries that one look hands out
LONGEST_LINE = 100_000  # those that are put back when the clock was
_hands, _claims = Lock(), set[str]()
LONGEST_LOG = 50  # tries that are kept; a webhook that is resumed again and again adds five each time


@dataclass(frozen=True)
class Held:
    """A delivery that this worker alone sends, and to whom."""

    delivery: Delivery
    webhook: Webhook
    claim: str


def step(delivery_id: int, ticket: int, *, resolve: Resolve = address.resolved) -> Due | None:
    """Send a delivery, if it is still to be sent and nobody else is at it; when it is due again."""
    held = claim(delivery_id, ticket)
    if held is None:
        return None
    began = now()
    with _hands:
        _claims.add(held.claim)
    try:
        return note(held, send(held.webhook, held.delivery, began, resolve=resolve), began)
    finally:
        with _hands:
            _claims.discard(held.claim)


def in_hand() -> int:
    """How many deliveries this process is sending."""
    with _hands:
        return len(_claims)


def send(webhook: Webhook, delivery: Delivery, moment: datetime, *, resolve: Resolve = address.resolved) -> Answer:
    """One try: the message as it was written down, signed for this moment."""
    body = delivery.payload.encode()
    headers = signing.headers(delivery.event_id, moment, body, secrets_of(webhook))
    return sender.send(webhook.url, headers, body, resolve=resolve)


def claim(delivery_id: int, ticket: int) -> Held | None:
    """Take the delivery for this worker; None when the ticket is old, another holds it, or its webhook is paused."""
    token = uuid4().hex
    listening = select(Webhook.id).where(col(Webhook.active), col(Webhook.paused_at).is_(None))
    with writing() as session:
        taken = session.exec(
            update(Delivery)
            .where(
                col(Delivery.id) == delivery_id,
                col(Delivery.ticket) == ticket,
                col(Delivery.state) == DeliveryState.WAITING,
                or_(col(Delivery.claim).is_(None), col(Delivery.claim_until) < now()),
                col(Delivery.webhook_id).in_(listening),
            )
            .values(claim=token, claim_until=_claimed_until())
        )
        if taken.rowcount != 1:
            return None
        delivery = session.get_one(Delivery, delivery_id)
        return Held(delivery, session.get_one(Webhook, delivery.webhook_id), token)


def note(held: Held, answer: Answer, began: datetime) -> Due | None:
    """Write down what came of a try; when to try again. Who lost the claim meanwhile writes nothing."""
    with writing() as session:
        # The webhook first, as all who change both do: two that lock in different orders can lock each other out.
        webhook = _locked(session, held.delivery.webhook_id)
        delivery = session.get(Delivery, held.delivery.id)
        if webhook is None or delivery is None:
            log.info("Delivery %s was deleted while it was sent.", held.delivery.id)
            return None
        first, tries, ticket = delivery.first_try_at or began, delivery.tries + 1, delivery.ticket + 1
        again = None if answer.taken else schedule.next_try(first, tries, now(), answer.wish_s)
        written = session.exec(
            update(Delivery)
            .where(col(Delivery.id) == delivery.id, col(Delivery.claim) == held.claim)
            .values(
                claim=None,
                claim_until=None,
                ticket=ticket,
                tries=tries,
                first_try_at=first,
                log=[*delivery.log, as_logged(answer, began)][-LONGEST_LOG:],
                **_what_follows(answer, again),
            )
        )
        if written.rowcount != 1:
            log.info("Delivery %s went to another worker; this one writes nothing.", held.delivery.id)
            return None
        _count(webhook, answer)
        if again is None:
            session.refresh(delivery)
            deliveries.forget_if_deleted(session, delivery)
        if again is None or not webhook.listens:
            return None
        return Due(stored_id(delivery.id), ticket, max((again - now()).total_seconds(), 0.0))


def of_run(run_id: int) -> list[Due]:
    """What the end of this run had to tell, and nobody has tried yet."""
    call = select(Run.call_id).where(Run.id == run_id).scalar_subquery()
    fresh = _waiting().where(Delivery.call_id == call, Delivery.ticket == 1, col(Delivery.claim).is_(None))
    with reading() as session:
        return [_due(delivery) for delivery in session.exec(fresh)]


def of_webhook(webhook_id: int) -> list[Due]:
    """What waits for this webhook, and may be sent now."""
    free = _waiting().where(Delivery.webhook_id == webhook_id, col(Delivery.claim).is_(None))
    with reading() as session:
        return [_due(delivery) for delivery in session.exec(free.where(col(Delivery.next_at) <= now()))]


def lost(asked_for: Collection[tuple[int, int]]) -> list[Due]:
    """Deliveries that nobody looks after, under new tickets: no job stands for them, or their worker died over them.

    `asked_for` holds (delivery id, ticket) of jobs that are still queued.
    """
    due = now() - timedelta(seconds=GRACE_S)
    unclaimed = and_(col(Delivery.claim).is_(None), col(Delivery.next_at) < due)
    dropped = and_(col(Delivery.claim).is_not(None), col(Delivery.claim_until) < now())
    with reading() as session:
        found = session.exec(_waiting().where(or_(unclaimed, dropped))).all()
    late = [one for one in found if one.claim is not None or (stored_id(one.id), one.ticket) not in asked_for]
    return [again for again in map(_reissue, late) if again is not None]


def after_clock_went_back() -> list[Due]:
    """New tickets for what was put off until a time that has moved away; claims that have are cut short.

    A try counts, and a run's look does not: so each delivery keeps its distance from the try before, from now on.
    """
    moment, waiting = now(), col(Delivery.state) == DeliveryState.WAITING
    with writing() as session:
        held = update(Delivery).where(waiting, col(Delivery.claim).is_not(None))
        session.exec(held.where(col(Delivery.claim_until) > _claimed_until()).values(claim_until=_claimed_until()))
    too_late = [
        and_(col(Delivery.tries) == tries, col(Delivery.next_at) > moment + schedule.distance(tries))
        for tries in range(len(schedule.TRIES_AT_S))
    ]
    free = _waiting().where(col(Delivery.claim).is_(None), or_(*too_late)).limit(LONGEST_LINE)
    with reading() as session:
        found = session.exec(free).all()
    return [again for again in (_put_back(delivery, moment) for delivery in found) if again is not None]


def sweep() -> int:
    """Forget deliveries that are older than 30 days, some at a time; how many they were."""
    total = 0
    while True:
        with writing() as session:
            swept = deliveries.sweep(session)
        total += swept
        if swept == 0:
            return total


def as_logged(answer: Answer, moment: datetime) -> dict[str, Any]:
    """A try as the delivery's log keeps it."""
    return {
        "at": moment.isoformat(),
        "status": answer.status,
        "error": answer.error or None,
        "ms": answer.ms,
        "answer": answer.text,
    }


def _waiting() -> SelectOfScalar[Delivery]:
    """What waits, and not for its webhook; what has waited longest comes first."""
    listening = and_(col(Webhook.active), col(Webhook.paused_at).is_(None))
    waiting = select(Delivery).join(Webhook).where(Delivery.state == DeliveryState.WAITING, listening)
    return waiting.order_by(col(Delivery.next_at), col(Delivery.id)).limit(AT_ONCE)


def _due(delivery: Delivery) -> Due:
    return Due(stored_id(delivery.id), delivery.ticket)


def _claimed_until() -> datetime:
    return now() + timedelta(seconds=sender.WHOLE_S + settings().lease_seconds)


def _put_back(delivery: Delivery, moment: datetime) -> Due | None:
    first, following = schedule.anew(delivery.tries, moment)
    first_try = {"first_try_at": first} if delivery.tries else {}
    again = _reissue(delivery, next_at=following, **first_try)
    return again and replace(again, seconds=(following - moment).total_seconds())


def _reissue(delivery: Delivery, **values: datetime) -> Due | None:
    """A new ticket for what is as it was when we looked."""
    with writing() as session:
        raised = session.exec(
            update(Delivery)
            .where(
                col(Delivery.id) == delivery.id,
                col(Delivery.ticket) == delivery.ticket,
                col(Delivery.claim).is_not_distinct_from(delivery.claim),
                col(Delivery.state) == DeliveryState.WAITING,
            )
            .values(ticket=delivery.ticket + 1, claim=None, claim_until=None, **values)
        )
    return Due(stored_id(delivery.id), delivery.ticket + 1) if raised.rowcount == 1 else None


def _locked(session: Session, webhook_id: int) -> Webhook | None:
    wanted = select(Webhook).where(Webhook.id == webhook_id).with_for_update(key_share=True)
    return session.exec(wanted.execution_options(populate_existing=True)).first()


def _what_follows(answer: Answer, again: datetime | None) -> dict[str, Any]:
    if answer.taken:
        return {"state": DeliveryState.SENT, "ended_at": now()}
    if again is None:
        return {"state": DeliveryState.FAILED, "ended_at": now()}
    return {"next_at": again}


def _count(webhook: Webhook, answer: Answer) -> None:
    """A success clears the count; a tenth try in vain in a row, or the receiver's own wish, pauses the webhook."""
    webhook.failures = 0 if answer.taken else webhook.failures + 1
    if webhook.paused_at is not None or answer.taken:
        return
    if answer.gone:
        why = "The receiver wants no more messages here (410)."
    elif webhook.failures >= schedule.PAUSED_AFTER:
        why = f"{webhook.failures} tries in a row were in vain. The last one: {answer.error}"
    else:
        return
    webhook.paused_at, webhook.paused_why = now(), f"{why} Set the receiver right, then resume the webhook."
    log.warning("Webhook %s is paused: %s", webhook.id, why)
