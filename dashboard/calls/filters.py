"""The list's filters: between the address, the inputs and the query. Whatever the address says is checked."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

import streamlit as st

from dashboard import badges
from records.call_filters import Filters
from records.call_list import Place
from records.statuses import CallStatus, Source

Choice = TypeVar("Choice", bound=StrEnum)

TEXT_LONGEST = 200
WIDTH = 170  # pixels of an input: five in a row beside the menu, two in a row on a phone
TEXT, STATUS, SOURCE, CAMPAIGN, FLAGGED = "q", "status", "source", "campaign", "flagged"
AFTER, BEFORE = "after", "before"  # a place in the list: older than it, newer than it
_SEEN = "address_seen"
_ADDRESS = (TEXT, STATUS, SOURCE, CAMPAIGN, FLAGGED)


def show(campaigns: dict[str, str]) -> Filters:
    """The row of inputs, and what they say."""
    _from_address(campaigns)
    several = len(campaigns) > 1  # nobody chooses from one
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Search",
            key=TEXT,
            placeholder="File name",
            icon=":material/search:",
            on_change=_to_address,
            max_chars=TEXT_LONGEST,
            width=WIDTH,
        )
        _choose("Status", STATUS, {status: badges.CALL[status].label for status in CallStatus})
        _choose("Source", SOURCE, {source: badges.SOURCE[source].label for source in Source})
        if several:
            _choose("Campaign", CAMPAIGN, campaigns)
        st.toggle("Flagged only", key=FLAGGED, on_change=_to_address)
    return Filters(
        statuses=frozenset(st.session_state[STATUS]),
        sources=frozenset(st.session_state[SOURCE]),
        campaigns=frozenset(st.session_state[CAMPAIGN]),
        flagged=st.session_state[FLAGGED] or None,
        text="".join(filter(str.isprintable, st.session_state[TEXT])).strip(),
    )


def clear() -> None:
    """Take every filter off; for a button's callback."""
    for name in _ADDRESS:
        st.session_state.pop(name, None)
    st.query_params.clear()


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


def address() -> dict[str, str | list[str]]:
    """The list's own part of the address, for the way back from a call."""
    wanted = (*_ADDRESS, AFTER, BEFORE)
    return {name: st.query_params.get_all(name) for name in wanted if name in st.query_params}


def _choose(label: str, name: str, words: dict[Choice, str] | dict[str, str]) -> None:
    st.multiselect(
        label,
        list(words),
        key=name,
        format_func=words.__getitem__,
        placeholder=f"Any {label.lower()}",
        on_change=_to_address,
        width=WIDTH,
    )


def _from_address(campaigns: dict[str, str]) -> None:
    """Fill the inputs when the address is another than they were filled from: a link, the browser's Back, a return.

    Streamlit forgets the inputs when the page is left, and keeps them when only the address changes.
    """
    asked = _asked()
    if st.session_state.get(_SEEN) == asked and all(name in st.session_state for name in _ADDRESS):
        return
    st.session_state[_SEEN] = asked
    st.session_state[TEXT] = next(iter(asked[TEXT]), "")[:TEXT_LONGEST]
    st.session_state[STATUS] = _known(CallStatus, asked[STATUS])
    st.session_state[SOURCE] = _known(Source, asked[SOURCE])
    st.session_state[CAMPAIGN] = [slug for slug in asked[CAMPAIGN] if slug in campaigns]
    st.session_state[FLAGGED] = asked[FLAGGED] == ["1"]


def _asked() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in _ADDRESS}


def _known(kind: type[Choice], values: Iterable[str]) -> list[Choice]:
    return [member for member in kind if member in set(values)]


def _to_address() -> None:
    """A changed filter shows in the address, and begins at the first page."""
    _first_page()
    for name in _ADDRESS:
        value = st.session_state.get(name)
        if not value:
            st.query_params.pop(name, None)
        elif isinstance(value, list):
            st.query_params[name] = [str(each) for each in value]
        else:
            st.query_params[name] = "1" if value is True else value
    st.session_state[_SEEN] = _asked()


def _first_page() -> None:
    for name in (AFTER, BEFORE):
        st.query_params.pop(name, None)
