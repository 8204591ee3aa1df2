"""The list's filters: between the address and the inputs. Whatever the address says is checked."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from dashboard import badges, words
from dashboard.calls import filter_address as addressed
from dashboard.calls import filters_more
from dashboard.calls.filter_address import CAMPAIGN, FLAGGED, NAMES, SOURCE, STATUS, TEXT, TEXT_LONGEST, Address
from dashboard.calls.filters_more import Choices
from records.call_filters import Filters
from records.call_list import Place
from records.statuses import CallStatus, Source

WIDTH = 140  # pixels of an input: five and the button in a row beside the menu, two in a row on a phone
AFTER, BEFORE = "after", "before"  # a place in the list: older than it, newer than it
_SEEN = "address_seen"


def show(choices: Choices) -> Filters:
    """The row of inputs and what else is on, and what they say."""
    _from_address(choices)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Search",
            key=TEXT,
            placeholder="File name",
            icon=":material/search:",
            on_change=to_address,
            max_chars=TEXT_LONGEST,
            width=WIDTH,
        )
        _choose("Status", STATUS, {status: badges.CALL[status].label for status in CallStatus})
        _choose("Source", SOURCE, {source: badges.SOURCE[source].label for source in Source})
        if len(choices.campaigns) > 1:  # nobody chooses from one
            _choose("Campaign", CAMPAIGN, choices.campaigns)
        st.toggle("Flagged only", key=FLAGGED, on_change=to_address)
        filters_more.popover(choices, to_address)
    filters_more.chips(choices, remove, clear)
    return addressed.filters({name: st.session_state[name] for name in NAMES}, words.zone().key)


def asked() -> dict[str, list[str]]:
    """What the address says of filters, unchecked."""
    return {name: st.query_params.get_all(name) for name in NAMES}


def clear() -> None:
    """Take every filter off; for a button's callback."""
    for name in NAMES:
        st.session_state.pop(name, None)
    st.query_params.clear()


def remove(name: str) -> None:
    """Take one filter off; for a button's callback."""
    st.session_state[name] = addressed.READ[name](())
    to_address()


def place(name: str) -> Place | None:
    """The place in the list that the address names; None when it names none, or nonsense."""
    moment, _, call_id = st.query_params.get(name, "").partition("-")
    if not moment.isdecimal() or not call_id.isalnum():
        return None
    try:
        return Place(
            datetime.fromtimestamp(int(moment) // 1_000_000, UTC).replace(microsecond=int(moment) % 1_000_000), call_id
        )
    except (ValueError, OverflowError, OSError):
        return None


def turn(name: str, to: Place) -> None:
    """Write a place into the address; for a button's callback."""
    _first_page()
    whole = int(to.created_at.replace(microsecond=0).timestamp())
    st.query_params[name] = f"{whole * 1_000_000 + to.created_at.microsecond}-{to.id}"


def address() -> Address:
    """The list's own part of the address, for the way back from a call."""
    wanted = (*NAMES, AFTER, BEFORE)
    return {name: st.query_params.get_all(name) for name in wanted if name in st.query_params}


def to_address() -> None:
    """A changed filter shows in the address, and begins at the first page."""
    _first_page()
    for name in NAMES:
        value = addressed.written(st.session_state.get(name))
        if value:
            st.query_params[name] = value if len(value) > 1 else value[0]
        else:
            st.query_params.pop(name, None)
    st.session_state[_SEEN] = asked()


def _choose(label: str, name: str, known: dict[Any, str]) -> None:
    st.multiselect(
        label,
        list(known),
        key=name,
        format_func=known.__getitem__,
        placeholder=f"Any {label.lower()}",
        on_change=to_address,
        width=WIDTH,
    )


def _from_address(choices: Choices) -> None:
    """Fill the inputs when the address is another than they were filled from: a link, the browser's Back, a return.

    Streamlit forgets the inputs when the page is left, and keeps them when only the address changes.
    """
    said = asked()
    if st.session_state.get(_SEEN) != said or not all(name in st.session_state for name in NAMES):
        st.session_state[_SEEN] = said
        for name, value in addressed.values(said).items():
            st.session_state[name] = value
    known = [slug for slug in st.session_state[CAMPAIGN] if slug in choices.campaigns]
    if known != st.session_state[CAMPAIGN]:  # nonsense, or one that was theirs until just now
        st.session_state[CAMPAIGN] = known


def _first_page() -> None:
    for name in (AFTER, BEFORE):
        st.query_params.pop(name, None)
