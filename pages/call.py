"""One call: what was said, what the checks found, how it was made."""

import streamlit as st

from dashboard import words
from dashboard.calls import filters, reprocess, view
from dashboard.components import mount
from dashboard.guard import not_found, require
from dashboard.navigation import go
from records import call_record
from records.call_record import Record, Result
from records.db import reading
from records.identity import Identity, NotFound
from records.roles import Permission
from records.statuses import FINISHED

who = require(Permission.CALL_READ)

BUSY_S = 2  # how often a call that is on its way is looked at


def asked_for(who: Identity) -> tuple[Record, Result | None] | None:
    """The call in the address, and the version in it; None when there is none such for this person."""
    call_id, version = st.query_params.get("id", ""), st.query_params.get("version", "")
    if not call_id.isalnum():
        return None
    try:
        with reading() as session:
            record = call_record.find(session, who, call_id)
            number = int(version) if version.isdecimal() and len(version) < 9 else None  # noqa: PLR2004  fits the column
            return record, call_record.result(session, record, number)
    except NotFound:
        return None


def version_chooser(record: Record, result: Result) -> None:
    """For a call with several versions: which one to see."""
    if len(record.versions) < 2:  # noqa: PLR2004  nothing to choose from
        return
    numbers = [summary.number for summary in record.versions]
    labels = {summary.number: view.version_label(summary) for summary in record.versions}
    chosen = st.selectbox(
        "Version",
        numbers,
        index=numbers.index(result.version.number),
        format_func=labels.__getitem__,
        label_visibility="collapsed",
        width=320,
    )
    if chosen != result.version.number:
        st.query_params["version"] = str(chosen)
        st.rerun()


def found(record: Record, result: Result) -> None:
    """A version: figures, what was said, what the checks found."""
    with st.grid(6, min_column_width=130, gap="small"):
        st.metric("Score", words.score(result.version.score), border=True)
        for name, value in view.figures(result).items():
            st.metric(name, value, border=True)
    said, judged = st.columns([3, 2], gap="medium")
    with said:
        st.subheader("Transcript", anchor=False)
        mount("transcript", view.transcript(record, result, start_s=start()), key=f"said-{record.call.id}")
    with judged:
        st.subheader("Checks", anchor=False)
        if result.checks:
            mount("checks", view.checks(result), key=f"checks-{result.version.id}")
        else:
            st.caption("This campaign had no checks when the call was analysed.")


def start() -> float:
    """Where `?t=30` asks the recording to begin, in seconds."""
    asked = st.query_params.get("t", "")
    return float(asked) if asked.isdecimal() and len(asked) < 7 else 0.0  # noqa: PLR2004  a million seconds is nonsense


@st.fragment(run_every=BUSY_S)
def watch(call_id: str, seen: tuple[object, ...]) -> None:
    """Draws the page again when the call has moved on."""
    who = require(Permission.CALL_READ)
    try:
        with reading() as session:
            now = call_record.pulse(session, who, call_id)
    except NotFound:
        st.rerun()
    if now != seen:
        st.rerun()


if st.button("Calls", icon=":material/arrow_back:", type="tertiary", key="back"):
    go("calls.py", filters.address())

asked = asked_for(who)
if asked is None:
    not_found("call")
    st.stop()

record, result = asked
call = record.call
mount("heading", view.heading(record, result), key=f"heading-{call.id}")
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    reprocess.buttons(who, call, record.campaign, has_transcript=result is not None)
    if result is not None:
        version_chooser(record, result)
if result is None:
    mount("transcript", view.recording_only(record), key=f"said-{call.id}")
else:
    found(record, result)
left, right = st.columns(2, gap="medium")
with left, st.expander("Timeline", icon=":material/timeline:", expanded=result is None):
    mount("facts", view.timeline(record.events), key=f"timeline-{call.id}")
with right, st.expander("Details", icon=":material/info:"):
    mount("facts", view.details(record, result), key=f"details-{call.id}")
if call.status not in FINISHED:
    newest = max((event.id or 0 for event in record.events), default=0)
    watch(call.id, (call.status, call.run_number, call.version_number, record.waiting.words, newest))
