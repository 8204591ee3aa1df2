"""What a dialog of the call's page has done, said once the page has been drawn anew."""

import streamlit as st

from dashboard.words import plain

_TOLD = "call_told"


def told(sentence: str) -> None:
    """Close the dialog and draw the page anew; it says this, which may hold somebody's words."""
    st.session_state[_TOLD] = sentence
    st.rerun()


def say() -> None:
    """Say what is to be said."""
    sentence = st.session_state.pop(_TOLD, "")
    if sentence:
        st.toast(plain(sentence), icon=":material/check:")
