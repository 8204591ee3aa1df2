"""One bulk job: how far it is, what failed and why, and its files."""

import streamlit as st

from dashboard import address
from dashboard.bulk import cancelling, causes, files, overview, tallies
from dashboard.guard import not_found, require
from dashboard.navigation import go
from records import bulk_list
from records.bulk_list import Row
from records.db import reading
from records.identity import Identity, NotFound
from records.roles import Permission

who = require(Permission.CALL_UPLOAD)

BUSY_S, IDLE_S = 2, 10  # how often the job is looked at: while something of it is on its way, and afterwards
OPENED = "bulk_job_opened"


def asked() -> int:
    """The number in the address; after the browser's Back, which keeps the other page's address, the job seen last."""
    found = address.number("id")
    if found is None and OPENED in st.session_state:
        found = int(st.session_state[OPENED])
        st.query_params.from_dict({"id": str(found)})
    return found or 0


number = asked()


def asked_for(who: Identity) -> Row | None:
    """The job in the address; None when there is none such for this person."""
    try:
        with reading() as session:
            return bulk_list.job(session, who, number)
    except NotFound:
        return None


row = asked_for(who)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    if st.button("Bulk jobs", icon=":material/arrow_back:", type="tertiary", key="back"):
        go("bulk_jobs.py")
    acts = st.container(horizontal=True, width="content")
if row is None:
    not_found("bulk job")
    st.stop()
st.session_state[OPENED] = row.id
with reading() as session:
    tally = tallies.of(session, [row.job])[row.id]
busy = tallies.moving(row.job, tally)
with acts:
    cancelling.button(row.job, tally)


@st.fragment(run_every=BUSY_S if busy else IDLE_S)
def job() -> None:
    """The job as it stands. A fragment's run skips everything above, so it asks who it is again."""
    who = require(Permission.CALL_UPLOAD)
    row = asked_for(who)
    if row is None:
        st.rerun()
    with reading() as session:
        tally = tallies.of(session, [row.job])[row.id]
        page = files.page(session, row.job)
    overview.show(row, tally)
    causes.show(row.job, row.slug, tally)
    files.show(page)
    if tallies.moving(row.job, tally) != busy:
        st.rerun()  # the pace of renewal is set by a whole run


job()
