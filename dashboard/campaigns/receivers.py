"""How a webhook looks on the page: its address, shortened, and where it stands."""

from typing import Any
from urllib.parse import urlsplit

from dashboard import badges, words
from dashboard.badges import Badge
from records.db import now
from records.deliveries import Delivery
from records.webhooks import Webhook

SHOWN_OF_PATH = 12  # characters; the rest of an address often holds the receiver's secret
WAITS = "What happens meanwhile is written down, and is sent when the webhook is resumed."


def card(webhook: Webhook, last: Delivery | None) -> dict[str, Any]:
    """What the list says of a webhook."""
    facts = [("Told of", ", ".join(webhook.events)), ("Last message", _last(last))]
    facts.append(("Created", f"{words.date(webhook.created_at)} by {webhook.created_by}"))
    if webhook.old_secret_until is not None and webhook.old_secret_until > now():
        facts.append(("Old secret works until", words.date(webhook.old_secret_until)))
    return {
        "title": shortened(webhook.url),
        "code": f"Webhook {webhook.id}",
        "badges": [standing(webhook)._asdict()],
        "facts": facts,
        "notes": [_pause_note(webhook)] if webhook.active and webhook.paused_at else [],
    }


def standing(webhook: Webhook) -> Badge:
    """Whether it is told of anything now."""
    if not webhook.active:
        return badges.WEBHOOK_OFF
    return badges.WEBHOOK_ACTIVE if webhook.paused_at is None else badges.WEBHOOK_PAUSED


def shortened(url: str) -> str:
    """The host and the beginning of the path: the whole address is shown where it is edited."""
    parts = urlsplit(url)
    path = parts.path if parts.path != "/" else ""
    cut = len(path) > SHOWN_OF_PATH or bool(parts.query)
    return f"{parts.netloc}{path[:SHOWN_OF_PATH]}{'…' if cut else ''}"


def named(webhook: Webhook) -> str:
    """A webhook in a list to choose from."""
    return f"{webhook.id}: {shortened(webhook.url)}"


def _last(last: Delivery | None) -> str:
    if last is None:
        return "None yet"
    return f"{badges.DELIVERY[last.state].label}, {words.date(last.ended_at or last.created_at)}"


def _pause_note(webhook: Webhook) -> dict[str, Any]:
    since = f" since {words.date(webhook.paused_at)}" if webhook.paused_at else ""
    lines = [webhook.paused_why, WAITS] if webhook.paused_why else [WAITS]
    return {"colour": "orange", "icon": "pause_circle", "title": f"Paused{since}", "lines": lines}
