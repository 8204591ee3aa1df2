"""The list of campaigns, and making one."""

import streamlit as st

from dashboard.campaigns import create
from dashboard.campaigns.listing import campaign_table, matching
from dashboard.guard import require
from dashboard.navigation import go
from records import campaign_list
from records.campaign_list import Row
from records.db import reading
from records.identity import Identity
from records.roles import Permission, Scope, scope_of

who = require(Permission.CAMPAIGN_READ)

SHOWN = 100  # rows; whoever has more searches
MANY = 8  # campaigns from which on a search is of use
TEXT, ARCHIVED = "campaigns-text", "campaigns-archived"
for stray in ("id", "tab"):  # the browser's Back keeps the campaign page's address
    st.query_params.pop(stray, None)

with reading() as session:
    rows = campaign_list.rows(session, who)
may_create = scope_of(who.role, Permission.CAMPAIGN_EDIT) is not None


def head(rows: list[Row]) -> None:
    """The title, and the one thing to do."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title("Campaigns", anchor=False, width="content")
        if may_create and rows:
            st.button("Create campaign", icon=":material/add:", type="primary", key="create", on_click=create.begin)


def narrowed(rows: list[Row]) -> list[Row]:
    """The inputs, where there is something to choose from, and what they let through."""
    archived = any(not row.campaign.active for row in rows)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if len(rows) >= MANY:
            st.text_input("Search", key=TEXT, placeholder="Name", icon=":material/search:", width=220, live=True)
        if archived:
            st.toggle("Show archived", key=ARCHIVED)
    return matching(rows, st.session_state.get(TEXT, ""), archived=bool(st.session_state.get(ARCHIVED)))


@st.fragment
def listing(rows: list[Row]) -> None:
    """The table, or why there is none. A search runs this alone: counting calls anew for each letter takes too long."""
    require(Permission.CAMPAIGN_READ)
    found = narrowed(rows)
    if not found:
        with st.container(border=True):
            st.markdown("**No campaign matches.** Search for another name, or show the archived ones.")
        return
    opened = campaign_table(found[:SHOWN])
    number = f"{len(found)} campaign{'s' * (len(found) != 1)}"
    st.caption(number if len(found) <= SHOWN else f"{number}; the first {SHOWN} are shown. Search for the others.")
    if opened:
        go("campaign.py", {"id": opened})


def none_yet(who: Identity) -> None:
    """No campaign: what to do next, for each as they may."""
    with st.container(border=True):
        if may_create:
            st.subheader("Create your first campaign", anchor=False)
            st.write(
                "Calls belong to a campaign: it says who transcribes them and by which checks they are judged. Begin "
                "with a template; everything can be changed later."
            )
            create.choice()
        elif scope_of(who.role, Permission.CAMPAIGN_READ) is Scope.ASSIGNED:
            st.subheader("No campaign is yours yet", anchor=False)
            st.write("Ask an Owner or a Senior Manager to assign you to one.")
        else:
            st.subheader("No campaigns yet", anchor=False)
            st.write("An Owner or a Senior Manager can create the first one.")


head(rows)
if rows:
    listing(rows)
else:
    none_yet(who)
if may_create:
    create.show()
