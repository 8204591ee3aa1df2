"""The list of calls, filtered and sorted; it renews itself while calls are on their way."""

import streamlit as st

from dashboard import words
from dashboard.calls import acting, advice, picking, sorting, views
from dashboard.calls import filters as callfilters
from dashboard.calls.export import link
from dashboard.calls.filter_address import AGENT, number
from dashboard.calls.filters_more import Choices
from dashboard.calls.places import AFTER, BEFORE
from dashboard.calls.rows import call_table
from dashboard.components import mount
from dashboard.guard import require
from dashboard.navigation import go
from records import call_list
from records.call_list import Page
from records.call_order import Place, Sort
from records.db import reading
from records.roles import Permission, scope_of

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

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.title("Calls", anchor=False, width="content")
    with st.container(horizontal=True, width="content"):
        sorting.chooser()
        views.menu(who)
        acts = st.container(width="content")
        export = st.container(width="content")
filters = callfilters.show(choices)
picking.begin(views.address())
with acts:
    acting.menu(who, filters, sorting.chosen())
with st.container():  # whether there is word or not, so that the list keeps its place and is not drawn twice meanwhile
    acting.came_of_it()
with export:
    mount("download", {"label": "Export as CSV", "href": link(callfilters.address(), words.zone().key)}, key="export")


@st.fragment(run_every=BUSY_S if busy else IDLE_S)
def listing() -> None:
    """One page of calls. A fragment's run skips everything above, so it asks who it is again."""
    who = require(Permission.CALL_READ)
    sort, behind, before = sorting.chosen(), sorting.place(AFTER), sorting.place(BEFORE)
    with reading() as session:
        page = call_list.page(session, who, filters, sort=sort, behind=behind, before=before)
        found, more = call_list.shown_count(session, who, filters) if page.rows else (0, False)
        any_at_all = bool(page.rows) or call_list.any_call(session, who)
        still_busy = call_list.any_unfinished(session, who)
    if page.rows:
        may_rerun = scope_of(who.role, Permission.CALL_REPROCESS) is not None
        if filters.withheld:
            st.caption(advice.of_many_withheld(may_rerun=may_rerun))
        opened = call_table(page.rows, key="calls", pick=may_rerun)
        foot(page, f"{found or len(page.rows):,}{'+' * more}", sort)
        if opened:
            go("call.py", {**callfilters.address(), "id": opened})
    elif any_at_all:
        no_match()
    else:
        no_calls()
    if picking.changed() or still_busy != busy:
        st.rerun()  # the menu above says how many are picked; the pace of renewal is set by a whole run


def foot(page: Page, found: str, sort: Sort) -> None:
    """How many there are, and the way to the others."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"{found} {'call' if found == '1' else 'calls'}")
        if page.before or page.behind:
            back, on = {Sort.NEWEST: ("Newer", "Older"), Sort.OLDEST: ("Older", "Newer")}.get(sort, ("Back", "Next"))
            with st.container(horizontal=True, width="content"):
                turner(back, "chevron_left", BEFORE, page.rows[0].place(sort) if page.before else None)
                turner(on, "chevron_right", AFTER, page.rows[-1].place(sort) if page.behind else None)


def turner(label: str, icon: str, name: str, to: Place | None) -> None:
    """A button to the neighbouring page."""
    st.button(
        label,
        key=name,
        icon=f":material/{icon}:",
        icon_position="left" if name == BEFORE else "right",
        disabled=to is None,
        on_click=callfilters.turn,
        args=(name, to),
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
