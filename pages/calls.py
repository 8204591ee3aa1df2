"""The list of calls, newest first; it renews itself while calls are on their way."""

import streamlit as st

from dashboard.calls import filters as callfilters
from dashboard.calls.filter_address import AGENT, number
from dashboard.calls.filters_more import Choices
from dashboard.calls.rows import call_table
from dashboard.guard import require
from dashboard.navigation import go
from records import call_list
from records.call_list import COUNTED, Page
from records.db import reading
from records.roles import Permission

who = require(Permission.CALL_READ)

BUSY_S, IDLE_S = 2, 10  # how often the list is read again: while a call is on its way, and while none is
for stray in ("id", "version", "t"):  # the browser's Back keeps the call page's address
    st.query_params.pop(stray, None)

with reading() as session:
    choices = Choices(
        campaigns=call_list.campaigns(session, who),
        agents=call_list.agents(session, who, asked=number(callfilters.asked()[AGENT])),
        checks=call_list.check_names(session, who),
    )
    busy = call_list.any_unfinished(session, who)

st.title("Calls", anchor=False)
filters = callfilters.show(choices)


@st.fragment(run_every=BUSY_S if busy else IDLE_S)
def listing() -> None:
    """One page of calls. A fragment's run skips everything above, so it asks who it is again."""
    who = require(Permission.CALL_READ)
    older, newer = callfilters.place(callfilters.AFTER), callfilters.place(callfilters.BEFORE)
    with reading() as session:
        page = call_list.page(session, who, filters, older_than=older, newer_than=newer)
        found = call_list.count(session, who, filters) if page.rows else 0
        any_at_all = bool(page.rows) or call_list.any_call(session, who)
        still_busy = call_list.any_unfinished(session, who)
    if page.rows:
        opened = call_table(page.rows, key="calls")
        foot(page, found)
        if opened:
            go("call.py", {**callfilters.address(), "id": opened})
    elif any_at_all:
        no_match()
    else:
        no_calls()
    if still_busy != busy:
        st.rerun()  # the pace of renewal is set by a whole run


def foot(page: Page, found: int) -> None:
    """How many there are, and the way to the others."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        capped = f"{COUNTED:,}+" if found > COUNTED else f"{found:,}"
        st.caption(f"{capped} {'call' if found == 1 else 'calls'}")
        if page.newer or page.older:
            with st.container(horizontal=True, width="content"):
                turner("Newer", "chevron_left", callfilters.BEFORE, page, enabled=page.newer)
                turner("Older", "chevron_right", callfilters.AFTER, page, enabled=page.older)


def turner(label: str, icon: str, name: str, page: Page, *, enabled: bool) -> None:
    """A button to the neighbouring page."""
    edge = page.rows[0 if name == callfilters.BEFORE else -1].place
    st.button(
        label,
        key=name,
        icon=f":material/{icon}:",
        icon_position="left" if name == callfilters.BEFORE else "right",
        disabled=not enabled,
        on_click=callfilters.turn,
        args=(name, edge),
    )


def no_match() -> None:
    """There are calls, and none like this."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("**No call matches these filters.**", text_alignment="center", width="content")
        st.button("Clear filters", on_click=callfilters.clear, icon=":material/filter_alt_off:")


def no_calls() -> None:
    """Nothing yet: what to do next."""
    with st.container(border=True):
        st.subheader("No calls yet", anchor=False)
        st.write("Give TotalView a recording on the server's command line. It appears here while it is worked on.")
        st.code("totalview process FILE", language=None)


listing()
