"""One call: what was said, what the checks found, how it was made."""

from typing import NamedTuple

import streamlit as st

from dashboard.calls import compare, details, downloads, filters, linking, more, receipt, reprocess, view
from dashboard.components import mount
from dashboard.guard import not_found, require
from dashboard.navigation import go
from dashboard.review import dispute
from records import call_record, deletions
from records.call_record import Record, Result
from records.db import reading
from records.deletions import DeletedCall
from records.identity import Identity, NotFound
from records.roles import Permission, scope_of
from records.statuses import FINISHED

who = require(Permission.CALL_READ)

BUSY_S = 2  # how often a call that is on its way is looked at
LONGEST_NUMBER = 6  # digits: a million seconds, turns or versions is nonsense


class Asked(NamedTuple):
    """The call in the address, the version of it, and the one to compare that with."""

    record: Record
    result: Result | None
    compared: Result | None


def asked_for(who: Identity) -> Asked | DeletedCall | None:
    """What the address names, as far as this person may see it; None when there is none such."""
    call_id = st.query_params.get("id", "")
    if not call_id.isalnum():
        return None
    with reading() as session:
        try:
            record = call_record.find(session, who, call_id)
        except NotFound:
            pass
        else:
            result = call_record.result(session, record, number("version"))
            other = number("compare")
            known = other in {each.number for each in record.versions} and result and other != result.version.number
            return Asked(record, result, call_record.result(session, record, other) if known else None)
        try:
            return deletions.find(session, who, call_id)
        except NotFound:
            return None


def number(name: str) -> int | None:
    """A number in the address; None where there is none, or nonsense."""
    given = st.query_params.get(name, "")
    return int(given) if given.isdecimal() and len(given) <= LONGEST_NUMBER else None


def version_chooser(asked: Asked, result: Result) -> None:
    """For a call with several versions: which one to see, and with which to compare it."""
    record, shown = asked.record, result.version.number
    if len(record.versions) < 2:  # noqa: PLR2004  nothing to choose from
        return
    labels = {summary.number: view.version_label(summary) for summary in record.versions}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            "Version", list(labels), index=list(labels).index(shown), format_func=labels.__getitem__, width=320
        )
        compared = asked.compared.version.number if asked.compared else compare.NOTHING
        other = compare.chooser(record, shown, compared, labels)
    if (chosen, other) == (shown, compared):
        return
    st.query_params["version"] = str(chosen)
    if other in {compare.NOTHING, chosen}:
        st.query_params.pop("compare", None)
    else:
        st.query_params["compare"] = str(other)
    st.rerun()


def found(record: Record, result: Result) -> None:
    """A version: score and flag, figures, what was said, what the checks found."""
    scores, figures, flag = view.scores(result), view.figures(result), view.flag(result)
    if flag:
        with st.container(horizontal=True, gap="small"):
            for name, value in scores.items():
                st.metric(name, value, border=True, width=150, height="stretch")
            mount("flagged", {"note": flag}, key=f"flag-{result.version.id}")
    else:
        figures = scores | figures
    with st.grid(len(figures), min_column_width=130, gap="small"):
        for name, value in figures.items():
            st.metric(name, value, border=True)
    said, judged = st.columns([3, 2], gap="medium")
    with said:
        st.subheader("Transcript", anchor=False)
        data = view.transcript(record, result, start_s=number("t") or 0, turn=number("turn") or 0)
        mount("transcript", data, key=f"said-{record.call.id}")
    with judged:
        st.subheader("Checks", anchor=False)
        if result.checks:
            mount("checks", view.checks(result), key=f"checks-{result.version.id}")
        else:
            st.caption("This campaign had no checks when the call was analysed.")


def toolbar(who: Identity, record: Record, result: Result | None) -> None:
    """What may be done with the call."""
    has_transcript = result is not None and record.can_be_judged
    call, may_rerun = record.call, scope_of(who.role, Permission.CALL_REPROCESS) is not None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        reprocess.buttons(who, call, record.campaign, has_transcript=has_transcript)
        if may_rerun:
            linking.button(call, record.agent)
        downloads.button(record, result)
        more.menu(who, call, has_transcript=has_transcript)


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
if isinstance(asked, DeletedCall):
    receipt.show(asked)
    st.stop()

record, result = asked.record, asked.result
call = record.call
may_rerun = scope_of(who.role, Permission.CALL_REPROCESS) is not None
mount("heading", view.heading(record, result, may_rerun=may_rerun, flag_elsewhere=True), key=f"heading-{call.id}")
toolbar(who, record, result)
if result is None:
    mount("transcript", view.recording_only(record), key=f"said-{call.id}")
else:
    version_chooser(asked, result)
    if asked.compared:
        compare.show(record, result, asked.compared)
    found(record, result)
    dispute.show(record, result)
left, right = st.columns(2, gap="medium")
with left, st.expander("Timeline", icon=":material/timeline:", expanded=result is None):
    mount("facts", view.timeline(record.events), key=f"timeline-{call.id}")
with right, st.expander("Details", icon=":material/info:"):
    mount("facts", details.details(record, result), key=f"details-{call.id}")
if call.status not in FINISHED:
    newest = max((event.id or 0 for event in record.events), default=0)
    watch(call.id, (call.status, call.run_number, call.version_number, record.waiting.words, newest))
