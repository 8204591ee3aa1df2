"""The parts of this installation: is each there, and how much room is left."""

import shutil
from collections.abc import Callable
from typing import Any

import streamlit as st

from config import settings
from dashboard import badges, words
from dashboard.badges import Badge
from dashboard.components import mount
from dashboard.guard import require
from jobs import health
from jobs.health import Trouble
from records.db import reading
from records.roles import Permission
from records.space import database_bytes

LABELS = {
    "database": ("Database", "database"),
    "storage": ("Recordings", "hard_drive"),
    "queue": ("Queue", "stacks"),
    "workers": ("Workers", "engineering"),
}
LITTLE = 0.05  # of a disk: below this it is time to make room
_KEPT_S = 30  # each look writes and deletes a file in the storage, and pages are left open


def show() -> None:
    """A line for each part, with what was found or what to do; looked at anew when asked to."""
    require(Permission.SYSTEM_READ)
    with st.spinner("Looking at each part…", show_time=False):
        found = _found()
    mount("facts", {"states": [_line(name, *each) for name, each in found.items()]}, key="parts")
    st.button("Look again", icon=":material/refresh:", on_click=_look_again)


def _look_again() -> None:
    require(Permission.SYSTEM_READ)
    _found.clear()


@st.cache_data(ttl=_KEPT_S, show_spinner=False)
def _found() -> dict[str, tuple[bool, str]]:
    """The same for everybody who may ask: whether each part is well, and its words."""
    return {name: _judged(check) for name, check in health.CHECKS.items()} | {"room": _room()}


def _judged(check: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, check()
    except Trouble as trouble:
        return False, str(trouble)


def _room() -> tuple[bool, str]:
    disk = shutil.disk_usage(settings().folder)
    with reading() as session:
        taken = words.size(database_bytes(session))
    enough = disk.free > disk.total * LITTLE
    said = f"{words.size(disk.free)} of {words.size(disk.total)} are free; the database takes {taken}"
    return enough, said if enough else f"{said}. Make room before recordings cannot be taken in any more."


def _line(name: str, well: bool, said: str) -> dict[str, Any]:
    label, icon = LABELS.get(name, ("Disk of this machine", "storage"))
    state = badges.WELL if well else badges.TROUBLE
    return {"badge": Badge(label, state.colour, icon)._asdict(), "when": state.label, "words": said}
