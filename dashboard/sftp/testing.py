"""The test of the connection: each step in words, the first that fails with what to set right."""

from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard.badges import Badge
from dashboard.components import mount
from dashboard.guard import require
from pipeline.sftp.connection import checking
from pipeline.sftp.connection.checking import Step
from records import sftp_list
from records.db import reading
from records.roles import Permission
from records.sftp_folders import AfterImport


@st.dialog("Test the connection", width="medium", icon=":material/network_check:")
def dialog() -> None:
    """Try everything, once a dialog."""
    require(Permission.SFTP_CONFIGURE)
    with reading() as session:
        folders, writing = _folders(session)
    with st.spinner("Trying each step…"):
        steps = checking.check(folders, writing=writing)
    mount("facts", {"states": [_line(step) for step in steps]}, key="sftp-steps")
    if all(step.ok for step in steps):
        st.success("Everything is as it should be.", icon=":material/check:")


def _folders(session: Session) -> tuple[list[str], list[str]]:
    """Those of campaigns that take files, and those of them in which files are moved or deleted."""
    found = sftp_list.enabled(session)
    changed = [each.folder for each in found if each.after_import is not AfterImport.LEAVE]
    return [each.folder for each in found], changed


def _line(step: Step) -> dict[str, Any]:
    badge = Badge(step.name, "green", "check_circle") if step.ok else Badge(step.name, "red", "error")
    return {"badge": badge._asdict(), "when": "", "words": step.words}
