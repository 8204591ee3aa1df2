"""What is stuck, and what to do about it; it renews itself."""

import streamlit as st

from dashboard import words
from dashboard.guard import require
from jobs import overview, stuck
from jobs.health import Trouble
from jobs.overview import Overview
from jobs.stuck import What
from records.roles import Permission

RENEWED_S = 10
ICONS = {What.SCHEDULER: "timer_off", What.QUEUE: "engineering", What.BUSY: "hourglass_top", What.SWEEP: "folder_off"}


@st.fragment(run_every=RENEWED_S)
def show() -> None:
    """A line for each thing, or one that says that there is none. A fragment's run skips the page's first line."""
    require(Permission.SYSTEM_READ)
    queues = _queues()
    found = stuck.look(queues)
    for one in found:
        icon = f":material/{ICONS.get(one.what, 'pending_actions')}:"
        st.warning(f"**{words.plain(one.words)}** {one.advice}", icon=icon)
    if not found and queues:
        st.caption(":material/check_circle: Nothing is stuck.")


def _queues() -> Overview | None:
    try:
        return overview.look()
    except Trouble:
        return None
