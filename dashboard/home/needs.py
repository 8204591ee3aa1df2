"""What needs somebody now, whatever the days: each with its number and the way to it."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st
from sqlmodel import Session

from dashboard import badges, words
from dashboard.badges import Badge
from dashboard.calls import filter_address as addressed
from dashboard.calls.filter_address import CAMPAIGN, CANCELLED, LEFT_OUT, PAUSED, STATUS, STUCK, Address
from dashboard.guard import require
from dashboard.home.period import whenever
from dashboard.navigation import PAGES
from dashboard.sftp import needs as sftp
from records import call_list, review_queue
from records.call_list import COUNTED
from records.db import reading
from records.identity import Identity
from records.review_queue import Queue
from records.reviews import ReviewState
from records.roles import Permission
from records.statuses import CallStatus

RENEWED_S = 10
IN_A_ROW = 4  # as many as there are figures below
Count = Callable[[Session, Identity, Address, str], int]


def calls(session: Session, who: Identity, address: Address, zone: str) -> int:
    """As many as the list at this address shows."""
    said = {name: [value] if isinstance(value, str) else value for name, value in address.items()}
    return call_list.count(session, who, addressed.filters(addressed.values(said), zone))


def to_review(session: Session, who: Identity, address: Address, _zone: str) -> int:
    """As many as wait in the queue of whoever may review."""
    named = address.get(CAMPAIGN, [])
    return review_queue.count(session, who, Queue(campaigns=frozenset([named] if isinstance(named, str) else named)))


class Need(NamedTuple):
    """Something to see to: how it looks, what there is to do, and where."""

    badge: Badge
    act: str
    address: Address
    page: str = "calls.py"
    number: Count = calls


NEEDS = (  # one more kind of thing to see to is one more entry
    Need(Badge("To review", "red", badges.REVIEW[ReviewState.OPEN].icon), "Review", {}, "review.py", to_review),
    Need(
        Badge("Failed", "red", badges.CALL[CallStatus.FAILED].icon),
        "See why",
        {STATUS: CallStatus.FAILED.value, CANCELLED: LEFT_OUT},
    ),
    Need(Badge("Stuck", "orange", "hourglass_disabled"), "Look into it", {STUCK: "1"}),
    Need(Badge("Waiting for a provider", "orange", "pause_circle"), "See which", {PAUSED: "1"}),
    Need(Badge("SFTP waits for files", "violet", "hourglass_top"), "See which", sftp.WAIT, sftp.PAGE, sftp.waiting),
    Need(Badge("SFTP incomplete", "orange", "rule"), "See why", sftp.SHORT, sftp.PAGE, sftp.ended_short),
    Need(Badge("Odd file names", "orange", "notification_important"), "See whose", {}, sftp.PAGE, sftp.odd_names),
    Need(Badge("SFTP server", "red", "dns"), "See why", {}, sftp.PAGE, sftp.in_trouble),
)


@st.fragment(run_every=RENEWED_S)
def show(campaigns: tuple[str, ...]) -> None:
    """What is to be done. A fragment's run skips the page's top, so it asks who it is again."""
    who = require(Permission.CALL_READ)
    zone = words.zone().key
    with reading() as session:
        found = [(need, need.number(session, who, whenever(campaigns, **need.address), zone)) for need in NEEDS]
    st.subheader("Needs you now", anchor=False)
    waiting = [(need, number) for need, number in found if number]
    if not waiting:
        with st.container(border=True):
            st.markdown(
                ":green[:material/task_alt:] Nothing waits for you: no call is to be reviewed, failed or stuck."
            )
        return
    with st.grid(IN_A_ROW, min_column_width=150):
        for need, number in waiting:
            with st.container(border=True, height="stretch", gap="xsmall"):
                label = f":{need.badge.colour}[{need.badge.material}] {need.badge.label}"
                st.metric(label, f"{COUNTED:,}+" if number > COUNTED else f"{number:,}")
                st.page_link(
                    PAGES / need.page,
                    label=need.act,
                    icon=":material/arrow_forward:",
                    query_params=whenever(campaigns, **need.address),
                )
