"""The list of calls that wait for a review; it renews itself."""

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboard import badges, words
from dashboard.components import mount
from dashboard.guard import require
from dashboard.navigation import go
from dashboard.review import filters
from records import review_queue
from records.db import reading
from records.review_queue import COUNTED, Page, Queue, Waiting
from records.roles import Permission

RENEW_S = 10
_COLUMNS = (
    ("Call", "name"),
    ("Why", "wide"),
    ("Score", "bar"),
    ("Dispute", "badge"),
    ("Campaign", "text"),
    ("Agent", "text"),
    ("Added", "date"),
)


def show() -> None:
    """The inputs and the list, as whoever is signed in at this moment."""
    who = require(Permission.CALL_REPROCESS)
    with reading() as session:
        campaigns, agents = review_queue.campaigns(session, who), review_queue.agents(session, who)
    st.title("Review", anchor=False)
    listing(filters.show(campaigns, agents))


@st.fragment(run_every=RENEW_S)
def listing(queue: Queue) -> None:
    """One page of the queue. A fragment's run skips everything above, so it asks who it is again."""
    who = require(Permission.CALL_REPROCESS)
    after, before = (st.query_params.get(name, "") for name in (filters.AFTER, filters.BEFORE))
    with reading() as session:
        page = review_queue.page(session, who, queue, after=after, before=before)
        if not page.rows and page.before:
            page = review_queue.page(session, who, queue)  # those of this page were reviewed meanwhile
        number = review_queue.count(session, who, queue) if page.rows else 0
    if page.rows:
        rows = [_row(row) for row in page.rows]
        columns = [{"title": title, "kind": kind} for title, kind in _COLUMNS]
        opened = mount("table", {"label": "Calls to review", "columns": columns, "rows": rows}, key="review-queue")
        _foot(page, number)
        if opened:
            go("review.py", {**filters.address(), "id": opened})
    elif queue.narrowed:
        with st.container(border=True, horizontal_alignment="center"):
            st.markdown("**No waiting call matches these filters.**", text_alignment="center", width="content")
            st.button("Clear filters", key="review-clear", on_click=filters.clear, icon=":material/filter_alt_off:")
    else:
        _empty()


def _foot(page: Page, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        capped = f"{COUNTED:,}+ wait" if number > COUNTED else f"{number:,} {'waits' if number == 1 else 'wait'}"
        st.caption(f"{capped} for a review")
        with st.container(horizontal=True, width="content"):
            if page.before or page.after:
                _turner("Before", "chevron_left", filters.BEFORE, page.rows[0].id, enabled=page.before)
                _turner("After", "chevron_right", filters.AFTER, page.rows[-1].id, enabled=page.after)
            if st.button("Start reviewing", key="review-start", type="primary", icon=":material/play_arrow:"):
                go("review.py", {**filters.address(), "id": page.rows[0].id})


def _turner(label: str, icon: str, name: str, edge: str, *, enabled: bool) -> None:
    st.button(
        label,
        key=f"review-{name}",
        icon=f":material/{icon}:",
        icon_position="left" if name == filters.BEFORE else "right",
        disabled=not enabled,
        on_click=filters.turn,
        args=(name, edge),
    )


def _empty() -> None:
    with st.container(border=True):
        st.subheader("Nothing waits for a review", anchor=False)
        st.write(
            "A call comes here when it is flagged, or when an agent disputes a check. What flags a call, its campaign "
            "says: the threshold for the score, critical checks, and how sure the judge must be."
        )


def _row(row: Waiting) -> dict[str, Any]:
    labels = [filters.REASONS.get(reason.get("code", ""), "Flagged") for reason in row.reasons]
    why = ", ".join(dict.fromkeys(labels))
    cells = (
        {"text": row.filename, "title": row.filename},
        {"text": why, "title": " ".join(reason.get("words", "") for reason in row.reasons)} if why else None,
        None if row.score is None else {"value": row.score, "text": words.score(row.score)},
        badges.DISPUTED._asdict() if row.disputed else None,
        {"text": row.campaign},
        {"text": row.agent} if row.agent else None,
        {"text": words.date(row.created_at)},
    )
    return {"id": row.id, "href": f"/review?{urlencode({'id': row.id})}", "cells": list(cells)}
