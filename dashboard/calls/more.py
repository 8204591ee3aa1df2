"""What is done to a call less often: its speakers swapped, the call deleted. Each is confirmed."""

import streamlit as st

from dashboard import farewell
from dashboard.calls import holding
from dashboard.guard import require
from dashboard.words import plain
from jobs import enqueue
from pipeline import deletion, swapping
from pipeline.reruns import Busy, NothingToAnalyze
from pipeline.swapping import NothingToSwap
from records import call_record
from records.calls import Call
from records.db import reading
from records.deletions import LONGEST_REASON
from records.identity import Identity, NotAllowed, NotFound
from records.roles import Permission, scope_of
from records.transcripts import Gone, Withheld

SWAP, DELETE = "Swap speakers", "Delete this call"
HOLD, END_HOLD = "Put under legal hold", "End the legal hold"
TYPED = "delete"
REFUSED = (Busy, Gone, NothingToAnalyze, Withheld, NothingToSwap, NotFound, NotAllowed)
_ICONS = {
    SWAP: ":material/swap_horiz:",
    HOLD: ":material/gavel:",
    END_HOLD: ":material/lock_open:",
    DELETE: ":material/delete:",
}


def menu(who: Identity, call: Call, *, has_transcript: bool) -> None:
    """Only what this person may do; what is chosen opens its dialog."""
    possible = []
    if has_transcript and scope_of(who.role, Permission.CALL_REPROCESS):
        possible.append(SWAP)
    if scope_of(who.role, Permission.CALL_HOLD):
        possible.append(END_HOLD if call.held_at else HOLD)
    if scope_of(who.role, Permission.CALL_DELETE):
        possible.append(DELETE)
    if not possible:
        return
    chosen = st.menu_button(
        "More", possible, key="more", icon=":material/more_horiz:", format_func=lambda each: f"{_ICONS[each]} {each}"
    )
    if chosen == SWAP:
        swap(call.id)
    elif chosen in {HOLD, END_HOLD}:
        holding.dialog(call.id, held=chosen == END_HOLD)
    elif chosen == DELETE:
        delete(call.id)


@st.dialog(SWAP, icon=":material/swap_horiz:")
def swap(call_id: str) -> None:
    """Confirm: it begins a run."""
    require(Permission.CALL_REPROCESS)
    st.write(
        "Whoever is called the agent becomes the customer, and the other way round. "
        "The checks are judged anew, which makes a new version; this one stays."
    )
    st.caption("Nothing is transcribed again. Rerun Transcription later tells the speakers apart anew.")
    if st.button(SWAP, key="swap", type="primary", icon=":material/swap_horiz:"):
        _swap(call_id)


@st.dialog("Delete this call for good?", icon=":material/delete_forever:")
def delete(call_id: str) -> None:
    """Confirm by typing: nothing brings it back."""
    who = require(Permission.CALL_DELETE)
    try:
        with reading() as session:
            record = call_record.find(session, who, call_id)
    except NotFound as gone:
        st.error(plain(str(gone)))
        return
    st.text(record.call.filename)
    versions = len(record.versions)
    st.write(
        f"The recording, {versions} version{'' if versions == 1 else 's'} with transcripts and checks, reviews and the "
        "timeline go, and nothing brings them back. A receipt of what went stays, without the file's name."
    )
    with st.form("delete-call", border=False):
        why = st.text_input("Reason", key="delete-why", max_chars=LONGEST_REASON, placeholder="For the audit log")
        typed = st.text_input(f"Type “{TYPED}” or the file's name", key="delete-typed", autocomplete="off")
        beside = st.empty()
        sent = st.form_submit_button("Delete for good", type="primary", icon=":material/delete_forever:")
    if not sent:
        return
    if typed.strip() not in {TYPED, record.call.filename.strip()}:
        beside.error(f"Type “{TYPED}”, or the file's name as it stands above.", icon=":material/error:")
        return
    try:
        with beside, st.spinner("Deleting…"):
            deletion.delete_call(require(Permission.CALL_DELETE), call_id, why=why)
    except REFUSED as refused:
        beside.error(plain(str(refused)), icon=":material/error:")
        return
    farewell.redraw("The call is deleted.")


def _swap(call_id: str) -> None:
    who = require(Permission.CALL_REPROCESS)
    try:
        enqueue.first(*swapping.swap(who, call_id))
    except REFUSED as refused:
        st.error(plain(str(refused)), icon=":material/error:")
        return
    farewell.redraw("On its way. This page follows it.")
