"""What a reviewer's browser asks for: close this review, close it and go on, or skip it."""

from typing import Annotated, Literal

import streamlit as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dashboard import farewell, words
from dashboard.guard import require
from dashboard.review import filters
from dashboard.review.desk import refused
from pipeline import reviewing
from records import review_acts, review_queue
from records.campaigns import NotUsable
from records.db import LARGEST_ID, reading, writing
from records.identity import NotAllowed, NotFound
from records.review_acts import LONGEST_WORDS, Decision, Overtaken
from records.roles import Permission
from records.statuses import Verdict

PROBLEM = "review_problem"
TRIES = "review_tries"  # so that a second refusal in the same words is news to the component
CLOSED = "The review is closed."
UNREADABLE = "What your browser sent could not be read. Reload the page: what you entered is still there."

Number = Annotated[int, Field(ge=0, le=LARGEST_ID)]
Words = Annotated[str, Field(max_length=4 * LONGEST_WORDS)]  # too long is said in words, further up


class Given(BaseModel):
    """One verdict, as it came."""

    model_config = ConfigDict(extra="forbid")

    position: Number
    verdict: Verdict
    comment: Words = ""


class Told(BaseModel):
    """What the component says."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["close", "next", "skip"]
    call: Annotated[str, Field(max_length=32, pattern="^[0-9a-z]+$")]
    version: Number
    seen: Annotated[str, Field(max_length=80)]
    comment: Words = ""
    decisions: Annotated[list[Given], Field(max_length=1000)] = []


def act(said: str) -> None:
    """Do it, and go on, or stay with the reason why not; told by the component, before the page is drawn."""
    require(Permission.CALL_REPROCESS)
    st.session_state[TRIES] = st.session_state.get(TRIES, 0) + 1
    try:
        told = Told.model_validate_json(said)
    except ValidationError:
        st.session_state[PROBLEM] = refused("Not saved", UNREADABLE)
        return
    problem = None if told.act == "skip" else _close(told)
    if problem is not None:
        st.session_state[PROBLEM] = problem
    elif told.act == "close":
        farewell.leave(CLOSED)
    else:
        onward(told.call, CLOSED if told.act == "next" else "")


def onward(call_id: str, done: str = "") -> None:
    """To the call that comes next in the queue; to the queue where none does. For a callback."""
    who = require(Permission.CALL_REPROCESS)
    with reading() as session:
        queue = filters.asked(review_queue.campaigns(session, who), review_queue.agents(session, who))
        following = review_queue.following(session, who, queue, call_id)
    farewell.leave(done if following else f"{done} No other call waits here.".strip())
    if following:
        st.query_params["id"] = following
    else:
        st.query_params.pop("id", None)


def reopen(call_id: str) -> None:
    """Ask for a review of the newest version; for a button's callback."""
    who = require(Permission.CALL_REPROCESS)
    try:
        with writing() as session:
            review_acts.reopen(session, who, call_id)
    except (NotUsable, NotAllowed, NotFound) as no:
        st.toast(words.plain(str(no)), icon=":material/info:")


def _close(told: Told) -> dict[str, object] | None:
    """Close the review; what to say where it was refused."""
    who = require(Permission.CALL_REPROCESS)
    decisions = [Decision(each.position, each.verdict, each.comment) for each in told.decisions]
    try:
        with writing() as session:
            reviewing.close(session, who, told.call, told.version, decisions, comment=told.comment, seen=told.seen)
    except Overtaken as no:
        return refused("Somebody was before you", str(no))
    except (NotUsable, NotAllowed, NotFound) as no:
        return refused("Not saved", str(no))
    return None
