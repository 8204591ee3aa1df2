"""The tab API: the keys by which programs bring calls."""

from typing import Any

import streamlit as st

from config import settings
from dashboard import badges, words
from dashboard.campaigns import newkey
from dashboard.campaigns.dialogs import Once
from dashboard.components import mount
from dashboard.guard import require
from records import api_keys
from records.api_keys import MOST_LISTED, ApiKey
from records.campaigns import Campaign
from records.db import now, reading
from records.roles import Permission

NEVER = "Never"


def show(campaign: Campaign) -> None:
    """Draw the tab, as whoever is signed in at this moment."""
    who = require(Permission.KEY_MANAGE)
    with reading() as session:
        in_use = api_keys.of_campaign(session, who, campaign.slug)
        ended = api_keys.of_campaign(session, who, campaign.slug, ended=True)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption("Programs bring calls to this campaign, and read them, with a key. A key opens no other campaign.")
        if st.button("New key", key="key-new", type="primary", icon=":material/add:"):
            newkey.new(campaign, Once())
    if in_use:
        for key in in_use:
            _row(campaign, key)
        _bounded(in_use)
    else:
        _none_yet()
    if ended and st.toggle(f"Show ended ({_number(ended)})", key="keys-ended"):
        for key in ended:
            _row(campaign, key)
        _bounded(ended)
    if in_use:
        with st.expander("How to use a key", icon=":material/terminal:"):
            newkey.how_to(campaign)


def _row(campaign: Campaign, key: ApiKey) -> None:
    """One key, and the button that ends it."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        mount("card", card(key), key=f"key-card-{key.id}")
        ended = api_keys.ended(key, now())
        if not ended and st.button("Revoke", key=f"key-revoke-{key.id}", icon=":material/block:"):
            newkey.revoke(campaign, key)


def card(key: ApiKey) -> dict[str, Any]:
    """What the list says of a key."""
    facts = [
        ("Created", f"{words.date(key.created_at)} by {key.created_by}"),
        ("Last used", words.ago(key.last_used_at) if key.last_used_at else NEVER),
    ]
    if key.revoked_at is not None:
        facts.append(("Revoked", words.date(key.revoked_at)))
    else:
        title = "Expired" if api_keys.ended(key, now()) else "Expires"
        facts.append((title, words.date(key.expires_at) if key.expires_at else NEVER))
    facts.append(("Requests a minute", f"{key.rate or settings().api_rate:,}"))
    return {
        "title": key.name or newkey.UNNAMED,
        "code": f"{key.shown}…",
        "badges": [badges.KEY[api_keys.state(key, now())]._asdict()],
        "facts": facts,
    }


def _none_yet() -> None:
    with st.container(border=True):
        st.subheader("No key in use", anchor=False)
        st.write(
            "Make a key for each program that sends recordings here, such as your dialler or a script. It is shown "
            "once, and can be revoked at any time."
        )


def _bounded(keys: list[ApiKey]) -> None:
    if len(keys) == MOST_LISTED:
        st.caption(f"The newest {MOST_LISTED} are shown. `totalview key list` shows all.")


def _number(keys: list[ApiKey]) -> str:
    return f"{len(keys)}+" if len(keys) == MOST_LISTED else str(len(keys))
