"""The two buttons that send a call through the pipeline again."""

import streamlit as st

from dashboard.guard import require
from jobs import enqueue
from pipeline import reruns
from pipeline.reruns import Busy, NothingToAnalyze
from records.calls import Call
from records.identity import Identity, NotFound
from records.roles import Permission, scope_of
from records.statuses import BUSY, RunReason

BUTTONS = (
    (
        RunReason.RERUN_TRANSCRIPTION,
        "Rerun Transcription",
        "graphic_eq",
        "Make the transcript anew, then the analysis.",
    ),
    (RunReason.RUN_ANALYSIS, "Run Analysis", "fact_check", "Judge the checks anew on the transcript that is there."),
)


def buttons(who: Identity, call: Call, *, has_transcript: bool) -> None:
    """For those who may; greyed out while the call is being processed."""
    if scope_of(who.role, Permission.CALL_REPROCESS) is None:
        return
    with st.container(horizontal=True, width="content"):
        for reason, label, icon, help_text in BUTTONS:
            impossible = call.status in BUSY or (reason is RunReason.RUN_ANALYSIS and not has_transcript)
            st.button(
                label,
                key=reason.value,
                icon=f":material/{icon}:",
                help=help_text,
                disabled=impossible,
                on_click=start,
                args=(call.id, reason),
            )


def start(call_id: str, reason: RunReason) -> None:
    """Ask for the run, as whoever is signed in at this moment."""
    who = require(Permission.CALL_REPROCESS)
    try:
        enqueue.first(*reruns.rerun(who, call_id, reason))
    except (Busy, NothingToAnalyze, NotFound) as refused:
        st.toast(str(refused), icon=":material/info:")
    else:
        st.toast("On its way. This page follows it.", icon=":material/check:")
