"""Which part of the queue, and in what order: between the address, the inputs and the query. The address is checked."""

from collections.abc import Mapping

import streamlit as st

from dashboard import words
from pipeline.flagging import FlagCode
from records.review_queue import Order, Queue

CAMPAIGN, AGENT, REASON, ORDER, MIXED = "campaign", "agent", "reason", "order", "mixed"
AFTER, BEFORE = "after", "before"  # the call behind which a page of the queue begins, or before which it ends
DISPUTED = "disputed"  # beside the reasons for a flag: what an agent says
REASONS: Mapping[str, str] = {
    DISPUTED: "Disputed",
    FlagCode.CRITICAL_FAILED: "Critical check failed",
    FlagCode.CRITICAL_UNJUDGED: "Critical check not judged",
    FlagCode.SCORE: "Low score",
    FlagCode.SECTION: "Low section score",
    FlagCode.UNSURE: "Unsure verdict",
    FlagCode.TRANSCRIPT: "Poor transcript",
}
ORDERS = {Order.OLDEST: "Oldest first", Order.WORST: "Worst first"}
WIDTH = 165  # pixels of an input: five in a row beside the menu, two in a row on a phone
_ADDRESS = (CAMPAIGN, AGENT, REASON, ORDER, MIXED)
_SEEN = "review_address_seen"


def show(campaigns: dict[str, str], agents: dict[int, str]) -> Queue:
    """The row of inputs, and what they say."""
    queue = asked(campaigns, agents)
    _fill(queue)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Order", list(ORDERS), key=_key(ORDER), format_func=ORDERS.__getitem__, on_change=_turned, width=WIDTH
        )
        if len(campaigns) > 1:  # nobody chooses from one
            st.multiselect(
                "Campaign",
                list(campaigns),
                key=_key(CAMPAIGN),
                format_func=lambda slug: words.plain(campaigns[slug]),
                placeholder="Any campaign",
                on_change=_turned,
                width=WIDTH,
            )
        if agents:
            _choose("Agent", AGENT, agents)
        _choose("Reason", REASON, REASONS)
        st.toggle("Disputed first", key=_key(MIXED), on_change=_turned)
    return queue


def asked(campaigns: Mapping[str, str], agents: Mapping[int, str]) -> Queue:
    """What the address asks for; whatever is not there to be chosen narrows nothing."""
    agent, reason = (st.query_params.get(name, "") for name in (AGENT, REASON))
    number = int(agent) if agent.isdecimal() and len(agent) < 10 else 0  # noqa: PLR2004  fits the column
    return Queue(
        order=Order.WORST if st.query_params.get(ORDER) == Order.WORST else Order.OLDEST,
        disputed_first=MIXED not in st.query_params,
        campaigns=frozenset(st.query_params.get_all(CAMPAIGN)) & campaigns.keys(),
        agent_id=number if number in agents else None,
        reason=reason if reason in REASONS and reason != DISPUTED else "",
        disputed=reason == DISPUTED,
    )


def address() -> dict[str, str | list[str]]:
    """The queue's own part of the address, for the way to a call of it and back."""
    return {name: st.query_params.get_all(name) for name in _ADDRESS if name in st.query_params}


def clear() -> None:
    """Take every filter off; for a button's callback."""
    for name in (CAMPAIGN, AGENT, REASON, AFTER, BEFORE):
        st.query_params.pop(name, None)


def turn(name: str, call_id: str) -> None:
    """Write a place into the address; for a button's callback."""
    _first_page()
    st.query_params[name] = call_id


def _choose(label: str, name: str, named: Mapping[str, str] | Mapping[int, str]) -> None:
    labels = {str(value): words.plain(text) for value, text in named.items()}
    st.selectbox(
        label,
        list(labels),
        key=_key(name),
        index=None,
        format_func=labels.__getitem__,
        placeholder=f"Any {label.lower()}",
        on_change=_turned,
        width=WIDTH,
    )


def _fill(queue: Queue) -> None:
    """Fill the inputs when the address is another than they were filled from: a link, a return, the browser's Back."""
    seen = address()
    if st.session_state.get(_SEEN) == seen and _key(ORDER) in st.session_state:
        return
    st.session_state[_SEEN] = seen
    st.session_state[_key(ORDER)] = queue.order
    st.session_state[_key(CAMPAIGN)] = sorted(queue.campaigns)
    st.session_state[_key(AGENT)] = None if queue.agent_id is None else str(queue.agent_id)
    st.session_state[_key(REASON)] = (DISPUTED if queue.disputed else queue.reason) or None
    st.session_state[_key(MIXED)] = queue.disputed_first


def _turned() -> None:
    """A changed input shows in the address, and begins at the first page."""
    _first_page()
    chosen: dict[str, list[str] | str | None] = {
        name: st.session_state.get(_key(name)) for name in (CAMPAIGN, AGENT, REASON)
    }
    chosen[ORDER] = Order.WORST if st.session_state[_key(ORDER)] == Order.WORST else None
    chosen[MIXED] = None if st.session_state[_key(MIXED)] else "1"
    for name, value in chosen.items():
        if value:
            st.query_params[name] = value if isinstance(value, list) else str(value)
        else:
            st.query_params.pop(name, None)
    st.session_state[_SEEN] = address()


def _first_page() -> None:
    for name in (AFTER, BEFORE):
        st.query_params.pop(name, None)


def _key(name: str) -> str:
    return f"review-{name}"
