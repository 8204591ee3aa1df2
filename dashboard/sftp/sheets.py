"""Lines of a batch's CSVs that somebody must see to: recordings that are not there, and lines that are no use."""

from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import address
from dashboard.address import Address
from dashboard.components import mount
from dashboard.sftp import turning
from dashboard.sftp.paths import seen
from dashboard.sftp.turning import Way
from records import sftp_sheets
from records.sftp_list import ENDED, Row
from records.sftp_sheets import Line, Page

AFTER, BEFORE = "lines-after", "lines-before"
PLACE = Address("sftp_lines", {}, places=(AFTER, BEFORE))
_COLUMNS = (("Recording, as the CSV names it", "name"), ("What is wrong", "words"), ("Line", "figure"), ("CSV", "text"))


def page(session: Session, batch: int) -> Page:
    """The page that the address names."""
    return sftp_sheets.page(session, batch, after=address.number(AFTER), before=address.number(BEFORE))


def show(row: Row, page: Page) -> None:
    """How many of each kind, and the table; nothing where nothing is wrong."""
    if not page.lines:
        return
    st.subheader("Lines of the CSV to see to", anchor=False)
    st.caption(heading(page))
    wanted = "It was never found." if row.batch.status in ENDED else "It is not there yet."
    data = {
        "label": "Lines of the CSV to see to",
        "columns": [{"title": title, "kind": kind} for title, kind in _COLUMNS],
        "rows": [_line(line, wanted, row.folder) for line in page.lines],
    }
    mount("table", data, key="sftp-lines")
    turning.foot(
        "sftp",
        Way("Earlier", BEFORE, page.lines[0].id, page.before),
        Way("Later", AFTER, page.lines[-1].id, page.after),
        PLACE.turn,
    )


def heading(page: Page) -> str:
    """'12 recordings that the CSV names are missing, 3 lines could not be used.'."""
    parts = []
    if page.missing:
        one = page.missing == 1
        parts.append(
            f"{page.missing:,} recording{'' if one else 's'} that the CSV names {'is' if one else 'are'} missing"
        )
    if page.unusable:
        parts.append(f"{page.unusable:,} line{'' if page.unusable == 1 else 's'} could not be used as they stand")
    return f"{', '.join(parts)}."


def _line(line: Line, wanted: str, folder: str) -> dict[str, Any]:
    said, sheet = line.words or wanted, seen(line.sheet, folder)
    cells = [
        {"text": seen(line.name) or "–", "title": seen(line.name)},
        {"text": said, "title": said},
        {"text": f"{line.line:,}"},
        {"text": sheet, "title": seen(line.sheet)},
    ]
    return {"id": str(line.id), "href": "", "cells": cells}
