"""Around the table of bulk jobs: the filter, the way to older ones, and what to do where there is none."""

from collections.abc import Mapping

import streamlit as st
from sqlmodel import Session

from dashboard import address, words
from dashboard.address import Address
from dashboard.navigation import go
from records import bulk_list
from records.bulk_list import Page
from records.identity import Identity

CAMPAIGN, OLDER, NEWER = "campaign", "older", "newer"


def of(campaigns: Mapping[str, str]) -> Address:
    """The inputs of the page."""
    return Address("bulk_jobs", {CAMPAIGN: address.some_of(campaigns)}, places=(OLDER, NEWER))


def filters(campaigns: Mapping[str, str]) -> tuple[str, ...]:
    """The campaigns that were chosen, by slug; none: all."""
    inputs = of(campaigns)
    inputs.fill()
    if len(campaigns) > 1:  # nobody chooses from one
        st.multiselect(
            "Campaign",
            list(campaigns),
            key=inputs.key(CAMPAIGN),
            format_func=lambda slug: words.plain(campaigns[slug]),
            placeholder="Any campaign",
            on_change=inputs.write,
            width=280,
        )
    return tuple(inputs.value(CAMPAIGN))


def page(session: Session, who: Identity, campaigns: tuple[str, ...]) -> Page:
    """The page of the list that the address names."""
    older, newer = address.number(OLDER), address.number(NEWER)
    return bulk_list.page(session, who, campaigns, older_than=older, newer_than=newer)


def foot(page: Page, campaigns: Mapping[str, str]) -> None:
    """The way to newer and older jobs."""
    if page.newer or page.older:
        turn = of(campaigns).turn
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.button(
                "Newer",
                key="bulk-newer",
                icon=":material/chevron_left:",
                disabled=not page.newer,
                on_click=turn,
                args=(NEWER, page.rows[0].id),
            )
            st.button(
                "Older",
                key="bulk-older",
                icon=":material/chevron_right:",
                icon_position="right",
                disabled=not page.older,
                on_click=turn,
                args=(OLDER, page.rows[-1].id),
            )


def no_match(campaigns: Mapping[str, str]) -> None:
    """There are jobs, and none of these campaigns."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("**No bulk job of these campaigns.**", text_alignment="center", width="content")
        st.button("Clear the filter", on_click=of(campaigns).clear, icon=":material/filter_alt_off:")


def nothing(*, able: bool) -> None:
    """No job at all: what to do next."""
    with st.container(border=True):
        st.subheader("No bulk jobs yet", anchor=False)
        if able:
            st.write(
                "Upload two or more files at once, or a whole folder: they make a bulk job, and are followed here."
            )
            if st.button("Upload", icon=":material/upload:", type="primary"):
                go("upload.py")
        else:
            st.write("No campaign is yours yet. Ask an Owner or a Senior Manager to assign you to one.")
