"""Reviews: the queue of calls that wait for a person, and the review of one."""

import streamlit as st

from dashboard.calls import view
from dashboard.components import mount
from dashboard.guard import not_found, require
from dashboard.navigation import go
from dashboard.review import desk, filters, saving, waiting
from records import access, call_record, review_record
from records.call_record import Record, Result
from records.db import reading
from records.identity import Identity, NotFound
from records.review_record import Standing
from records.reviews import ReviewState
from records.roles import Permission

who = require(Permission.CALL_REPROCESS)


def asked_for(who: Identity, call_id: str) -> tuple[Record, Result | None, Standing, str] | None:
    """The call in the address, its newest result and how that one's review stands; None when it is not theirs."""
    if not call_id.isalnum():
        return None
    try:
        with reading() as session:
            access.call(session, who, call_id, Permission.CALL_REPROCESS)
            record = call_record.find(session, who, call_id)
            result = call_record.result(session, record)
            standing = review_record.of(session, result.version) if result else Standing()
            stamp = review_record.stamp(session, standing.review) if standing.review else ""
            return record, result, standing, stamp
    except NotFound:
        return None


def one(record: Record, result: Result, standing: Standing, stamp: str) -> None:
    """What was said on one side, what was found of it on the other."""
    call = record.call
    said, judged = st.columns(2, gap="medium")
    with said:
        mount("transcript", view.transcript(record, result), key=f"review-said-{call.id}")
    with judged:
        if standing.state is ReviewState.NONE:
            not_asked_for(call.id)
            return
        data = desk.desk(who, record, result, standing, stamp)
        data["problem"] = st.session_state.pop(saving.PROBLEM, None)
        data["tries"] = st.session_state.get(saving.TRIES, 0)
        mount("review", data, key=f"review-{call.id}-{result.version.number}", heard=saving.act)
        if standing.state is ReviewState.CLOSED:
            with st.container(horizontal=True):
                st.button(
                    "Next",
                    key="review-next",
                    type="primary",
                    icon=":material/arrow_forward:",
                    on_click=saving.onward,
                    args=(call.id,),
                )
                st.button(
                    "Open the review again",
                    key="review-reopen",
                    icon=":material/undo:",
                    on_click=saving.reopen,
                    args=(call.id,),
                )


def not_asked_for(call_id: str) -> None:
    """Neither flagged nor disputed; it may be reviewed all the same."""
    with st.container(border=True):
        st.subheader("Nobody has asked for a review", anchor=False)
        st.write("This call is neither flagged nor disputed. You can review it all the same.")
        st.button(
            "Start a review",
            key="review-ask",
            type="primary",
            icon=":material/rate_review:",
            on_click=saving.reopen,
            args=(call_id,),
        )


def no_result() -> None:
    """Nothing to review yet."""
    with st.container(border=True):
        st.subheader("There is no result to review yet", anchor=False)
        st.write("It can be reviewed once it is Completed. Its page follows it.")


call_id = st.query_params.get("id", "")
if not call_id:
    waiting.show()
    st.stop()
with st.container(horizontal=True, horizontal_alignment="distribute"):
    back = st.button("Queue", icon=":material/arrow_back:", type="tertiary", key="review-back")
    if back or mount("menulink", {}, key="review-menulink"):
        go("review.py", filters.address())
    if st.button("Open the call", icon=":material/graphic_eq:", type="tertiary", key="review-open-call"):
        go("call.py", {"id": call_id})
asked = asked_for(who, call_id)
if asked is None:
    not_found("call")
    st.stop()
record, result, standing, stamp = asked
mount("heading", view.heading(record, result, may_rerun=True, at_desk=True), key=f"review-heading-{record.call.id}")
if result is None:
    no_result()
else:
    one(record, result, standing, stamp)
