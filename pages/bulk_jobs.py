"""The list of bulk jobs, newest first; it renews itself while one is under way."""

import streamlit as st

from dashboard.bulk import listing, rows, tallies
from dashboard.guard import require
from dashboard.navigation import go
from records import bulk_list, call_list
from records.db import reading
from records.roles import Permission

who = require(Permission.CALL_UPLOAD)

BUSY_S, IDLE_S = 2, 10  # how often the list is read again: while a job is under way, and while none is
for stray in ("id", "failed", "after", "before"):  # the browser's Back keeps the job page's address
    st.query_params.pop(stray, None)

with reading() as session:
    campaigns = call_list.campaigns(session, who)
    any_job = bulk_list.any_job(session, who)

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Bulk jobs", anchor=False, width="content")
    if any_job and st.button("Upload", icon=":material/upload:", type="primary"):
        go("upload.py")
if not any_job:
    listing.nothing(able=bool(campaigns))
    st.stop()
chosen = listing.filters(campaigns)
with reading() as session:
    page = listing.page(session, who, chosen)
    counted = tallies.of(session, [row.job for row in page.rows])
busy = any(tallies.moving(row.job, counted[row.id]) for row in page.rows)


@st.fragment(run_every=BUSY_S if busy else IDLE_S)
def jobs() -> None:
    """One page of jobs. A fragment's run skips everything above, so it asks who it is again."""
    who = require(Permission.CALL_UPLOAD)
    listing.of(campaigns).expect_filled()
    with reading() as session:
        page = listing.page(session, who, chosen)
        counted = tallies.of(session, [row.job for row in page.rows])
    if page.rows:
        opened = rows.job_table(page.rows, counted)
        listing.foot(page, campaigns)
        if opened:
            go("bulk_job.py", {"id": opened})
    else:
        listing.no_match(campaigns)
    if any(tallies.moving(row.job, counted[row.id]) for row in page.rows) != busy:
        st.rerun()  # the pace of renewal is set by a whole run


jobs()
