"""One agent: profile, other names, and how the calls went."""

import streamlit as st

from dashboard import words
from dashboard.agents import ending, figures, filters, profile, trend
from dashboard.agents.rows import INACTIVE
from dashboard.calls.rows import call_table
from dashboard.components import mount
from dashboard.guard import not_found, require
from dashboard.navigation import go
from records import access, agent_list, agent_rights, call_list
from records.agents import Agent
from records.call_filters import Filters
from records.db import reading, stored_id
from records.identity import Identity, NotFound
from records.roles import Permission, Scope, scope_of

who = require(Permission.AGENT_MANAGE)

LATEST = 10  # calls
LONGEST_ID = 10  # digits


def asked_for(who: Identity) -> Agent | None:
    """The agent in the address; None when there is none such for this person."""
    asked = st.query_params.get("id", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= LONGEST_ID):
        return None
    try:
        with reading() as session:
            return access.agent(session, who, int(asked))
    except NotFound:
        return None


def heading(agent: Agent, hindrance: str) -> None:
    """The name, and the buttons beside it; or why there are none."""
    with reading() as session:
        works = agent_list.works_for(session, who, stored_id(agent.id))
    limited = scope_of(who.role, Permission.AGENT_MANAGE) is Scope.ASSIGNED
    nowhere = "None of your campaigns" if limited else "No campaign"
    facts = [f"Team {agent.team}" if agent.team else "No team", ", ".join(works.values()) or nowhere]
    shown = [] if agent.active else [INACTIVE._asdict()]
    mount(
        "heading", {"title": agent.name, "badges": shown, "facts": facts, "notes": []}, key=f"agent-heading-{agent.id}"
    )
    if hindrance:
        st.caption(words.plain(hindrance))
        return
    with st.container(horizontal=True):
        if st.button("Edit", icon=":material/edit:"):
            profile.edit(agent)
        if agent.active and st.button("Merge", icon=":material/merge:"):
            ending.merge(agent)
        if agent.active and st.button("Deactivate", icon=":material/block:"):
            ending.deactivate(agent)
        if not agent.active and st.button("Reactivate", icon=":material/undo:"):
            ending.reactivate(agent)


def latest(agent: Agent) -> None:
    """The newest calls, and the way to all of them."""
    with reading() as session:
        page = call_list.page(session, who, Filters(agent_id=agent.id), size=LATEST)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Latest calls", anchor=False, width="content")
        if page.rows and st.button("All calls", icon=":material/call:"):
            go("calls.py", {"agent": str(agent.id)})
    if not page.rows:
        st.caption(
            "No call is linked to this agent yet. Those that give one of the other names are linked by themselves."
        )
        return
    opened = call_table(page.rows, key="agent-calls")
    if opened:
        go("call.py", {"id": opened})


if st.button("Agents", icon=":material/arrow_back:", type="tertiary", key="back"):
    go("agents.py", filters.address())

agent = asked_for(who)
if agent is None:
    not_found("agent")
    st.stop()

with reading() as session:
    hindrance = agent_rights.hindrance(session, who, agent)
    works_here = not agent_rights.hindrance(session, who, agent, shared=True)
heading(agent, hindrance)
left, right = st.columns([3, 2], gap="large")
with left:
    figures.show(who, agent)
    trend.show(who, agent)
    figures.failed(who, agent)
with right:
    profile.names(agent, able=not hindrance)
    if works_here:
        profile.campaigns(who, agent)
    profile.accounts(who, agent)
latest(agent)
