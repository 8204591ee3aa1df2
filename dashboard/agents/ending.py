"""The dialogs that end an agent: merged into another, or deactivated; and the way back."""

import streamlit as st

from dashboard import farewell, words
from dashboard.agents import chooser, said
from dashboard.agents.add import REFUSED
from dashboard.guard import require
from records import agent_edits, agent_merge
from records.agent_merge import Outlook
from records.agents import Agent
from records.call_list import COUNTED
from records.db import reading, stored_id, writing
from records.identity import Identity
from records.roles import Permission


@st.dialog("Merge two agents", width="medium", icon=":material/merge:")
def merge(agent: Agent) -> None:
    """Another agent is the same person: theirs becomes this one's."""
    who = require(Permission.AGENT_MANAGE)
    st.write("Two records of one person become one. This one stays:")
    st.text(chooser.label(agent))
    st.write("Choose the other. What is theirs passes over, and their record is deleted.")
    other = chooser.choose(who, "merge", without=agent.id)
    outlook = _outlook(who, agent, other) if other is not None else None
    if outlook is not None:
        _told(outlook)
    if not st.button("Merge", type="primary", icon=":material/merge:", disabled=outlook is None) or outlook is None:
        return
    try:
        with st.spinner("Moving calls…"):
            moved = agent_merge.merge(who, stored_id(agent.id), stored_id(outlook.other.id))
    except REFUSED as refused:
        st.error(words.plain(str(refused)))
        return
    farewell.redraw(f"{outlook.other.name} was merged into {agent.name}: {said.number(moved, 'call')} moved.")


def _outlook(who: Identity, agent: Agent, other: int) -> Outlook | None:
    try:
        with reading() as session:
            return agent_merge.outlook(session, who, stored_id(agent.id), other)
    except REFUSED as refused:
        st.error(words.plain(str(refused)))
        return None


def _told(outlook: Outlook) -> None:
    calls = f"{COUNTED:,}+ calls" if outlook.calls > COUNTED else said.number(outlook.calls, "call")
    with st.container(border=True, gap=None):
        st.text(f"{chooser.label(outlook.other)} goes, and this passes to {outlook.kept.name}:")
        st.text(f"• {calls}")
        for what, several in (
            ("Other names", (*outlook.aliases, outlook.other.name)),
            ("Campaigns", outlook.campaigns),
            ("Accounts", outlook.people),
        ):
            if several:
                st.text(f"• {what}: {', '.join(several)}")
    st.caption("This cannot be undone.")


@st.dialog("Deactivate this agent?", icon=":material/block:")
def deactivate(agent: Agent) -> None:
    """Confirm."""
    who = require(Permission.AGENT_MANAGE)
    st.text(chooser.label(agent))
    st.write(
        "No new call is linked to this agent any more. The calls that are linked stay, and so do their figures. "
        "You can reactivate the agent at any time."
    )
    if st.button("Deactivate", type="primary"):
        _set(who, agent, active=False)


def reactivate(agent: Agent) -> None:
    """Take it back; nothing to confirm."""
    who = require(Permission.AGENT_MANAGE)
    _set(who, agent, active=True)


def _set(who: Identity, agent: Agent, *, active: bool) -> None:
    try:
        with writing() as session:
            agent_edits.set_active(session, who, stored_id(agent.id), active=active)
    except REFUSED as refused:
        st.error(words.plain(str(refused)))
        return
    farewell.redraw(f"{agent.name} is {'active again' if active else 'deactivated'}.")
