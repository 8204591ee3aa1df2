"""The tab Webhooks: where a campaign's events are sent, and what came of it."""

import streamlit as st

from dashboard.campaigns import deliveries, receivers, subscribing
from dashboard.campaigns.dialogs import Once
from dashboard.components import mount
from dashboard.guard import require
from pipeline.webhooks import deliver
from records import deliveries as sent
from records import webhooks
from records.campaigns import Campaign
from records.db import reading, stored_id, writing
from records.deliveries import Delivery, DeliveryState
from records.identity import Identity, NotFound
from records.roles import Permission
from records.webhooks import Webhook

BUSY_S, IDLE_S = 5, 15  # how often it is looked at again: while a message waits, and while none does


def show(campaign: Campaign) -> None:
    """Draw the tab, as whoever is signed in at this moment."""
    who = require(Permission.KEY_MANAGE)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption("Other programs are told what happens to this campaign's calls, by signed messages.")
        if st.button("New webhook", key="webhook-new", type="primary", icon=":material/add:"):
            subscribing.new(campaign, Once())
    pace = BUSY_S if _any_waits(who, campaign) else IDLE_S
    st.fragment(_listing, run_every=pace)(campaign)
    deliveries.open_from_address(campaign)


def _listing(campaign: Campaign) -> None:
    """The webhooks and their log. It never draws the whole page again by itself: that would close an open dialog."""
    who = require(Permission.KEY_MANAGE)
    try:
        with reading() as session:
            found = [webhook for webhook, _ in webhooks.all_of(session, who, campaign.slug)]
            newest = sent.last_of(session, who, campaign.slug)
    except NotFound:
        st.rerun()
    if not found:
        _none_yet()
        return
    for webhook in found:
        _row(webhook, newest.get(stored_id(webhook.id)))
    deliveries.show_log(who, campaign, {stored_id(webhook.id): receivers.named(webhook) for webhook in found})
    with st.expander("How a receiver checks a message", icon=":material/verified_user:"):
        subscribing.how_to_verify()


def _any_waits(who: Identity, campaign: Campaign) -> bool:
    """Whether the newest message of a webhook that listens has still to be sent."""
    with reading() as session:
        listening = {hook.id for hook, _ in webhooks.all_of(session, who, campaign.slug) if hook.listens}
        newest = sent.last_of(session, who, campaign.slug)
    return any(last.state is DeliveryState.WAITING for number, last in newest.items() if number in listening)


def _row(webhook: Webhook, last: Delivery | None) -> None:
    """One webhook, and what may be done with it."""
    number = stored_id(webhook.id)
    with st.container(border=True):
        mount("card", receivers.card(webhook, last), key=f"webhook-card-{number}")
        with st.container(horizontal=True, gap="small"):
            if st.button("Try out", key=f"webhook-try-{number}", icon=":material/send:"):
                subscribing.try_out(webhook)
            if st.button("Edit", key=f"webhook-edit-{number}", icon=":material/edit:"):
                subscribing.edit(webhook)
            if st.button("New secret", key=f"webhook-rotate-{number}", icon=":material/key:"):
                subscribing.rotate(webhook, Once())
            if webhook.paused_at is None:
                st.button(
                    "Pause",
                    key=f"webhook-pause-{number}",
                    icon=":material/pause:",
                    on_click=_pause,
                    args=(number,),
                    disabled=not webhook.active,
                )
            else:
                st.button(
                    "Resume",
                    key=f"webhook-resume-{number}",
                    icon=":material/play_arrow:",
                    on_click=_resume,
                    args=(number,),
                )
            if st.button("Delete", key=f"webhook-delete-{number}", icon=":material/delete:"):
                subscribing.delete(webhook)


def _pause(number: int) -> None:
    """Send nothing from now on, as whoever is signed in at this moment."""
    who = require(Permission.KEY_MANAGE)
    try:
        with writing() as session:
            webhooks.pause(session, who, number)
    except NotFound as gone:
        st.toast(str(gone), icon=":material/info:")
    else:
        st.toast("Paused. What happens meanwhile waits.", icon=":material/pause:")


def _resume(number: int) -> None:
    """Go on, and send what waits, as whoever is signed in at this moment."""
    who = require(Permission.KEY_MANAGE)
    try:
        with writing() as session:
            sent.resume(session, who, number)
    except NotFound as gone:
        st.toast(str(gone), icon=":material/info:")
        return
    waiting = deliver.of_webhook(number)
    subscribing.ask(waiting)
    due = f" {len(waiting)} waiting messages are sent now." if waiting else ""
    st.toast(f"It goes on.{due}", icon=":material/play_arrow:")


def _none_yet() -> None:
    with st.container(border=True):
        st.subheader("No webhooks yet", anchor=False)
        st.write(
            "Name an address of yours, and it is told when a call is completed, flagged or has failed. Messages are "
            "signed, tried again for an hour, and kept here for 30 days."
        )
