"""Linking an agent to a call: who may be meant by the name that the source gave, and a search among all others."""

import streamlit as st

from dashboard import farewell
from dashboard.agents import chooser
from dashboard.guard import require
from dashboard.words import plain
from pipeline import amend
from records import access, agent_likeness, call_record
from records.agent_likeness import EXACT
from records.agents import Agent
from records.calls import Call
from records.db import reading
from records.identity import Identity, NotFound
from records.roles import Permission

KEY = "link-agent"


def button(call: Call, agent: str | None) -> None:
    """Opens the dialog."""
    label = "Change agent" if agent else "Link an agent"
    if st.button(label, key=KEY, icon=":material/support_agent:"):
        dialog(call.id)


@st.dialog("Whose call is this?", icon=":material/support_agent:")
def dialog(call_id: str) -> None:
    """Choose the agent. A call without one is judged like any other, and stays out of every figure about agents."""
    who = require(Permission.CALL_REPROCESS)
    try:
        with reading() as session:
            record = call_record.find(session, who, call_id)
    except NotFound as gone:
        st.error(plain(str(gone)))
        return
    call = record.call
    if record.agent:
        st.text(f"Linked to {record.agent}.")
    elif call.agent_given:
        st.text(f"The source calls the agent “{call.agent_given}”.")
    first = None if record.agent else _meant(who, call.agent_given)
    chosen = chooser.choose(who, "call-agent", first=first, without=call.agent_id, permission=Permission.CALL_REPROCESS)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if record.agent and st.button("Unlink", key="unlink", icon=":material/link_off:"):
            _link(call_id, None, f"{record.agent} is not linked any more.")
        pressed = st.button("Link", key="link", type="primary", disabled=chosen is None, icon=":material/link:")
        if pressed and chosen is not None:
            _link(call_id, chosen, "The agent is linked.")


def _meant(who: Identity, given: str) -> Agent | None:
    """Whom the source most likely means."""
    if not given:
        return None
    with reading() as session:
        found = agent_likeness.suggestions(agent_likeness.known(session, who, Permission.CALL_REPROCESS), given)
        several = len(found) > 1 and found[0].likeness == EXACT  # nobody is chosen by chance
        if not found or several:
            return None
        return access.agent(session, who, found[0].agent_id, Permission.CALL_REPROCESS)


def _link(call_id: str, agent_id: int | None, done: str) -> None:
    who = require(Permission.CALL_REPROCESS)
    try:
        amend.link(who, call_id, agent_id)
    except NotFound as gone:
        st.error(plain(str(gone)), icon=":material/error:")
        return
    farewell.redraw(done)
