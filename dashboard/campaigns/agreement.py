"""The tab Agreement: how often people agree with each check, so that one knows which to word better."""

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from dashboard.guard import require
from dashboard.navigation import PAGES
from records import agreement
from records.agreement import Agreement
from records.campaigns import Campaign
from records.db import now, reading
from records.roles import Permission

RANGES = {"30 days": 30, "90 days": 90, "A year": 365, "All time": None}
USUAL = "90 days"


def show(campaign: Campaign) -> None:
    """Draw the tab, as whoever is signed in at this moment."""
    who = require(Permission.CAMPAIGN_READ)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption("Of the verdicts that a reviewer looked at, how many were confirmed.")
        chosen = st.segmented_control(
            "Reviewed within",
            list(RANGES),
            default=USUAL,
            key="agreement-range",
            required=True,
            label_visibility="collapsed",
        )
    days = RANGES.get(chosen or USUAL)
    since = now() - timedelta(days=days) if days else None
    with reading() as session:
        found = agreement.by_check(session, who, campaign.slug, since)
    if not any(each.reviewed for each in found):
        _nothing_reviewed(since is not None)
        return
    _figures(found)
    st.dataframe(
        [_row(each) for each in found if each.reviewed or each.active],
        hide_index=True,
        column_config={
            "Check": st.column_config.TextColumn(width="medium"),
            "Agreed": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%.0f%%"),
            "Reviewed": st.column_config.NumberColumn(width="small"),
            "Too strict": st.column_config.NumberColumn(
                width="small", help="Judged as failed, and a reviewer passed it."
            ),
            "Too lenient": st.column_config.NumberColumn(
                width="small", help="Judged as passed, and a reviewer failed it."
            ),
            "Other changes": st.column_config.NumberColumn(width="small", help="Changed to or from 'not applicable'."),
        },
    )


def _figures(found: Sequence[Agreement]) -> None:
    reviewed, agreed = sum(each.reviewed for each in found), sum(each.agreed for each in found)
    with st.container(horizontal=True):
        st.metric("Verdicts reviewed", f"{reviewed:,}", border=True, width=160)
        st.metric("Agreed", f"{agreed / reviewed:.0%}", border=True, width=160)


def _row(each: Agreement) -> dict[str, object]:
    return {
        "Check": each.name,
        "Section": each.section,
        "Agreed": None if each.share is None else 100 * each.share,
        "Reviewed": each.reviewed,
        "Too strict": each.too_strict,
        "Too lenient": each.too_lenient,
        "Other changes": each.otherwise,
    }


def _nothing_reviewed(bounded: bool) -> None:
    with st.container(border=True):
        st.subheader("No review closed in this time" if bounded else "No review closed yet", anchor=False)
        st.write(
            "Reviewers confirm or change each verdict of a flagged call. What they decide is counted here, by check."
        )
        st.page_link(PAGES / "review.py", label="Open the review queue", icon=":material/rate_review:")
