"""The dialog in which a call is put under legal hold, or let out of it."""

import streamlit as st

from dashboard import farewell
from dashboard.guard import require
from dashboard.words import plain
from records import retention
from records.db import writing
from records.deletions import LONGEST_REASON
from records.identity import NotAllowed, NotFound
from records.roles import Permission


@st.dialog("Legal hold", icon=":material/gavel:")
def dialog(call_id: str, *, held: bool) -> None:
    """Confirm, with a reason."""
    require(Permission.CALL_HOLD)
    if held:
        st.write("What is over the campaign's time then goes within the hour, and Owners can delete the call again.")
        if st.button("End the legal hold", key="end-hold", type="primary", icon=":material/lock_open:"):
            _change(call_id, hold=False)
        return
    st.write("Recording and transcripts stay, whatever the campaign's retention says, and nobody can delete the call.")
    with st.form("hold-call", border=False):
        why = st.text_input(
            "Reason", key="hold-why", max_chars=LONGEST_REASON, placeholder="Such as the matter's number"
        )
        sent = st.form_submit_button("Put under legal hold", type="primary", icon=":material/gavel:")
    if sent:
        _change(call_id, hold=True, why=why)


def _change(call_id: str, *, hold: bool, why: str = "") -> None:
    who = require(Permission.CALL_HOLD)
    try:
        with writing() as session:
            if hold:
                retention.hold(session, who, call_id, why=why)
            else:
                retention.end_hold(session, who, call_id)
    except (NotAllowed, NotFound) as refused:
        st.error(plain(str(refused)), icon=":material/error:")
        return
    farewell.redraw("The call is under legal hold." if hold else "The legal hold has ended.")
