"""SFTP: how it stands with the server, batches, files with their verdicts, files that are nobody's; and one batch."""

import streamlit as st

from dashboard.components import mount
from dashboard.guard import not_found, require
from dashboard.navigation import go
from dashboard.sftp import batch, files, listing, rows, state, unclaimed
from records import sftp_list
from records.db import reading
from records.roles import Permission, Scope, scope_of

who = require(Permission.SFTP_READ)

BATCHES = "batches"
PARTS = {BATCHES: "Batches", files.FILES: "Files", unclaimed.UNCLAIMED: "Files that no campaign claims"}
_PART = "sftp-part"


def one() -> None:
    """The batch in the address."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        back = st.button("SFTP", icon=":material/arrow_back:", type="tertiary", key="back")
        if back or mount("menulink", {}, key="sftp-menulink"):
            go("sftp_batches.py")
        acts = st.container(horizontal=True, width="content")
    row = batch.asked_for(who)
    if row is None:
        not_found("batch")
        return
    with acts:
        batch.acts(row)
    batch.show(row)


def to_address() -> None:
    """The part that is shown stands in the address; what narrowed another part goes."""
    for name in list(st.query_params):
        st.query_params.pop(name)
    if st.session_state[_PART] != BATCHES:
        st.query_params[files.SHOW] = st.session_state[_PART]


def everything() -> None:
    """The server, and one of the parts."""
    parts = dict(PARTS)
    if scope_of(who.role, Permission.SFTP_READ) is not Scope.ALL:
        del parts[unclaimed.UNCLAIMED]
    st.title("SFTP", anchor=False)
    state.show(who)
    asked = st.query_params.get(files.SHOW, BATCHES)
    st.session_state[_PART] = asked if asked in parts else BATCHES
    st.segmented_control(
        "Show",
        list(parts),
        key=_PART,
        format_func=parts.__getitem__,
        required=True,
        label_visibility="collapsed",
        on_change=to_address,
    )
    with reading() as session:
        campaigns = sftp_list.campaigns(session, who)
    match st.session_state[_PART]:
        case files.FILES:
            files.show(who, campaigns)
        case unclaimed.UNCLAIMED:
            unclaimed.show()
        case _:
            listing.show(who, campaigns)


if rows.ID in st.query_params:
    one()
else:
    everything()
