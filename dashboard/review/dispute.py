"""On a call's page: how its review stands, what was disputed and answered, and the way to dispute a check."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from dashboard import badges, farewell, words
from dashboard.badges import Badge
from dashboard.components import mount
from dashboard.guard import require
from dashboard.navigation import go
from dashboard.review import desk
from records import review_acts, review_record
from records.call_record import Record, Result
from records.campaigns import NotUsable
from records.db import reading, writing
from records.identity import NotAllowed, NotFound
from records.review_acts import LONGEST_WORDS, Overtaken
from records.review_record import Standing
from records.reviews import ReviewState
from records.roles import Permission, scope_of
from records.statuses import Verdict


def show(record: Record, result: Result) -> None:
    """The part of the page, as whoever is signed in at this moment."""
    who = require(Permission.CALL_READ)
    with reading() as session:
        standing = review_record.of(session, result.version)
    reviews, newest = bool(scope_of(who.role, Permission.CALL_REPROCESS)), _newest(record, result)
    lines = list(states(result, standing))
    if not lines and not (newest and (reviews or result.checks)):
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Review", anchor=False)
        if newest and reviews:
            opened = st.button("Review this call", key="review-this", icon=":material/rate_review:")
            if opened:
                go("review.py", {"id": record.call.id})
        elif newest and result.checks and st.button("Dispute a check", key="dispute", icon=":material/feedback:"):
            ask(record.call.id, result)
    if lines:
        mount("facts", {"states": lines}, key=f"review-of-{result.version.id}")
    elif not reviews:
        st.caption("If a check misjudged this call, say so: a reviewer listens to it and answers here.")


def states(result: Result, standing: Standing) -> Iterable[dict[str, Any]]:
    """The outcome, what it changed, and each dispute with its answer."""
    review = standing.review
    if review is not None and standing.state is ReviewState.OPEN:
        yield _line(badges.REVIEW[ReviewState.OPEN], words.date(review.opened_at), "")
    if review is not None and review.closed_at is not None:
        came_to = (
            f"Score {words.score(review.score)}, was {words.score(result.version.score)}. {review.comment}".strip()
        )
        yield _line(badges.REVIEW[ReviewState.CLOSED], words.date(review.closed_at), came_to, f"by {review.closed_by}")
        for check in result.checks:
            found = standing.checks.get(check.position)
            if found is not None and found.verdict is not found.was:
                was = badges.VERDICT[found.was].label.lower()
                yield _line(badges.VERDICT[found.verdict], f"was {was}", f"{check.name}. {found.comment}".strip())
    for each in standing.disputes:
        raised = each.dispute
        answered = desk.answer(each.check, each.answer) if raised.settled_at else ""
        badge = badges.ANSWERED if raised.settled_at else badges.DISPUTED
        yield _line(badge, words.date(raised.at), f"{each.check.name}: {raised.words}", answered or f"by {raised.by}")


@st.dialog("Dispute a check", icon=":material/feedback:")
def ask(call_id: str, result: Result) -> None:
    """Which check, and what it got wrong. What was typed stays while it is refused."""
    require(Permission.CALL_READ)
    judged = {check.position: check for check in result.checks}
    labels = {
        position: f"{words.plain(check.name)} ({badges.VERDICT[check.verdict].label.lower()})"
        for position, check in judged.items()
    }
    failed = [position for position, check in judged.items() if check.verdict is Verdict.FAIL]
    order = [*failed, *(position for position in judged if position not in failed)]
    chosen = st.selectbox("Check", order, format_func=labels.__getitem__, key="dispute-check")
    said = st.text_area(
        "What did it get wrong?",
        key="dispute-words",
        max_chars=LONGEST_WORDS,
        placeholder="I did name the fee, at 2:10, right after the customer asked.",
    )
    problem = st.empty()
    if st.button("Send", key="dispute-send", type="primary", icon=":material/send:"):
        why_not = _send(call_id, result.version.number, chosen, said)
        if why_not:
            problem.error(words.plain(why_not), icon=":material/error:")
        else:
            farewell.redraw("Sent. A reviewer will look at it, and the answer appears here.")


def _send(call_id: str, number: int, position: int, said: str) -> str:
    """Raise the dispute; the reason where it was refused."""
    who = require(Permission.CALL_READ)
    try:
        with writing() as session:
            review_acts.dispute(session, who, call_id, number, position=position, words=said)
    except (NotUsable, NotAllowed, NotFound, Overtaken) as no:
        return str(no)
    return ""


def _newest(record: Record, result: Result) -> bool:
    return result.version.number == record.call.version_number


def _line(badge: Badge, when: str, said: str, by: str = "") -> dict[str, Any]:
    return {"badge": badge._asdict(), "when": when, "words": said, "by": by}
