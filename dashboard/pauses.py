"""The banner over every page while a provider is paused."""

import streamlit as st

from dashboard import words
from pipeline.line import Need
from records import outages
from records.db import reading


def banner() -> None:
    """Which providers are paused, since when and why. Their own words are shown as text, for they come from outside."""
    with reading() as session:
        paused = outages.paused(session)
    for state in paused:
        since = f" since {words.date(state.paused_since)}" if state.paused_since else ""
        st.warning(
            f"**{Need(state.provider).label}** is paused{since}. Calls that need it wait, and go on by themselves.",
            icon=":material/pause_circle:",
        )
        st.text(state.words)
