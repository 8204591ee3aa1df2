"""The banner over every page while a provider is paused."""

from typing import Any

import streamlit as st

from dashboard import words
from dashboard.components import mount
from dashboard.guard import require
from pipeline.line import Need
from records import outages
from records.db import reading
from records.outages import ProviderState
from records.roles import Permission

RENEWED_S = 15  # pages stay open for hours; a pause may begin and end meanwhile
GOES_ON = "Calls that need it go on by themselves when it is back."


@st.fragment(run_every=RENEWED_S)
def banner() -> None:
    """Which providers are paused, since when and why. A fragment's run skips the entry, so it asks who it is again."""
    require(Permission.CALL_READ)
    with reading() as session:
        paused = outages.paused(session)
    if paused:
        mount("banner", {"notes": [_note(state) for state in paused]}, key="banner")


def _note(state: ProviderState) -> dict[str, Any]:
    since = f" since {words.date(state.paused_since)}" if state.paused_since else ""
    title = f"{Need(state.provider).label} has been paused{since}"
    return {"colour": "orange", "icon": "pause_circle", "title": title, "lines": [state.words, GOES_ON]}
