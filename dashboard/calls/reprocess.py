"""The two buttons that send a call through the pipeline again, and the choice of who transcribes it."""

import streamlit as st

from config import settings
from dashboard import farewell
from dashboard.guard import require
from jobs import enqueue
from pipeline import reruns
from pipeline.reruns import Busy, NothingToAnalyze
from pipeline.transcribers import registry
from records import outages
from records.calls import Call
from records.campaigns import Campaign
from records.db import reading
from records.identity import Identity, NotFound
from records.roles import Permission, scope_of
from records.statuses import BUSY, RunReason
from records.transcripts import Gone, Withheld

BUTTONS = (
    (
        RunReason.RERUN_TRANSCRIPTION,
        "Rerun Transcription",
        "graphic_eq",
        "Make the transcript anew, then the analysis.",
    ),
    (RunReason.RUN_ANALYSIS, "Run Analysis", "fact_check", "Judge the checks anew on the transcript that is there."),
)

AS_USUAL = ""  # the transcriber that the campaign says


def buttons(who: Identity, call: Call, campaign: Campaign, *, has_transcript: bool) -> None:
    """For those who may; greyed out while the call is being processed."""
    if scope_of(who.role, Permission.CALL_REPROCESS) is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
        _choice(call, campaign)
        for reason, label, icon, help_text in BUTTONS:
            has_what_it_needs = has_transcript if reason is RunReason.RUN_ANALYSIS else call.recording_gone_at is None
            st.button(
                label,
                key=reason.value,
                icon=f":material/{icon}:",
                help=help_text,
                disabled=call.status in BUSY or not has_what_it_needs,
                on_click=start,
                args=(call.id, reason),
            )


def start(call_id: str, reason: RunReason) -> None:
    """Ask for the run, as whoever is signed in at this moment."""
    who = require(Permission.CALL_REPROCESS)
    wanted = st.session_state.get(choice_of(call_id), AS_USUAL) if reason is RunReason.RERUN_TRANSCRIPTION else AS_USUAL
    try:
        enqueue.first(*reruns.rerun(who, call_id, reason, transcriber=wanted))
    except (Busy, Gone, NothingToAnalyze, Withheld, NotFound) as refused:
        farewell.leave(str(refused), farewell.REFUSED)
    else:
        farewell.leave("On its way. This page follows it.")


def choice_of(call_id: str) -> str:
    """Where a session keeps who was chosen: a choice for one call is none for the next."""
    return f"transcriber-{call_id}"


def _choice(call: Call, campaign: Campaign) -> None:
    """Who transcribes anew, where there is more than one who could."""
    able = [name for name in registry.usable(settings()) if registry.redacts(name) or not campaign.redact]
    if len(able) < 2:  # noqa: PLR2004  nothing to choose from
        return
    usual = campaign.transcriber or registry.default(settings(), redact=campaign.redact)
    with reading() as session:
        paused = {state.provider for state in outages.paused(session)}
    named = {name: registry.label(name) + (", paused" if name in paused else "") for name in {*able, usual}}
    labels = {AS_USUAL: f"As usual ({named[usual]})"} | {name: named[name] for name in able}
    st.selectbox(
        "Transcriber for a rerun",
        list(labels),
        key=choice_of(call.id),
        format_func=labels.__getitem__,
        disabled=call.status in BUSY or call.recording_gone_at is not None,
        width=240,
    )
