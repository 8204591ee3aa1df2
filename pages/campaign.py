"""One campaign: its settings, checks, keys, webhooks and members."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from dashboard.bulk import ways
from dashboard.campaigns import agreement, checks, general, keys, members, sftp, webhooks, withheld
from dashboard.guard import not_found, require
from dashboard.navigation import go
from dashboard.sftp import notice
from dashboard.words import plain
from records import access
from records.campaigns import Campaign
from records.db import reading
from records.identity import Identity, NotFound
from records.roles import Permission, scope_of

who = require(Permission.CAMPAIGN_READ)


class Tab(NamedTuple):
    """A part of the settings, and which permission opens it."""

    title: str
    icon: str
    permission: Permission
    show: Callable[[Campaign], None]


TABS = (
    Tab("Checks", "checklist", Permission.CAMPAIGN_READ, checks.show),
    Tab("Agreement", "handshake", Permission.CAMPAIGN_READ, agreement.show),
    Tab("General", "tune", Permission.CAMPAIGN_EDIT, general.show),
    Tab("SFTP", "folder_open", Permission.SFTP_CONFIGURE, sftp.show),
    Tab("API", "key", Permission.KEY_MANAGE, keys.show),
    Tab("Webhooks", "webhook", Permission.KEY_MANAGE, webhooks.show),
    Tab("Members", "group", Permission.CAMPAIGN_EDIT, members.show),
)


def asked_for(who: Identity) -> Campaign | None:
    """The campaign in the address, by its slug; None when there is none such for this person."""
    try:
        with reading() as session:
            return access.campaign(session, who, st.query_params.get("id", ""), Permission.CAMPAIGN_READ)
    except NotFound:
        return None


if st.button("Campaigns", icon=":material/arrow_back:", type="tertiary", key="back"):
    go("campaigns.py")

campaign = asked_for(who)
if campaign is None:
    not_found("campaign")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title(plain(campaign.name) or campaign.slug, anchor=False, width="content")
    if not campaign.active:
        st.badge("Archived", icon=":material/archive:", color="gray")
ways.show(who, campaign)
notice.show(campaign)
withheld.show(who, campaign)
tabs = {f":material/{tab.icon}: {tab.title}": tab for tab in TABS if scope_of(who.role, tab.permission)}
asked = st.query_params.get("tab", "")
first = next((label for label, tab in tabs.items() if tab.title.lower() == asked), None)
for place, tab in zip(st.tabs(list(tabs), default=first), tabs.values(), strict=True):
    with place:
        tab.show(campaign)
