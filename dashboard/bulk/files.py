"""The files of a bulk job, a page at a time: what became of each, and the way to its call."""

from typing import Any
from urllib.parse import urlencode

import streamlit as st
from sqlmodel import Session

from dashboard import address, badges
from dashboard.address import Address
from dashboard.badges import Badge
from dashboard.bulk.overview import CALLED_OFF, DUPLICATES, REFUSED
from dashboard.components import mount
from dashboard.navigation import go
from records import bulk_files
from records.bulk import BulkJob
from records.bulk_files import File, Page

FAILED, AFTER, BEFORE = "failed", "after", "before"
INPUTS = Address("bulk_files", {FAILED: address.yes}, places=(AFTER, BEFORE))
_COLUMNS = (("File", "name"), ("What became of it", "badge"), ("Why", "words"))


def page(session: Session, job: BulkJob) -> Page:
    """The page that the address names."""
    INPUTS.fill()
    after, before = address.number(AFTER), address.number(BEFORE)
    return bulk_files.page(session, job, failed=INPUTS.value(FAILED), after=after, before=before)


def show(page: Page) -> None:
    """The table, the switch, and the way on."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Files", anchor=False, width="content")
        st.toggle("Only what failed", key=INPUTS.key(FAILED), on_change=INPUTS.write)
    if page.rows:
        data = {
            "label": "Files",
            "columns": [{"title": title, "kind": kind} for title, kind in _COLUMNS],
            "rows": [_row(file) for file in page.rows],
        }
        opened = mount("table", data, key="files")
        _foot(page)
        if opened:
            go("call.py", {"id": opened})
    elif INPUTS.value(FAILED):
        st.caption("No file failed.")
    else:
        st.caption("No file has come yet. They appear here as they are uploaded.")


def became(file: File) -> Badge:
    """Where a file stands: as its call, unless that was there before or was called off."""
    if file.status is None:
        return REFUSED
    if file.duplicate:
        return DUPLICATES
    return CALLED_OFF if file.cancelled else badges.CALL[file.status]


def _row(file: File) -> dict[str, Any]:
    why = "" if file.duplicate else file.words
    cells = [
        {"text": file.filename, "title": file.filename},
        became(file)._asdict(),
        {"text": why, "title": why} if why else None,
    ]
    href = f"/call?{urlencode({'id': file.call_id})}" if file.status is not None else ""
    return {"id": file.call_id or "", "href": href, "cells": cells}


def _foot(page: Page) -> None:
    if page.before or page.after:
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.button(
                "Earlier",
                key="files-before",
                icon=":material/chevron_left:",
                disabled=not page.before,
                on_click=INPUTS.turn,
                args=(BEFORE, page.rows[0].id),
            )
            st.button(
                "Later",
                key="files-after",
                icon=":material/chevron_right:",
                icon_position="right",
                disabled=not page.after,
                on_click=INPUTS.turn,
                args=(AFTER, page.rows[-1].id),
            )
