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
WORK, SET_UP, ADMIN = "Work", "Set-up", "Admin"
MENU = (
    Entry(WORK, HOME, "Home", "home", Permission.CALL_READ),
    Entry(WORK, "upload.py", "Upload", "upload", Permission.CALL_UPLOAD),
    Entry(WORK, "calls.py", "Calls", "call", Permission.CALL_READ),
    Entry(WORK, "call.py", "Call", "graphic_eq", Permission.CALL_READ, listed=False),
    Entry(WORK, "review.py", "Review", "rate_review", Permission.CALL_REPROCESS),
    Entry(WORK, "bulk_jobs.py", "Bulk jobs", "stacks", Permission.CALL_UPLOAD),
    Entry(WORK, "bulk_job.py", "Bulk job", "stacks", Permission.CALL_UPLOAD, listed=False),
    Entry(WORK, "sftp_batches.py", "SFTP", "folder_open", Permission.SFTP_READ),
    Entry(SET_UP, "campaigns.py", "Campaigns", "campaign", Permission.CAMPAIGN_READ),
    Entry(SET_UP, "campaign.py", "Campaign", "campaign", Permission.CAMPAIGN_READ, listed=False),
    Entry(SET_UP, "agents.py", "Agents", "support_agent", Permission.AGENT_MANAGE),
    Entry(SET_UP, "agent.py", "Agent", "support_agent", Permission.AGENT_MANAGE, listed=False),
    Entry(ADMIN, "people.py", "People", "group", Permission.PEOPLE_MANAGE),
    Entry(ADMIN, "audit_log.py", "Audit log", "history", Permission.AUDIT_READ),
    Entry(ADMIN, "system.py", "System", "monitor_heart", Permission.SYSTEM_READ),
    Entry(WORK, "account.py", "Account", "account_circle", Permission.CALL_READ, listed=False),
)


def pages_for(who: Identity) -> dict[str, list[StreamlitPage]]:
    """One person's menu, by section."""
    menu: dict[str, list[StreamlitPage]] = {}
    for entry in MENU:
        if scope_of(who.role, entry.permission):
            menu.setdefault(entry.section, []).append(_page(entry))
    return menu


def _page(entry: Entry) -> StreamlitPage:
    return st.Page(
        PAGES / entry.file,
        title=entry.title,
        icon=f":material/{entry.icon}:",
        url_path=entry.file.removesuffix(".py"),
        default=entry.file == HOME,
        visibility="visible" if entry.listed else "hidden",
    )


def go(name: str, address: Mapping[str, str | list[str]] | None = None) -> None:
    """Open another page, with this in its address."""
    st.switch_page(PAGES / name, query_params=dict(address or {}))
