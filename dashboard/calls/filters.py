"""The list's filters: between the address and the inputs. Whatever the address says is checked."""

from typing import Any

import streamlit as st

from dashboard import badges, words
from dashboard.calls import filter_address as addressed
from dashboard.calls import filters_more
from dashboard.calls.filter_address import CAMPAIGN, FLAGGED, NAMES, SAID, SOURCE, STATUS, TEXT, TEXT_LONGEST, Address
from dashboard.calls.filters_more import Choices
from dashboard.calls.places import AFTER, BEFORE, SORT, written_place
from records.call_filters import Filters
from records.call_order import Place
from records.statuses import CallStatus, Source

WIDTH = 112  # pixels of an input: five, a switch and a button in a row beside the menu, two in a row on a phone
SEARCHES = (  # label, name in the address, placeholder, icon, help
    ("Search", TEXT, "File name", "search", None),
    (
        "Said",
        SAID,
        "Words",
        "record_voice_over",
        'Words of the transcript in any order; a "phrase in quotes" as it was said; refun\\* for words that begin so.',
    ),
)
_SEEN = "address_seen"


def show(choices: Choices) -> Filters:
    """The row of inputs and what else is on, and what they say."""
    _from_address(choices)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for label, name, placeholder, icon, help_text in SEARCHES:
            st.text_input(
                label,
                key=name,
                placeholder=placeholder,
                icon=f":material/{icon}:",
                help=help_text,
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
    for name in (*NAMES, AFTER, BEFORE):
        st.query_params.pop(name, None)


def remove(name: str) -> None:
    """Take one filter off; for a button's callback."""
    st.session_state[name] = addressed.READ[name](())
    to_address()


def turn(name: str, to: Place) -> None:
    """Write a place into the address; for a button's callback."""
    first_page()
    st.query_params[name] = written_place(to)


def address() -> Address:
    """The list's own part of the address, for the way back from a call."""
    wanted = (*NAMES, SORT, AFTER, BEFORE)
    return {name: st.query_params.get_all(name) for name in wanted if name in st.query_params}


def to_address() -> None:
    """A changed filter shows in the address, and begins at the first page."""
    first_page()
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


def first_page() -> None:
    """Leave the place in the list."""
    for name in (AFTER, BEFORE):
        st.query_params.pop(name, None)
