"""The door through which webhooks are made, changed and tried out: the address is looked up before it is stored."""

from collections.abc import Collection

from pipeline.webhooks import address, deliver, events
from pipeline.webhooks.address import Resolve
from records import access, webhooks
from records.campaigns import Campaign
from records.db import now, reading, stored_id, writing
from records.deliveries import Delivery, DeliveryState, new_event_id
from records.identity import Identity
from records.roles import Permission
from records.webhooks import Webhook

TEST = "webhook.test"  # the type of the message that `try_out` sends


def create(
    who: Identity, campaign_slug: str, url: str, wanted: Collection[str] = (), *, resolve: Resolve = address.resolved
) -> tuple[Webhook, str]:
    """A new webhook, and its secret, which is never shown again. Raises NotUsable, NotFound."""
    with reading() as session:
        access.campaign(session, who, campaign_slug, Permission.KEY_MANAGE)  # who may not has no use of our DNS
    chosen = address.usable(url, resolve)
    with writing() as session:
        return webhooks.create(session, who, campaign_slug, chosen, wanted)


def edit(
    who: Identity,
    webhook_id: int,
    *,
    url: str | None = None,
    wanted: Collection[str] | None = None,
    active: bool | None = None,
    resolve: Resolve = address.resolved,
) -> Webhook:
    """Change what is named; None leaves it. Raises NotUsable, NotFound."""
    with reading() as session:
        webhooks.find(session, who, webhook_id)  # whose it is not has no use of our DNS
    chosen = None if url is None else address.usable(url, resolve)
    with writing() as session:
        return webhooks.edit(session, who, webhook_id, url=chosen, events=wanted, active=active)


def try_out(who: Identity, webhook_id: int, *, resolve: Resolve = address.resolved) -> Delivery:
    """Send a message of type `webhook.test` now, once, whether or not the webhook is paused; what came of it.

    It stands in the log of deliveries, and counts neither for nor against the webhook.
    """
    with reading() as session:
        webhook = webhooks.find(session, who, webhook_id)
        slug = session.get_one(Campaign, webhook.campaign_id).slug
    began = now()
    payload = events.message(TEST, {"webhook": webhook.id, "campaign": slug}, began)
    delivery = Delivery(webhook_id=stored_id(webhook.id), event_id=new_event_id(), type=TEST, payload=payload)
    answer = deliver.send(webhook, delivery, began, resolve=resolve)
    delivery.state = DeliveryState.SENT if answer.taken else DeliveryState.FAILED
    delivery.tries, delivery.first_try_at, delivery.ended_at = 1, began, now()
    delivery.log = [deliver.as_logged(answer, began)]
    with writing() as session:
        webhooks.find(session, who, webhook_id, lock=True)  # it may have been deleted meanwhile
        session.add(delivery)
    return delivery
