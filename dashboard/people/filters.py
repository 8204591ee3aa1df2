"""The inputs above the list of people."""

import streamlit as st

from dashboard import address, badges
from dashboard.address import Address
from records.people_list import Filters
from records.roles import Role

WIDTH = 220  # pixels of an input
TEXT, ROLE, DEACTIVATED, PAGE = "q", "role", "deactivated", "page"
ADDRESS = Address(
    "people", {TEXT: address.text, ROLE: address.members_of(Role), DEACTIVATED: address.yes}, places=(PAGE,)
)


def show() -> Filters:
    """The row of inputs, and what they say."""
    ADDRESS.fill()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Search",
            key=ADDRESS.key(TEXT),
            placeholder="Name or e-mail",
            icon=":material/search:",
            on_change=ADDRESS.write,
            max_chars=address.TEXT_LONGEST,
            width=WIDTH,
        )
        st.multiselect(
            "Role",
            list(Role),
            key=ADDRESS.key(ROLE),
            format_func=badges.ROLE.__getitem__,
            placeholder="Any role",
            on_change=ADDRESS.write,
            width=WIDTH,
        )
        st.toggle("Show deactivated", key=ADDRESS.key(DEACTIVATED), on_change=ADDRESS.write)
    return Filters(
        text=address.printable(ADDRESS.value(TEXT)),
        roles=frozenset(ADDRESS.value(ROLE)),
        deactivated=ADDRESS.value(DEACTIVATED),
    )
