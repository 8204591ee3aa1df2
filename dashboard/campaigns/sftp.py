"""The tab SFTP: which folder is the campaign's, what is expected there, and what becomes of it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from config import settings
from dashboard.campaigns import sftp_names
from dashboard.campaigns.form import Form, beside
from dashboard.campaigns.sftp_draft import COLUMN, form, stored, wanted, wrong
from dashboard.guard import not_found, require
from dashboard.navigation import PAGES
from dashboard.sftp.listing import CAMPAIGN
from dashboard.words import plain
from pipeline.sftp import configuring
from pipeline.sftp.claims import PROCESSED
from pipeline.sftp.facts.columns import COLUMNS
from records import access, sftp_folders
from records.campaigns import Campaign
from records.db import reading, writing
from records.identity import NotFound
from records.roles import Permission
from records.sftp_folders import LONGEST_FOLDER, LONGEST_WINDOW, AfterImport, CsvRule

CSV: Mapping[CsvRule, str] = {
    CsvRule.REQUIRED: "Required: recordings wait for a CSV",
    CsvRule.OPTIONAL: "Optional: with or without a CSV",
}
AFTER: Mapping[AfterImport, str] = {
    AfterImport.LEAVE: "Leave the file where it is",
    AfterImport.MOVE: f"Move it to {PROCESSED}/",
    AfterImport.DELETE: "Delete it",
}
CREDENTIALS = "Your administrator provides the SFTP server credentials separately."
NO_SERVER = (
    "No SFTP server is set up: an administrator must set SFTP_HOST, SFTP_USERNAME, SFTP_HOST_KEY, and SFTP_PASSWORD or "
    "SFTP_PRIVATE_KEY, where TotalView is started. The settings here can be made already."
)
DELETES = (
    "Once a call is stored, its file is deleted from the server. TotalView then holds the only copy, unless your "
    "recording system keeps its own."
)
DUPLICATES = """
- Each path is imported once. Another file at the same path is a **Duplicate**: 'Import as new' beside it makes it a
  call of its own.
- The same recording under another name is a **Duplicate** too, and leads to the call that it is already. There it can
  be reprocessed: a new version, and the old one stays.
- So **renaming a file imports nothing again**. Use 'Import as new' or reprocess the call.
- A file whose call was deleted is not imported again.
"""
HOME = "."  # as SFTP_ROOT: where the sign-in leads
HEADINGS_SHOWN = 8  # of those that a column is found by


def show(campaign: Campaign) -> None:
    """Draw the tab, as whoever is signed in at this moment."""
    require(Permission.SFTP_CONFIGURE)
    _tab(campaign.slug)


@st.fragment
def _tab(slug: str) -> None:
    who = require(Permission.SFTP_CONFIGURE)
    try:
        with reading() as session:
            campaign = access.campaign(session, who, slug, Permission.SFTP_CONFIGURE)
            folder = sftp_folders.folder_of(session, campaign)
    except NotFound:
        not_found("campaign")
        return
    inputs, now = form(slug), stored(folder)
    base = inputs.begin(now)
    inputs.say_farewell()
    mistakes = wrong(inputs, base)
    said = inputs.refused | mistakes
    _top(slug, folder.alarm)
    for part in (_folder, _batches, sftp_names.show, _columns, _afterwards):
        with st.container(border=True):
            part(inputs, said)
    with st.expander("How duplicates are told", icon=":material/content_copy:"):
        st.markdown(DUPLICATES)
    inputs.foot(list(wanted(inputs, base)), moved=base != now, wrong=bool(mistakes), save=save)


def save(slug: str) -> None:
    """Store what was changed, all at once; where something cannot be used, nothing, and what was typed stays."""
    who, inputs = require(Permission.SFTP_CONFIGURE), form(slug)
    if wrong(inputs, inputs.base):
        return
    asked: dict[str, Any] = wanted(inputs, inputs.base)
    inputs.store(lambda: configuring.configure(who, slug, sftp_folders.folder_changes(**asked)), asked)


def _top(slug: str, alarm: str) -> None:
    """Where the server stands, the way to what came from it, and the alarm."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(CREDENTIALS, width="content")
        st.page_link(
            PAGES / "sftp_batches.py",
            label="Batches of this campaign",
            icon=":material/folder_open:",
            query_params={CAMPAIGN: slug},
            width="content",
        )
    if not settings().has_sftp:
        st.info(NO_SERVER, icon=":material/info:")
    if alarm:
        with st.container(border=True):
            st.warning(plain(alarm), icon=":material/notification_important:")
            st.button("This is usual now", key=f"sftp-quiet-{slug}", on_click=_quiet, args=(slug,))


