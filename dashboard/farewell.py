"""A word about what was just done, said once, as the page is drawn next."""

import streamlit as st

from dashboard.words import plain

_LEFT = "farewell"


def redraw(sentence: str) -> None:
    """Close the dialog that is open, and draw the page anew; it says this, which may hold somebody's words."""
    leave(sentence)
    st.rerun()


def leave(sentence: str) -> None:
    """Leave this to be said by the next run; nothing where it is empty."""
    st.session_state[_LEFT] = [sentence] if sentence else []


def say() -> None:
    """Say what was left.

    A newer run cuts in at the next look into the session's state, or before the next thing shown is sent. So the word
    is let go of only once it was sent, and from a list of our own, where nobody can cut in.
    """
    left = st.session_state.get(_LEFT)
    if left:
        st.toast(plain(left[-1]), icon=":material/check:")
        left.clear()
