"""Calls that are picked in the table, page by page, for something to be done to them together."""

import streamlit as st

PICK = "pick:"  # how the table says so: the picked ones of its page, and all of its page
_PICKED, _SHOWN, _CHANGED, _ROUND = "calls_picked", "calls_picked_of", "calls_picked_now", "calls_picked_round"


def begin(shown: str) -> None:
    """Forget what was picked in another list than the one at this address."""
    if st.session_state.get(_SHOWN) != shown:
        st.session_state[_SHOWN] = shown
        clear()


def picked() -> list[str]:
    """The ids, in the order of picking."""
    found: dict[str, None] = st.session_state.get(_PICKED, {})
    return list(found)


def turn() -> int:
    """Another number when the table is to take over what is picked here, instead of what was picked in it."""
    number: int = st.session_state.get(_ROUND, 0)
    return number


def heard(said: str) -> None:
    """What the table says, before the page is drawn."""
    if not said.startswith(PICK):
        return
    chosen, _, page = said.removeprefix(PICK).partition(";")
    on_page = set(page.split(","))
    kept = dict.fromkeys(each for each in picked() if each not in on_page)
    st.session_state[_PICKED] = {**kept, **dict.fromkeys(filter(str.isalnum, chosen.split(",")))}
    st.session_state[_CHANGED] = True


def changed() -> bool:
    """Whether this run began by picking: the page around the table says how many."""
    return bool(st.session_state.pop(_CHANGED, False))


def clear() -> None:
    """Pick none; for a button's callback too."""
    st.session_state[_PICKED] = {}
    st.session_state[_ROUND] = turn() + 1