def _quiet(slug: str) -> None:
    who = require(Permission.SFTP_CONFIGURE)
    try:
        with writing() as session:
            sftp_folders.quiet(session, who, slug)
    except NotFound as refused:
        st.toast(plain(str(refused)), icon=":material/error:")


def _folder(inputs: Form, said: Mapping[str, str]) -> None:
    st.subheader("Folder", anchor=False)
    st.toggle(
        "Take recordings from SFTP",
        key=inputs.key("enabled"),
        help="Off: nothing is taken from the folder; what came stays.",
        persist_state="session",
    )
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    left.text_input(
        "Folder slug",
        key=inputs.key("folder"),
        max_chars=LONGEST_FOLDER,
        help="Where files are uploaded for this campaign, below the server's root. No campaign's folder may lie within "
        "another's.",
        persist_state="session",
    )
    right.toggle(
        "Subfolders too",
        key=inputs.key("subfolders"),
        help="Also what lies in folders within it, such as one a day.",
        persist_state="session",
    )
    beside(said, "enabled", "folder", "subfolders")
    root = settings().sftp_root
    below = ", below the folder to which the sign-in leads" if root == HOME else ""
    st.caption(f"On the server, files go to{below}:")
    st.code(place(root, inputs.typed("folder") or ""), language=None, wrap_lines=True)


def place(root: str, folder: str) -> str:
    """The whole path of a folder on the server, or from where the sign-in leads."""
    below = folder.strip().strip("/")
    return below if root == HOME else f"{root.rstrip('/')}/{below}"


def _batches(inputs: Form, said: Mapping[str, str]) -> None:
    st.subheader("Batches", anchor=False)
    left, right = st.columns(2)
    left.radio("CSV", list(CSV), format_func=CSV.__getitem__, key=inputs.key("csv"), persist_state="session")
    right.number_input(
        "Batch window, minutes",
        min_value=1,
        max_value=LONGEST_WINDOW,
        value=None,
        step=5,
        key=inputs.key("window_minutes"),
        help="How long files that belong together, CSV and recordings, are waited for. A CSV ends it at once when "
        "every recording that it names is there.",
        persist_state="session",
    )
    beside(said, "csv", "window_minutes")


def _columns(inputs: Form, said: Mapping[str, str]) -> None:
    st.subheader("Columns of the CSV", anchor=False)
    st.caption("Usual headings are found by themselves. Name one here only where yours is another.")
    with st.expander("Name headings", icon=":material/view_column:"), st.grid(3, min_column_width=200, gap="small"):
        for name, column in COLUMNS.items():
            st.text_input(
                column.label,
                key=inputs.key(f"{COLUMN}{name}"),
                placeholder=column.aliases[0],
                help=plain(f"Found as: {', '.join(column.aliases[:HEADINGS_SHOWN])}"),
                persist_state="session",
            )
    st.caption("Columns that are none of these are kept with the call as metadata.")
    beside(said, "column_map")


def _afterwards(inputs: Form, said: Mapping[str, str]) -> None:
    st.subheader("After the import", anchor=False)
    left, right = st.columns(2)
    left.radio(
        "The file on the server",
        list(AFTER),
        format_func=AFTER.__getitem__,
        key=inputs.key("after_import"),
        persist_state="session",
    )
    right.toggle(
        "Make agents of names nobody knows",
        key=inputs.key("create_agents"),
        help="Off: a call whose agent is not known stays unlinked, says why, and can be linked by a person.",
        persist_state="session",
    )
    if inputs.typed("after_import") == AfterImport.DELETE:
        st.warning(DELETES, icon=":material/delete_forever:")
    beside(said, "after_import", "create_agents")
