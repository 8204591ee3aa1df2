"""Calling a bulk job off: the button, and the question before it."""

import streamlit as st

from dashboard import farewell, words
from dashboard.bulk import said, tallies
from dashboard.guard import require
from pipeline import bulk as calling_off
from records.bulk import BulkJob
from records.bulk_counts import Tally
from records.db import stored_id
from records.identity import NotFound
from records.roles import Permission
from records.statuses import CallStatus


def button(job: BulkJob, tally: Tally) -> None:
    """While there is something to call off."""
    open_still = job.cancelled_at is None and tallies.status(job, tally) in tallies.UNDER_WAY
    if open_still and st.button("Cancel what has not begun", icon=":material/block:", key="cancel"):
        confirm(stored_id(job.id), tally)


@st.dialog("Cancel what has not begun?", icon=":material/block:")
def confirm(number: int, tally: Tally) -> None:
    """What it means, and the act."""
    who = require(Permission.CALL_UPLOAD)
    waiting, missing = tally.counts.calls.get(CallStatus.PENDING, 0), tally.counts.missing
    if waiting:
        st.write(f"{said.recordings(waiting)} waiting to be processed will be called off. You can retry them later.")
    if missing:
        st.write(f"{said.recordings(missing)} still to come will not be taken in any more, by whomever they are sent.")
    st.write("What has begun goes on, and what is done stays. A cancelled bulk job cannot be opened again.")
    if not st.button("Cancel them", type="primary", icon=":material/block:", key="cancel-sure"):
        return
    try:
        with st.spinner("Calling off…"):
            calling_off.cancel(who, number)
    except NotFound as refused:
        st.error(words.plain(str(refused)))
        return
    tallies.forget()
    farewell.redraw("What had not begun is cancelled.")
