"""The dialogs about a webhook: making, changing, trying out and deleting one, and giving it a new secret."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import streamlit as st

from dashboard.campaigns import dialogs, receivers
from dashboard.campaigns.dialogs import Once
from dashboard.components import mount
from dashboard.guard import require
from jobs import enqueue
from pipeline.asking import Due
from pipeline.webhooks import deliver, subscription
from records import deliveries, webhooks
from records.campaigns import Campaign, NotUsable
from records.db import now, stored_id, writing
from records.deliveries import Delivery, DeliveryState
from records.identity import Identity
from records.roles import Permission
from records.webhooks import LONGEST_URL, Event, Webhook

EVENTS = {
    Event.COMPLETED: ("call.completed", "A result is ready: the first, and each one that a rerun makes."),
    Event.FLAGGED: ("call.flagged", "The result is flagged for review. Comes besides call.completed."),
    Event.FAILED: ("call.failed", "A call could not be processed. Cancelled calls are told to nobody."),
}
LOOKS_UP = "Looking the address up …"
COPY_SECRET = "Copy the secret now, into the receiver. It is shown this once. Messages are signed with it."  # noqa: S105  words
LIBRARY = """from standardwebhooks import Webhook


def verified(body: bytes, headers: dict[str, str], secret: str) -> dict:
    \"\"\"The message. Raises WebhookVerificationError for anybody else's.\"\"\"
    return Webhook(secret).verify(body, headers)
