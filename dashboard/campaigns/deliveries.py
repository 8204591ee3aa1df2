"""The log of a campaign's webhooks: each message, its tries, and sending it again."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboard import badges, words
from dashboard.badges import Badge
from dashboard.campaigns import dialogs, receivers
from dashboard.campaigns.dialogs import DELIVERY, Once
from dashboard.components import mount
from dashboard.guard import require
from dashboard.navigation import PAGES
from jobs import enqueue
from pipeline.asking import Due
from records import deliveries, webhooks
from records.campaigns import Campaign
from records.db import reading, stored_id, writing
from records.deliveries import Delivery, DeliveryState
from records.identity import Identity, NotFound
from records.roles import Permission
from records.webhooks import Webhook

AT_ONCE = 20  # messages a page
ANY = 0  # every webhook
BEFORE, WHICH, FAILED = "deliveries-before", "deliveries-webhook", "deliveries-failed"
LONGEST_NUMBER = 9  # digits that every database takes as an id
_COLUMNS = (("Event", "name"), ("Webhook", "text"), ("Call", "text"), ("State", "badge"))
_FACTS = (("Answer", "text"), ("Tries", "right"), ("Written", "date"))


def show_log(who: Identity, campaign: Campaign, names: Mapping[int, str]) -> None:
    """One page of messages, newest first; part of a fragment."""
    st.subheader("Messages", anchor=False)
    if WHICH not in st.session_state:  # the page was left meanwhile, and with it the place in the list
        _newest()
    before = st.session_state.get(BEFORE)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        labels = {ANY: "All webhooks", **names}
        which = st.selectbox(
            "Webhook", list(labels), key=WHICH, format_func=labels.__getitem__, on_change=_newest, width=280
        )
        failed = st.toggle("Failed only", key=FAILED, on_change=_newest)
    with reading() as session:
        found = deliveries.page(
            session,
            who,
            campaign_slug=campaign.slug,
            webhook_id=which if which in names else None,
            failed=failed,
            before=before,
            limit=AT_ONCE + 1,
        )
    if not found:
        _nothing(failed=failed, any_older=before is not None)
        return
    opened = mount("table", table(found[:AT_ONCE], campaign, names), key="deliveries")
    _foot(found, before)
    if opened and opened.isdecimal():
        st.query_params[DELIVERY] = opened
        open_from_address(campaign)


def open_from_address(campaign: Campaign) -> None:
    """Show the message that the address names, if it names one."""
    asked = st.query_params.get(DELIVERY, "")
    if asked:
        number = int(asked) if asked.isdecimal() and len(asked) <= LONGEST_NUMBER else 0
        detail(campaign, number, Once())


def _left() -> None:
    """The dialog was dismissed."""
    st.query_params.pop(DELIVERY, None)


@st.dialog("Message", width="medium", icon=":material/mail:", on_dismiss=_left)
def detail(campaign: Campaign, number: int, once: Once) -> None:
    """One message: each try, what was sent, and the way to send it again."""
    who = require(Permission.KEY_MANAGE)
    try:
        delivery, webhook = _found(who, campaign, number)
    except NotFound:
        st.write("There is no such message. Messages are kept for 30 days, and go with their webhook.")
        return
    mount("card", card(delivery, webhook), key=f"delivery-card-{number}")
    if delivery.log:
        mount("facts", {"timeline": [_try(each) for each in reversed(delivery.log)]}, key=f"delivery-tries-{number}")
    if delivery.is_forgotten:
        st.write(deliveries.FORGOTTEN)
    else:
        st.code(readable(delivery.payload), language="json", height=260, wrap_lines=True)
    beside = st.container()
    with st.container(horizontal=True, vertical_alignment="center"):
        again = st.button(
            "Send again", key="delivery-again", icon=":material/replay:", type="primary", disabled=delivery.is_forgotten
        )
        if delivery.call_id:
            st.page_link(
                PAGES / "call.py", label="Open the call", icon=":material/call:", query_params={"id": delivery.call_id}
            )
    if again and not once.done:
        made = dialogs.tried(lambda: _replay(who, delivery), beside)
        once.done = made is not None
        if made is not None:
            enqueue.deliver(Due(stored_id(made.id), made.ticket))
            dialogs.close("It is sent again." if webhook.listens else "It waits until the webhook sends again.")


def _found(who: Identity, campaign: Campaign, number: int) -> tuple[Delivery, Webhook]:
    """The message, and the webhook that it is for. Those of another campaign are not there."""
    with reading() as session:
        delivery = deliveries.find(session, who, number)
        webhook = webhooks.find(session, who, delivery.webhook_id)
    if webhook.campaign_id != campaign.id:
        raise NotFound("There is no such delivery.")
    return delivery, webhook


def _replay(who: Identity, delivery: Delivery) -> Delivery:
    with writing() as session:
        return deliveries.replay(session, who, stored_id(delivery.id))


def table(found: list[Delivery], campaign: Campaign, names: Mapping[int, str]) -> dict[str, Any]:
    """What the list says of messages."""
    titles = (*_COLUMNS, *_FACTS)
    return {
        "label": "Messages",
        "columns": [{"title": title, "kind": kind} for title, kind in titles],
        "rows": [_row(delivery, campaign, names) for delivery in found],
    }


def _row(delivery: Delivery, campaign: Campaign, names: Mapping[int, str]) -> dict[str, Any]:
    name, said = names.get(delivery.webhook_id, ""), answer(delivery)
    filename = "" if delivery.is_forgotten else called(delivery.payload)
    cells = (
        {"text": delivery.type, "title": f"{delivery.type} {delivery.event_id}"},
        {"text": name, "title": name},
        {"text": filename, "title": filename} if filename else None,
        badges.DELIVERY[delivery.state]._asdict(),
        {"text": said, "title": str(delivery.log[-1]["error"] or said)} if said else None,
        {"text": "1 try" if delivery.tries == 1 else f"{delivery.tries} tries"},
        {"text": words.date(delivery.created_at)},
    )
    address = urlencode({"id": campaign.slug, DELIVERY: delivery.id})
    return {"id": str(delivery.id), "href": f"/campaign?{address}", "cells": list(cells)}


def card(delivery: Delivery, webhook: Webhook) -> dict[str, Any]:
    """What is said of one message above its tries."""
    facts = [("Webhook", receivers.named(webhook)), ("Written", words.date(delivery.created_at))]
    if delivery.state is DeliveryState.WAITING:
        due = f"Not before {words.date(delivery.next_at)}" if delivery.tries else "Soon"
        facts.append(("Next try", due if webhook.listens else "When the webhook sends again"))
    if delivery.replay_of is not None:
        facts.append(("Sent again from", f"Message {delivery.replay_of}"))
    facts.append(("webhook-id", delivery.event_id))
    return {"title": delivery.type, "badges": [badges.DELIVERY[delivery.state]._asdict()], "facts": facts}


def _try(tried: Mapping[str, Any]) -> dict[str, Any]:
    """A try as a line of the timeline."""
    taken = not tried["error"]
    label = f"{tried['status'] or 'No answer'}"
    sign = Badge(label, "green", "check_circle") if taken else Badge(label, "red", "error")
    return {
        "badge": sign._asdict(),
        "when": f"{words.to_the_second(datetime.fromisoformat(tried['at']))}, {tried['ms']} ms",
        "words": tried["error"] or "",
        "by": f"The receiver said: {tried['answer']}" if tried["answer"] else "",
    }


def answer(delivery: Delivery) -> str:
    """The last answer in short."""
    if not delivery.log:
        return ""
    last = delivery.log[-1]
    return f"{last['status']} in {last['ms']} ms" if last["status"] else "No answer"


def called(payload: str) -> str:
    """The name of the recording that a message is about; empty for a test."""
    return str(json.loads(payload).get("data", {}).get("filename") or "")


def readable(payload: str) -> str:
    """The message for a person's eyes; it is sent without the line breaks."""
    return json.dumps(json.loads(payload), indent=2, ensure_ascii=False)


def _nothing(*, failed: bool, any_older: bool) -> None:
    with st.container(border=True):
        if any_older:
            st.write("There is nothing older.")
            st.button("Newest", key="deliveries-newest", on_click=_newest)
        elif failed:
            st.write("No message has failed.")
        else:
            st.write("Nothing was sent yet. Try a webhook out, or upload a call.")


def _foot(found: list[Delivery], before: int | None) -> None:
    """The way to older messages, and back."""
    older = len(found) > AT_ONCE
    if not older and before is None:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "Newest", key="deliveries-newest", icon=":material/first_page:", disabled=before is None, on_click=_newest
        )
        edge = stored_id(found[:AT_ONCE][-1].id)
        st.button(
            "Older",
            key="deliveries-older",
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=not older,
            on_click=_older,
            args=(edge,),
        )


def _older(edge: int) -> None:
    st.session_state[BEFORE] = edge


def _newest() -> None:
    st.session_state.pop(BEFORE, None)
