"""Files that no campaign claims, by the folder that they lie in: what to do about each folder."""

from urllib.parse import urlencode

import streamlit as st

from dashboard import words
from dashboard.components import mount
from dashboard.guard import require
from dashboard.navigation import go
from dashboard.sftp import files, rows
from dashboard.sftp.paths import seen
from records import sftp_unclaimed
from records.db import reading
from records.roles import Permission
from records.sftp_unclaimed import LOOKED_AT, Folder

UNCLAIMED = "unclaimed"  # this part of the page, in the address
SHOWN = 100
RENEWED_S = 30
ROOT = "SFTP_ROOT itself"
_COLUMNS = (("Folder", "name"), ("Files", "figure"), ("Size", "right"), ("Newest", "date"))
_THEIRS: dict[str, str | list[str]] = {files.SHOW: files.FILES, files.CAMPAIGN: files.NOBODY}


@st.fragment(run_every=RENEWED_S)
def show() -> None:
    """The folders, the fullest first. A fragment's run skips the page's first line, so it asks who it is again."""
    who = require(Permission.SFTP_READ)
    with reading() as session:
        found = sftp_unclaimed.folders(session, who)
    if not found.folders:
        with st.container(border=True):
            st.markdown(":green[:material/task_alt:] Every file on the server lies in a campaign's folder.")
        return
    st.caption(
        "These files lie in no campaign's folder, and nothing is done with them. A folder is given to a campaign on "
        "the tab SFTP of its settings; its files are then taken by the next sweep."
    )
    data = {
        "label": "Folders that no campaign claims",
        "columns": [{"title": title, "kind": kind} for title, kind in _COLUMNS],
        "rows": [_row(folder) for folder in found.folders[:SHOWN]],
    }
    if mount("table", data, key="sftp-unclaimed"):
        go("sftp_batches.py", _THEIRS)
    if found.more:
        st.caption(f"Counted are the {LOOKED_AT:,} files that were seen last; there are older ones.")
    if len(found.folders) > SHOWN:
        st.caption(f"The {SHOWN} fullest of {len(found.folders):,} folders.")


def _row(folder: Folder) -> dict[str, object]:
    path = seen(folder.path) or ROOT
    cells = [
        {"text": path, "title": path},
        {"text": f"{folder.files:,}"},
        {"text": words.size(folder.size)},
        {"text": words.date(folder.modified)},
    ]
    return {"id": folder.path or ROOT, "href": f"{rows.PAGE}?{urlencode(_THEIRS)}", "cells": cells}
