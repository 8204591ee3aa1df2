"""Making an API key, the one time that it is shown, and revoking one."""

import shlex
from datetime import date, datetime, timedelta
from functools import partial

import streamlit as st

from config import settings
from dashboard import words
from dashboard.campaigns import dialogs
from dashboard.campaigns.dialogs import Once
from dashboard.guard import require
from records import api_keys
from records.api_keys import HIGHEST_RATE, ApiKey
from records.campaigns import Campaign, NotUsable
from records.db import now, stored_id, writing
from records.identity import Identity
from records.roles import Permission

DAYS = (30, 90, 365)
NEVER, ON_A_DAY = 0, -1
EXPIRIES = {NEVER: "Never", **{days: f"In {days} days" for days in DAYS}, ON_A_DAY: "At the end of a day …"}
UNNAMED = "Key without a name"
LOSES = "Programs that use it are refused from now on, also in the middle of an upload. Calls that it brought stay."


@st.dialog("New API key", width="medium", icon=":material/key:", dismissible=False)
def new(campaign: Campaign, once: Once) -> None:
    """Ask what the key is for, make it, show it once. Only its buttons close it: a stray click would lose the key."""
    who = require(Permission.KEY_MANAGE)
    dialogs.ask_then_show(once, partial(_form, who, campaign, once), partial(_made, campaign))


def _form(who: Identity, campaign: Campaign, once: Once) -> None:
    """What a key needs to be told."""
    name = st.text_input("Name", key="key-name", max_chars=200, placeholder="What uses it, such as: our dialler")
    beside_name = st.container()
    expiry = st.selectbox("Expires", list(EXPIRIES), key="key-expiry", format_func=EXPIRIES.__getitem__)
    day = None
    if expiry == ON_A_DAY:
        day = st.date_input("Last day", value=None, key="key-day", min_value=now().date() - timedelta(days=1))
    beside_day = st.container()
    rate = st.number_input(
        "Requests a minute",
        min_value=1,
        max_value=HIGHEST_RATE,
        value=None,
        step=1,
        key="key-rate",
        placeholder=f"{settings().api_rate:,}, as this server is set",
    )
    with st.container(horizontal=True):
        create = st.button("Create key", key="key-create", type="primary")
        if st.button("Cancel", key="key-cancel"):
            dialogs.close()
    if not create:
        return
    end = dialogs.tried(lambda: (ends_at(expiry, day),), beside_day)
    if end is not None:
        secret = dialogs.tried(lambda: _create(who, campaign, name, end[0], rate), beside_name)
        once.secret = secret or ""


def ends_at(expiry: int, day: date | None) -> datetime | None:
    """The last moment of a key; None when it has none. Raises NotUsable."""
    if expiry == NEVER:
        return None
    if expiry != ON_A_DAY:
        return now() + timedelta(days=expiry)
    if day is None:
        raise NotUsable("Choose the last day on which the key works.")
    end = words.end_of_day(day)
    if end <= now():
        raise NotUsable("That day is past, so that the key would never work. Choose a later one.")
    return end


def _create(who: Identity, campaign: Campaign, name: str, end: datetime | None, rate: int | None) -> str:
    with writing() as session:
        return api_keys.create(session, who, campaign.slug, name=name, expires_at=end, rate=rate)[1]


def _made(campaign: Campaign, secret: str) -> None:
    """The key itself, and how to use it."""
    words_ = "Copy the key now. It is shown this once, and nobody can read it again: only a hash of it is kept."
    dialogs.show_secret(secret, words_)
    how_to(campaign)
    if st.button("I have copied it", key="key-copied", type="primary"):
        dialogs.close("The key is ready to be used.")


def how_to(campaign: Campaign) -> None:
    """A first upload, with the key in a variable, so that it does not stay in the shell's history."""
    address = settings().address
    st.markdown("Put the key into a variable: run this, paste the key, press Enter. It leaves no trace in the history.")
    st.code("read -rs TOTALVIEW_API_KEY && export TOTALVIEW_API_KEY", language="bash", wrap_lines=True)
    st.markdown("Send a recording:")
    st.code(
        f"curl {shlex.quote(address + '/api/v1/calls/upload')} \\\n"
        '  --header "Authorization: Bearer $TOTALVIEW_API_KEY" \\\n'
        "  --form file=@call.wav",
        language="bash",
        wrap_lines=True,
    )
    st.markdown("Or whole folders, which goes on where it was when a line breaks:")
    st.code(
        f"export TOTALVIEW_URL={shlex.quote(address)}\n"
        f"totalview upload /var/recordings --campaign {shlex.quote(campaign.slug)}",
        language="bash",
        wrap_lines=True,
    )
    st.link_button("API reference", "/api/v1/docs", icon=":material/menu_book:")


@st.dialog("Revoke this key?", icon=":material/block:")
def revoke(campaign: Campaign, key: ApiKey) -> None:
    """Name the key, say what stops, and end it."""
    who = require(Permission.KEY_MANAGE)
    st.text(f"{key.name or UNNAMED} ({key.shown}…), of the campaign {campaign.name}")
    st.write(LOSES)
    if key.last_used_at is not None:
        st.write(f"It was last used on {words.date(key.last_used_at)}.")
    beside = st.container()
    with st.container(horizontal=True):
        sure = st.button("Revoke key", key="key-revoke-sure", type="primary", icon=":material/block:")
        if st.button("Keep it", key="key-keep"):
            dialogs.close()
    if sure and dialogs.tried(lambda: _revoke(who, key), beside) is not None:
        dialogs.close(f"{key.shown}… is revoked.")


def _revoke(who: Identity, key: ApiKey) -> ApiKey:
    with writing() as session:
        return api_keys.revoke(session, who, str(stored_id(key.id)))
