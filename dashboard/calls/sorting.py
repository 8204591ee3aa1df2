"""What the list is sorted by: an input, and the address."""

import streamlit as st

from dashboard.calls.filters import first_page
from dashboard.calls.places import SORT, place_of, sort_of
from records.call_order import Place, Sort

LABELS = {
    Sort.NEWEST: "Newest first",
    Sort.OLDEST: "Oldest first",
    Sort.LOWEST: "Lowest score",
    Sort.HIGHEST: "Highest score",
    Sort.LONGEST: "Longest",
    Sort.SHORTEST: "Shortest",
    Sort.CALLED_LAST: "Called last",
    Sort.CALLED_FIRST: "Called first",
}


def chosen() -> Sort:
    """What the address says."""
    return sort_of(st.query_params.get(SORT, ""))


def place(name: str) -> Place | None:
    """The place in the list that the address names; None when it names none, or nonsense."""
    return place_of(st.query_params.get(name, ""), chosen())


def chooser() -> None:
    """The input. The address decides, so that a link and the browser's Back are followed."""
    st.session_state[SORT] = chosen()
    st.selectbox(
        "Sort by",
        list(Sort),
        key=SORT,
        format_func=LABELS.__getitem__,
        label_visibility="collapsed",
        on_change=_to_address,
        width=150,
    )


def _to_address() -> None:
    first_page()
    sort = st.session_state[SORT]
    if sort is Sort.NEWEST:
        st.query_params.pop(SORT, None)
    else:
        st.query_params[SORT] = sort.value
