"""The menu: which page stands where, and which permission opens it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from records.identity import Identity
from records.roles import Permission, scope_of

PAGES = Path(__file__).resolve().parents[1] / "pages"


class Entry(NamedTuple):
    """A page: its address is the file's name. `listed` pages are in the menu, the others are reached from them."""

    section: str
    file: str
    title: str
    icon: str
    permission: Permission
    listed: bool = True


HOME = "home.py"
MENU = (
    Entry("", "calls.py", "Calls", "call", Permission.CALL_READ),
    Entry("", "call.py", "Call", "graphic_eq", Permission.CALL_READ, listed=False),
)


def pages_for(who: Identity) -> dict[str, list[StreamlitPage]]:
    """One person's menu, by section."""
    menu: dict[str, list[StreamlitPage]] = {
        "": [st.Page(PAGES / HOME, title="Home", default=True, visibility="hidden")]
    }
    for entry in MENU:
        if scope_of(who.role, entry.permission):
            menu.setdefault(entry.section, []).append(_page(entry))
    return menu


def lone_link(menu: Mapping[str, list[StreamlitPage]]) -> None:
    """Streamlit shows no menu where only one page is listed; the way back to that page is wanted all the same."""
    listed = [page for section in menu.values() for page in section if page.visibility == "visible"]
    if len(listed) == 1:
        st.page_link(listed[0])


def _page(entry: Entry) -> StreamlitPage:
    return st.Page(
        PAGES / entry.file,
        title=entry.title,
        icon=f":material/{entry.icon}:",
        url_path=entry.file.removesuffix(".py"),
        visibility="visible" if entry.listed else "hidden",
    )


def go(name: str, address: Mapping[str, str | list[str]] | None = None) -> None:
    """Open another page, with this in its address."""
    st.switch_page(PAGES / name, query_params=dict(address or {}))
