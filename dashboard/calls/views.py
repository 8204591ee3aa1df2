"""Saved views of the list: a menu to open, save, rename, share and delete them."""

from functools import partial
from urllib.parse import parse_qs, urlencode

import streamlit as st

from dashboard import farewell, words
from dashboard.calls import filters
from dashboard.calls.filter_address import NAMES
from dashboard.calls.places import SORT
from dashboard.guard import require
from records import saved_view_edits
from records.campaigns import NotUsable
from records.db import reading
from records.identity import Identity, NotAllowed, NotFound
from records.roles import Permission
from records.saved_view_edits import LONGEST_NAME, View


def menu(who: Identity) -> None:
    """The views to choose from, and the one on the screen to be saved."""
    with reading() as session:
        views = saved_view_edits.views(session, who)
    present = address()
    with st.popover("Views", icon=":material/bookmark:", key="views"):
        for view in views:
            _line(view, current=view.address == present, editable=view.mine or saved_view_edits.may_share(who))
        if st.button(
            "Save this view",
            key="save_view",
            icon=":material/bookmark_add:",
            help="Keep filters and order under a name" if present else "Set a filter or an order first",
            disabled=not present,
        ):
            _save()


def address() -> str:
    """The list's filters and order as one text; empty for the list as it is without any."""
    shown = filters.address()
    return urlencode([(name, shown[name]) for name in (*NAMES, SORT) if name in shown], doseq=True)


def open_view(saved: str) -> None:
    """Put a view into the address, which decides what is shown; for a button's callback."""
    wanted = parse_qs(saved)
    for name in (*NAMES, SORT):
        values = wanted.get(name, [])
        if values:
            st.query_params[name] = values if len(values) > 1 else values[0]
        else:
            st.query_params.pop(name, None)
    filters.first_page()


def _line(view: View, *, current: bool, editable: bool) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.button(
            words.plain(view.name),
            key=f"view_{view.id}",
            icon=":material/check:" if current else ":material/group:" if view.shared else ":material/bookmark:",
            help=words.plain(f"Shared by {view.by}") if view.shared and not view.mine else None,
            on_click=partial(open_view, view.address),
            width=220,
        )
        if editable and st.button(
            "Edit", key=f"edit_view_{view.id}", icon=":material/edit:", type="tertiary", help="Rename, share or delete"
        ):
            _edit(view)


@st.dialog("Save this view")
def _save() -> None:
    who = require(Permission.CALL_READ)
    with st.form("new_view", border=False):
        name = st.text_input("Name", key="view_name", max_chars=LONGEST_NAME, placeholder="Flagged this month")
        shared = _shared(who, present=False, key="view_shared")
        if st.form_submit_button("Save", key="save_new_view", type="primary"):
            try:
                saved_view_edits.save(who, name, address(), shared=shared)
            except (NotUsable, NotAllowed) as refused:
                st.error(words.plain(str(refused)), icon=":material/error:")
            else:
                farewell.redraw(f"Saved as '{name.strip()}'.")


@st.dialog("Edit view")
def _edit(view: View) -> None:
    who = require(Permission.CALL_READ)
    name = st.text_input("Name", value=view.name, key=f"name_of_{view.id}", max_chars=LONGEST_NAME)
    shared = _shared(who, present=view.shared, key=f"shared_{view.id}")
    with st.container(horizontal=True):
        save = st.button("Save changes", key="change_view", type="primary")
        gone = st.button("Delete view", key="delete_view", icon=":material/delete:")
    try:
        if save:
            saved_view_edits.change(who, view.id, name, shared=shared)
            farewell.redraw("The view is changed.")
        if gone:
            saved_view_edits.delete(who, view.id)
            farewell.redraw(f"The view '{view.name}' is deleted. The calls stay.")
    except (NotUsable, NotAllowed, NotFound) as refused:
        st.error(words.plain(str(refused)), icon=":material/error:")


def _shared(who: Identity, *, present: bool, key: str) -> bool:
    if not saved_view_edits.may_share(who):
        return present
    help_text = "Everybody finds it in their menu, and sees their own calls in it."
    return st.toggle("For everybody", value=present, key=key, help=help_text)
