"""What is done to many calls at once: the menu, the dialog that asks first, and what came of it."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.agents import chooser
from dashboard.calls import picking
from dashboard.guard import require
from dashboard.words import plain
from jobs import enqueue
from pipeline import many
from pipeline.many import MOST, Act, Outcome
from records import call_list
from records.call_filters import Filters
from records.call_order import Sort
from records.campaigns import NotUsable
from records.db import reading
from records.identity import Identity, NotAllowed, NotFound
from records.roles import Permission, scope_of

LABELS = {
    Act.RERUN_TRANSCRIPTION: "Rerun Transcription",
    Act.RUN_ANALYSIS: "Run Analysis",
    Act.SWAP_SPEAKERS: "Swap speakers",
    Act.LINK_AGENT: "Link an agent",
}
ICONS = {
    Act.RERUN_TRANSCRIPTION: "graphic_eq",
    Act.RUN_ANALYSIS: "fact_check",
    Act.SWAP_SPEAKERS: "swap_horiz",
    Act.LINK_AGENT: "support_agent",
}
MEANS = {
    Act.RERUN_TRANSCRIPTION: "Each transcript is made anew, then the analysis. Providers may charge for each call.",
    Act.RUN_ANALYSIS: "The checks are judged anew on the transcripts that are there. Claude may charge for each call.",
    Act.SWAP_SPEAKERS: "Agent and customer change places, and the checks are judged anew. Swap again to undo.",
    Act.LINK_AGENT: "Calls that are linked to somebody else change hands. You can undo it.",
}
SELECTED, ALL = "selected", "all"
_CAME = "calls_acted"


@dataclass(frozen=True)
class Came:
    """What came of an act."""

    words: str
    before: dict[str, int | None]


def menu(who: Identity, filters: Filters, sort: Sort) -> None:
    """For those who may; what is chosen opens its dialog."""
    if scope_of(who.role, Permission.CALL_REPROCESS) is None:
        return
    picked = picking.picked()
    label = f"Act on {len(picked):,} selected" if picked else "Act on many"
    chosen = st.menu_button(
        label,
        list(Act),
        key="act_on_many",
        icon=":material/checklist:",
        format_func=lambda act: f":material/{ICONS[act]}: {LABELS[act]}",
    )
    if chosen is not None:
        _ask(chosen, filters, sort)


def came_of_it() -> None:
    """What the last act did, until it is put away."""
    came: Came | None = st.session_state.get(_CAME)
    if came is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="acted"):
        st.text(came.words, width="stretch")
        if came.before:
            st.button("Undo", key="undo_act", icon=":material/undo:", on_click=_undo)
        st.button("Close", key="close_act", icon=":material/close:", type="tertiary", on_click=_put_away)


@st.dialog("Act on many calls", icon=":material/checklist:")
def _ask(act: Act, filters: Filters, sort: Sort) -> None:
    """Say what, and to how many; then do it."""
    who = require(Permission.CALL_REPROCESS)
    st.markdown(f"**{LABELS[act]}**")
    st.write(MEANS[act])
    picked = picking.picked()
    with reading() as session:
        matching = len(call_list.ids(session, who, filters, sort=sort, limit=MOST + 1))
    which = {ALL: f"All that the list shows ({f'{matching:,}' if matching <= MOST else f'{MOST:,}+'})"}
    if picked:
        which = {SELECTED: f"The selected ones ({len(picked):,})", **which}
    scope = st.radio("Which calls", list(which), key=f"act_scope_{bool(picked)}", format_func=which.__getitem__)
    number = len(picked) if scope == SELECTED else matching
    if number > MOST:
        st.caption(f"The first {MOST:,} in the order of the list: this many at once. Repeat it for the others.")
    agent = chooser.choose(who, "many", permission=Permission.CALL_REPROCESS) if act is Act.LINK_AGENT else None
    now = min(number, MOST)
    ready = now > 0 and (act is not Act.LINK_AGENT or agent is not None)
    label = f"{LABELS[act]}: {now:,} {'call' if now == 1 else 'calls'}"
    if not st.button(label, key="act_now", type="primary", icon=f":material/{ICONS[act]}:", disabled=not ready):
        return
    bar = st.progress(0.0, f"0 of {now:,}")
    try:
        ids = picked[:MOST] if scope == SELECTED else many.matching(who, filters, sort)
        outcome = _done(who, act, ids, agent, bar)
    except (NotUsable, NotFound, NotAllowed) as refused:
        bar.empty()
        st.error(plain(str(refused)), icon=":material/error:")
        return
    st.session_state[_CAME] = Came(said(act, outcome), outcome.before)
    picking.clear()
    st.rerun()


def said(act: Act, outcome: Outcome) -> str:
    """'Run Analysis: begun for 7 of 9 calls. Passed over: 2 being processed.'"""
    verb = "linked" if act is Act.LINK_AGENT else "begun for"
    words = f"{LABELS[act]}: {verb} {outcome.done:,} of {outcome.total:,} {'call' if outcome.total == 1 else 'calls'}."
    rest = ", ".join(f"{number:,} {reason}" for reason, number in outcome.passed_over.most_common())
    return f"{words} Passed over: {rest}." if rest else words


def _done(who: Identity, act: Act, ids: list[str], agent: int | None, bar: DeltaGenerator) -> Outcome:
    def told(behind: int) -> None:
        bar.progress(behind / max(len(ids), 1), f"{behind:,} of {len(ids):,}")

    if act is Act.LINK_AGENT:
        return many.link(who, ids, agent, told)
    return many.run(who, act, ids, enqueue.first, told)


def _undo() -> None:
    who = require(Permission.CALL_REPROCESS)
    came: Came | None = st.session_state.pop(_CAME, None)
    if came is None:
        return
    outcome = many.link_back(who, came.before, lambda _behind: None)
    rest = outcome.total - outcome.done
    left = f" {rest:,} could not be." if rest else ""
    st.session_state[_CAME] = Came(f"{outcome.done:,} calls are linked as before.{left}", {})


def _put_away() -> None:
    st.session_state.pop(_CAME, None)
