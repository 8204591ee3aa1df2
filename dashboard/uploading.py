"""The upload page: which campaign, the uploader, and the jobs that are under way."""

import json

import streamlit as st

from config import settings
from dashboard import words
from dashboard.bulk import tracker
from dashboard.components import mount
from dashboard.navigation import go
from records.identity import Identity
from records.roles import Permission, scope_of

CAMPAIGN = "campaign"  # in the address, and the choice's key
HINT = "MP3, WAV, M4A and every other format that can be decoded. {limit} What a file is, its content decides."
LEAVE = "You can leave this page: uploads go on while TotalView is open in this tab, and processing goes on anyway."
NO_LIMIT = "There is no limit to their size."


def show(who: Identity, campaigns: dict[str, str]) -> None:
    """The choice (of those by slug), the uploader for it, and what is under way."""
    chosen = _choose(campaigns)
    data = {
        "campaign": chosen or "",
        "name": campaigns.get(chosen or "", ""),
        "hint": HINT.format(limit=_limit()),
    }
    told = mount("uploader", data, key="uploader")
    st.caption(LEAVE)
    tracker.show(who)
    if told:
        _heard(json.loads(told))


def no_campaign(who: Identity) -> None:
    """Nothing to upload to: what to do next."""
    with st.container(border=True):
        if scope_of(who.role, Permission.CAMPAIGN_EDIT):
            st.subheader("Make a campaign first", anchor=False)
            st.write("Calls belong to a campaign, which says how they are judged.")
            if st.button("Make a campaign", type="primary", icon=":material/add:"):
                go("campaigns.py")
        else:
            st.subheader("No campaign is yours yet", anchor=False)
            st.write("Ask an Owner or a Senior Manager to assign you to a campaign. Then you can upload to it here.")


def _choose(campaigns: dict[str, str]) -> str | None:
    asked = st.query_params.get(CAMPAIGN, "")
    if CAMPAIGN not in st.session_state:
        only = next(iter(campaigns)) if len(campaigns) == 1 else None
        st.session_state[CAMPAIGN] = asked if asked in campaigns else only
    return st.selectbox(
        "Campaign",
        list(campaigns),
        key=CAMPAIGN,
        format_func=lambda slug: words.plain(campaigns[slug]),
        placeholder="Choose a campaign",
        on_change=_to_address,
        width=360,
    )


def _to_address() -> None:
    chosen = st.session_state.get(CAMPAIGN)
    if chosen:
        st.query_params[CAMPAIGN] = chosen


def _limit() -> str:
    most = settings().max_upload_bytes
    return f"At most {words.size(most)} each." if most else NO_LIMIT


def _heard(said: dict[str, int | str | None]) -> None:
    """What the uploader says: all came, or one of its links was followed."""
    if said.get("call"):
        go("call.py", {"id": str(said["call"])})
    if said.get("job"):
        go("bulk_job.py", {"id": str(said["job"])})
    number = int(said.get("arrived") or 0)
    if number:
        st.toast(f"{number:,} {'recording is' if number == 1 else 'recordings are'} in.", icon=":material/check:")
