"""What needs somebody now, and how the calls went."""

import streamlit as st

from dashboard.bulk import tracker
from dashboard.guard import require
from dashboard.home import empty, gathered, needs, period, summary, tables, trends
from dashboard.navigation import go
from records import call_list
from records.db import reading
from records.roles import Permission

who = require(Permission.CALL_READ)

RENEWED_S, EMPTY_S = 60, 10
with reading() as session:
    campaigns = call_list.campaigns(session, who)
    any_call = call_list.any_call(session, who)

st.title("Home", anchor=False)
tracker.show(who)


@st.fragment(run_every=EMPTY_S)
def nothing() -> None:
    """Until the first call is there; then the page itself. It asks who it is again, as every fragment does."""
    who = require(Permission.CALL_READ)
    with reading() as session:
        come = call_list.any_call(session, who)
    if come:
        st.rerun()
    empty.show(who)


if not any_call:
    nothing()
    st.stop()
if not gathered.own_only(who):
    needs_place = st.container()
period.show(campaigns)


@st.fragment(run_every=RENEWED_S)
def overview() -> None:
    """Figures, charts and tables. A fragment's run skips everything above, so it asks who it is again."""
    who = require(Permission.CALL_READ)
    chosen = period.chosen()
    if chosen is None:
        return
    found = gathered.overview(who, chosen)
    summary.show(found.daily, chosen)
    trends.show(found)
    opened = trends.to_open(chosen)
    if not gathered.own_only(who):
        opened = tables.campaigns(found.campaigns, chosen) or opened
        opened = tables.agents(who, chosen) or opened
    if opened:
        go("calls.py", opened)


if not gathered.own_only(who):
    with needs_place:
        needs.show(period.campaigns())
overview()