"""


@st.dialog("New webhook", width="medium", icon=":material/webhook:", dismissible=False)
def new(campaign: Campaign, once: Once) -> None:
    """Ask where to and what of, make it, and show its secret once."""
    who = require(Permission.KEY_MANAGE)
    dialogs.ask_then_show(once, partial(_form, who, campaign, once), _made)


def _form(who: Identity, campaign: Campaign, once: Once) -> None:
    url = st.text_input("Address", key="webhook-url", max_chars=LONGEST_URL, placeholder="https://example.com/hook")
    beside_url = st.container()
    chosen = _events("webhook", [*Event])
    beside_events = st.container()
    with st.container(horizontal=True):
        create = st.button("Create webhook", key="webhook-create", type="primary")
        if st.button("Cancel", key="webhook-cancel"):
            dialogs.close()
    if not create or not dialogs.tried(lambda: _some(chosen), beside_events):
        return
    made = dialogs.tried(lambda: subscription.create(who, campaign.slug, url, chosen), beside_url, LOOKS_UP)
    if made is not None:
        once.secret = made[1]


def _made(secret: str) -> None:
    dialogs.show_secret(secret, COPY_SECRET)
    how_to_verify()
    if st.button("I have copied it", key="webhook-copied", type="primary"):
        dialogs.close("The secret is in use. Try the webhook out.")


@st.dialog("Edit webhook", width="medium", icon=":material/edit:", on_dismiss="rerun")
def edit(webhook: Webhook) -> None:
    """Change where to, what of, and whether at all."""
    who = require(Permission.KEY_MANAGE)
    number = stored_id(webhook.id)
    url = st.text_input("Address", value=webhook.url, key=f"webhook-url-{number}", max_chars=LONGEST_URL)
    beside_url = st.container()
    chosen = _events(f"webhook-{number}", webhook.events)
    beside_events = st.container()
    active = st.toggle("On", value=webhook.active, key=f"webhook-active-{number}")
    if not active:
        st.caption("A webhook that is off is told of nothing, and what happens meanwhile is not written down for it.")
    with st.container(horizontal=True):
        save = st.button("Save", key="webhook-save", type="primary")
        if st.button("Cancel", key="webhook-cancel"):
            dialogs.close()
    if not save or not dialogs.tried(lambda: _some(chosen), beside_events):
        return
    given = None if url == webhook.url else url
    changes: dict[str, Any] = {"url": given, "wanted": chosen, "active": active}
    if dialogs.tried(lambda: subscription.edit(who, number, **changes), beside_url, LOOKS_UP):
        if active and not webhook.active:
            ask(deliver.of_webhook(number))
        dialogs.close("The webhook is changed.")


@st.dialog("Try a webhook out", width="medium", icon=":material/send:", on_dismiss="rerun")
def try_out(webhook: Webhook) -> None:
    """Send a test message now, and say what came back."""
    who = require(Permission.KEY_MANAGE)
    st.write("A message of type `webhook.test` is sent to this webhook now, once, also while it is paused or off:")
    st.text(receivers.named(webhook))
    beside = st.container()
    with st.container(horizontal=True):
        send = st.button("Send test message", key="webhook-send", type="primary", icon=":material/send:")
        if st.button("Close", key="webhook-close"):
            dialogs.close()
    if send:
        number = stored_id(webhook.id)
        delivery = dialogs.tried(lambda: subscription.try_out(who, number), beside, "Waiting for the answer …")
        if delivery is not None:
            with beside:
                mount("card", outcome(delivery), key=f"webhook-outcome-{delivery.id}")


def outcome(delivery: Delivery) -> dict[str, Any]:
    """What came of a test message."""
    last = delivery.log[-1]
    lines = [f"The receiver said: {last['answer']}"] if last["answer"] else []
    if delivery.state is DeliveryState.SENT:
        title = f"The message was taken: answered {last['status']} in {last['ms']} ms."
        sign = {"colour": "blue", "icon": "check_circle"}
    else:
        title = f"The message was not taken, after {last['ms']} ms."
        lines = [str(last["error"]), *lines]
        sign = {"colour": "red", "icon": "error"}
    return {"title": "", "notes": [{**sign, "title": title, "lines": lines}]}


@st.dialog("New secret", width="medium", icon=":material/key:", dismissible=False)
def rotate(webhook: Webhook, once: Once) -> None:
    """Make a new secret, and show it once; the one before works for a day."""
    who = require(Permission.KEY_MANAGE)
    dialogs.ask_then_show(once, partial(_sure_to_rotate, who, webhook, once), _made)


def _sure_to_rotate(who: Identity, webhook: Webhook, once: Once) -> None:
    st.text(receivers.named(webhook))
    st.write("For 24 hours messages are signed with the new secret and with the present one, so that none is lost.")
    if webhook.old_secret_until is not None and webhook.old_secret_until > now():
        st.warning(
            "The secret was changed less than a day ago. The one before the present one stops working at once.",
            icon=":material/warning:",
        )
    beside = st.container()
    with st.container(horizontal=True):
        sure = st.button("Make a new secret", key="webhook-rotate-sure", type="primary", icon=":material/key:")
        if st.button("Cancel", key="webhook-cancel"):
            dialogs.close()
    if sure:
        once.secret = dialogs.tried(lambda: _rotate(who, stored_id(webhook.id)), beside) or ""


@st.dialog("Delete this webhook?", icon=":material/delete:")
def delete(webhook: Webhook) -> None:
    """Name it, say what is lost, and delete it."""
    who = require(Permission.KEY_MANAGE)
    st.text(receivers.named(webhook))
    st.write("Its log goes with it, and so do the messages that still wait. This cannot be undone.")
    beside = st.container()
    with st.container(horizontal=True):
        sure = st.button("Delete webhook", key="webhook-delete-sure", type="primary", icon=":material/delete:")
        if st.button("Keep it", key="webhook-keep"):
            dialogs.close()
    if sure and dialogs.tried(lambda: _delete(who, stored_id(webhook.id)), beside):
        dialogs.close("The webhook is deleted.")


def how_to_verify() -> None:
    """What a receiver does with a message, by the library that there is for it."""
    st.markdown(
        "Answer 200 to 299 within 15 seconds, and do the work afterwards. A message may come twice: its `webhook-id` "
        "is the same each time. Verify the body as it came, before you parse it:"
    )
    st.code(LIBRARY, language="python")
    st.markdown(
        "`pip install standardwebhooks`; there is a library of [Standard Webhooks](https://www.standardwebhooks.com) "
        "for most languages. What a message holds, and how to verify it by hand, is in `docs/webhooks.md`."
    )


def ask(due: Iterable[Due]) -> None:
    """Ask workers to send these. While Redis is away, the rescue job finds them."""
    for one in due:
        if not enqueue.deliver(one):
            return


def _events(of: str, now_told: Iterable[str]) -> list[str]:
    """A box for each event; those that are ticked."""
    st.markdown("Told of")
    told = set(now_told)
    return [
        event.value
        for event, (label, what) in EVENTS.items()
        if st.checkbox(f"`{label}`  {what}", value=event in told, key=f"{of}-{event}")
    ]


def _some(chosen: list[str]) -> list[str]:
    if not chosen:
        raise NotUsable("Choose at least one event.")
    return chosen


def _rotate(who: Identity, number: int) -> str:
    with writing() as session:
        return webhooks.rotate(session, who, number)[1]


def _delete(who: Identity, number: int) -> bool:
    with writing() as session:
        deliveries.remove(session, who, number)
    return True
