"""Choosing an agent among thousands: part of a name, and those few that have it."""

import streamlit as st

from records import agent_list
from records.agents import Agent
from records.db import reading
from records.identity import Identity
from records.roles import Permission


def choose(
    who: Identity,
    key: str,
    *,
    first: Agent | None = None,
    without: int | None = None,
    permission: Permission = Permission.AGENT_MANAGE,
) -> int | None:
    """A search and a choice; the chosen one's id. `first` is offered before anything is typed."""
    typed = st.text_input(
        "Find an agent",
        key=f"{key}-typed",
        placeholder="Part of a name, e-mail address or id",
        icon=":material/search:",
        max_chars=200,
        live=True,
    )
    text = "".join(filter(str.isprintable, typed)).strip()
    with reading() as session:
        found = agent_list.find(session, who, text, permission=permission)
    if first is not None and not text:
        found = [first, *(agent for agent in found if agent.id != first.id)]
    labels = {agent.id: label(agent) for agent in found if agent.id != without}
    if not labels:
        st.caption("Nobody goes by this." if text else "There is no other agent.")
        return None
    known = first is not None and not text
    return st.selectbox(
        "Agent",
        list(labels),
        index=0 if known or len(labels) == 1 else None,  # nobody is chosen by chance
        format_func=labels.__getitem__,
        placeholder="Choose an agent",
        key=f"{key}-chosen-{text}",
    )


def label(agent: Agent) -> str:
    """'Ada Moss (North)'."""
    return f"{agent.name} ({agent.team})" if agent.team else agent.name
