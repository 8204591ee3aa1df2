"""A word about what was just done, said once, as the page is drawn next."""

import streamlit as st

from dashboard.words import plain

_LEFT = "farewell"
DONE = ":material/check:"
REFUSED = ":material/info:"


def redraw(sentence: str) -> None:
    """Close the dialog that is open, and draw the page anew; it says this, which may hold somebody's words."""
    leave(sentence)
    st.rerun()


def leave(sentence: str, icon: str = DONE) -> None:
    """Leave this to be said by the next run, or by the run that a callback begins; nothing where it is empty."""
    st.session_state[_LEFT] = [(sentence, icon)] if sentence else []


def say() -> None:
    """Say what was left.

    A newer run cuts in at the next look into the session's state, or before the next thing shown is sent. So the word
    is let go of only once it was sent, and from a list of our own, where nobody can cut in.
    """
    left = st.session_state.get(_LEFT)
    if left:
        sentence, icon = left[-1]
        st.toast(plain(sentence), icon=icon)
        left.clear()
