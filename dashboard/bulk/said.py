"""What was done to a bulk job, told once the page has been drawn again."""

import streamlit as st

from dashboard import words

_SAID = "bulk_said"


def done(sentence: str) -> None:
    """Draw the page again, and say this there."""
    st.session_state[_SAID] = sentence
    st.rerun()


def show() -> None:
    """The sentence, if there is one."""
    sentence = st.session_state.pop(_SAID, "")
    if sentence:
        st.toast(words.plain(sentence), icon=":material/check:")


def recordings(number: int) -> str:
    """'1 recording', '12 recordings'."""
    return f"{number:,} recording{'s' * (number != 1)}"
