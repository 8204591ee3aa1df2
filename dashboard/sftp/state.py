"""How it stands with the SFTP server, in words: what is set up, when it was looked through, what is wrong."""

from datetime import timedelta
from typing import Any

import streamlit as st

from config import settings
from dashboard import badges, words
from dashboard.badges import Badge
from dashboard.components import mount
from dashboard.guard import require
from dashboard.sftp import testing
from jobs import enqueue
from records import sftp_list, sftp_state
from records.db import reading
from records.identity import Identity
from records.roles import Permission, scope_of
from records.sftp_state import SftpState, is_long_ago, sweeping

RENEWED_S = 5
SWEEPING = Badge("Sweeping", "blue", "sync")
NOT_SET_UP = Badge("Not set up", "gray", "power_off")
NEVER = Badge("Not swept yet", "gray", "schedule")
AWAY = Badge("Out of reach", "orange", "cloud_off")
SET_UP = (
    "1. Where TotalView is started, set SFTP_HOST, SFTP_USERNAME, and SFTP_PASSWORD or SFTP_PRIVATE_KEY.",
    "2. Set SFTP_HOST_KEY to the server's own key, which ssh-keyscan prints; a server with another key is refused.",
    "3. Start TotalView anew, test the connection here, and enable SFTP in a campaign's settings.",
)
ASK = "Recordings can come by themselves from an SFTP server. An administrator sets it up."
NONE_ENABLED = "No campaign takes files from it yet. Enable SFTP in a campaign's settings, tab SFTP."
NOBODY_SWEEPS = "It should be looked through every {seconds} s. Is the scheduler running? `totalview up` starts one."


def show(who: Identity) -> None:
    """The server, and what may be done with it."""
    with st.container(border=True):
        _card()
        if settings().has_sftp and scope_of(who.role, Permission.SFTP_CONFIGURE):
            with st.container(horizontal=True, gap="small"):
                st.button("Sweep now", key="sftp-sweep", icon=":material/radar:", on_click=_sweep)
                if st.button("Test the connection", key="sftp-test", icon=":material/network_check:"):
                    testing.dialog()


@st.fragment(run_every=RENEWED_S)
def _card() -> None:
    """A fragment's run skips the page's first line, so it asks who it is again."""
    who = require(Permission.SFTP_READ)
    with reading() as session:
        state = sftp_state.state(session)
        enabled = bool(sftp_list.enabled(session))
        alarms = sftp_list.alarms(session, who)
    able = scope_of(who.role, Permission.SFTP_CONFIGURE) is not None
    card = card_of(state, set_up=settings().has_sftp, enabled=enabled, able=able)
    mount("card", {**card, "notes": [*card["notes"], *map(_alarm, alarms)]}, key="sftp-state")


def card_of(state: SftpState, *, set_up: bool, enabled: bool, able: bool) -> dict[str, Any]:
    """What is said; `able`: to somebody who may set it up."""
    if not set_up:
        lines = list(SET_UP) if able else [ASK]
        note = {"colour": "blue", "icon": "info", "title": "No SFTP server is set up", "lines": lines}
        return {"title": "SFTP server", "badges": [NOT_SET_UP._asdict()], "facts": [], "notes": [note]}
    trouble = _trouble(state)
    notes = [trouble] if trouble else []
    if not enabled:
        lines = [NONE_ENABLED] if able else ["No campaign takes files from it yet."]
        notes.append({"colour": "blue", "icon": "info", "title": "Nothing to look for", "lines": lines})
    facts = [("Last sweep", words.ago(state.ended_at) if state.ended_at else "None yet"), ("Next sweep", _next(state))]
    if state.ended_at:
        facts.append(("Files seen", f"{state.files:,}"))
    return {
        "title": "SFTP server",
        "code": settings().sftp_host if able else "",
        "badges": [_badge(state)._asdict()],
        "facts": facts,
        "notes": notes,
    }


def idle(state: SftpState) -> bool:
    """Whether it was not looked through for so long that nobody seems to do it any more."""
    return state.began_at is not None and not sweeping(state) and is_long_ago(state.began_at)


def needs_somebody(state: SftpState) -> bool:
    """Whether nothing comes in any more, and does not begin again by itself; one broken sweep is none."""
    return state.refused or idle(state) or (bool(state.words) and is_long_ago(state.ended_at))


def _badge(state: SftpState) -> Badge:
    if state.refused:
        return badges.TROUBLE
    if state.words:
        return AWAY
    if sweeping(state):
        return SWEEPING
    if state.ended_at is None:
        return NEVER
    return badges.TROUBLE if idle(state) else badges.WELL


def _next(state: SftpState) -> str:
    if sweeping(state):
        return f"Now, since {words.date(state.began_at)}" if state.began_at else "Now"
    if state.began_at is None:
        return f"Within {settings().sftp_sweep_seconds} seconds"
    return words.ahead(state.began_at + timedelta(seconds=settings().sftp_sweep_seconds)).capitalize()


def _trouble(state: SftpState) -> dict[str, Any] | None:
    if state.words:
        title = "Somebody must set this right" if state.refused else "The last sweep broke off"
        after = "Until then no file is taken." if state.refused else "It is tried again by itself; nothing is lost."
        colour, icon = ("red", "error") if state.refused else ("orange", "cloud_off")
        return {"colour": colour, "icon": icon, "title": title, "lines": [state.words, after]}
    if idle(state):
        since = words.date(state.began_at) if state.began_at else ""
        line = NOBODY_SWEEPS.format(seconds=settings().sftp_sweep_seconds)
        return {"colour": "red", "icon": "error", "title": f"Nobody has swept since {since}", "lines": [line]}
    return None


def _alarm(alarm: sftp_list.Alarm) -> dict[str, Any]:
    title = f"{alarm.campaign}: file names are not as usual"
    return {"colour": "orange", "icon": "notification_important", "title": title, "lines": [alarm.words]}


def _sweep() -> None:
    require(Permission.SFTP_CONFIGURE)
    enqueue.sweep_sftp()
    st.toast("The server is looked through in a moment.", icon=":material/radar:")
