"""What was done, said once the page has been drawn anew."""

import streamlit as st

from dashboard import words

_SAID = "agents_said"


def done(sentence: str) -> None:
    """Close the dialog and draw the page anew; it says this, which may hold somebody's words."""
    st.session_state[_SAID] = sentence
    st.rerun()


def show() -> None:
    """Say what is to be said."""
    sentence = st.session_state.pop(_SAID, "")
    if sentence:
        st.toast(words.plain(sentence), icon=":material/check:")


def number(how_many: int, one: str, more: str = "") -> str:
    """'1 call', '12 calls'."""
    return f"{how_many:,} {one if how_many == 1 else more or one + 's'}"
