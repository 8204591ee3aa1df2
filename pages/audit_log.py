"""The audit log: who did what, when; filtered, paged, and as a file."""

import streamlit as st

from dashboard import address
from dashboard.audit import filters, lines
from dashboard.components import mount
from dashboard.guard import require
from records import audit_list, call_list
from records.audit_list import Page
from records.db import reading
from records.roles import Permission

who = require(Permission.AUDIT_READ)


def foot(page: Page) -> None:
    """The way to newer and older lines."""
    if page.newer or page.older:
        with st.container(horizontal=True, horizontal_alignment="right"):
            turner("Newer", "chevron_left", filters.NEWER, page.lines[0].id, enabled=page.newer)
            turner("Older", "chevron_right", filters.OLDER, page.lines[-1].id, enabled=page.older)


def turner(label: str, icon: str, name: str, edge: int, *, enabled: bool) -> None:
    """A button to the neighbouring page."""
    st.button(
        label,
        key=f"audit-{name}",
        icon=f":material/{icon}:",
        icon_position="left" if name == filters.NEWER else "right",
        disabled=not enabled,
        on_click=inputs.turn,
        args=(name, edge),
    )


def nothing(*, any_at_all: bool) -> None:
    """No line to show, and why."""
    with st.container(border=True, horizontal_alignment="center"):
        if any_at_all:
            st.markdown("**No line matches these filters.**", text_alignment="center", width="content")
            st.button("Clear filters", on_click=inputs.clear, icon=":material/filter_alt_off:")
        else:
            st.markdown("**Nothing was done yet.**", text_alignment="center", width="content")
            st.caption("Whatever is set up, shared or taken away stands here from now on.", width="content")


with reading() as session:
    campaigns = call_list.campaigns(session, who)
inputs = filters.of(campaigns)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Audit log", anchor=False, width="content")
    export = st.container(width="content")
wanted = filters.show(campaigns)
older, newer = address.number(filters.OLDER), address.number(filters.NEWER)
with reading() as session:
    page = audit_list.page(session, who, wanted, older_than=older, newer_than=newer)
    any_at_all = bool(page.lines) or audit_list.any_line(session, who)
if page.lines:
    with export:
        mount("download", {"label": "Export as CSV", "href": filters.export(wanted)}, key="export")
    lines.log(page.lines)
    foot(page)
else:
    nothing(any_at_all=any_at_all)
