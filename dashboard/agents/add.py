"""The dialogs in which an agent is made: from nothing, or from a name that calls already give."""

import streamlit as st

from dashboard import farewell, words
from dashboard.agents import said
from dashboard.guard import require
from records import agent_edits, agent_list, agent_unlinked
from records.agent_edits import Profile
from records.agent_unlinked import Group
from records.campaigns import NotUsable
from records.db import reading, stored_id, writing
from records.identity import Identity, NotAllowed, NotFound
from records.roles import Permission, Scope, scope_of

REFUSED = (NotUsable, NotAllowed, NotFound)


@st.dialog("Add an agent", icon=":material/person_add:")
def blank() -> None:
    """A new agent."""
    who = require(Permission.AGENT_MANAGE)
    new = _form(who, "add")
    if new is None:
        return
    try:
        with writing() as session:
            agent = agent_edits.create(session, who, new)
    except REFUSED as refused:
        st.error(words.plain(str(refused)))
        return
    farewell.redraw(f"{agent.name} was added.")


@st.dialog("New agent from unlinked calls", icon=":material/person_add:")
def from_group(group: Group) -> None:
    """A new agent by the name that calls give, to whom these are linked."""
    who = require(Permission.AGENT_MANAGE)
    with reading() as session:
        chosen = agent_unlinked.campaigns_of(session, who, group.spellings)
    st.caption(f"{said.number(group.calls, 'call')} will be linked.")
    new = _form(who, f"from-{group.key}", name=group.name, campaigns=chosen)
    if new is None:
        return
    try:
        with writing() as session:
            agent = agent_edits.create(session, who, new)
        with st.spinner("Linking calls…"):
            linked = agent_unlinked.link(who, group.spellings, stored_id(agent.id))
    except REFUSED as refused:
        st.error(words.plain(str(refused)))
        return
    farewell.redraw(f"{agent.name} was added, and {said.number(linked, 'call')} linked.")


def _form(who: Identity, key: str, *, name: str = "", campaigns: list[str] | None = None) -> Profile | None:
    """The profile that was typed, once it is sent."""
    with reading() as session:
        teams, known = agent_list.teams(session, who), agent_list.campaigns(session, who)
    only = list(known) if len(known) == 1 and scope_of(who.role, Permission.AGENT_MANAGE) is Scope.ASSIGNED else []
    with st.form(key, border=False):
        called = st.text_input("Name", value=name, key=f"{key}-name", max_chars=200)
        team = st.selectbox(
            "Team",
            teams,
            index=None,
            accept_new_options=True,
            key=f"{key}-team",
            placeholder="None; choose one or type a new one",
        )
        others = st.text_area(
            "Other names",
            key=f"{key}-aliases",
            placeholder="ada.moss@example.org\n4711",
            help="One a line: what recordings, CSV files and the API call this agent. Their calls are linked by it.",
            height=90,
        )
        works = st.multiselect(
            "Campaigns",
            list(known),
            default=campaigns or only,
            format_func=known.__getitem__,
            key=f"{key}-campaigns",
            placeholder="Works for",
        )
        if not st.form_submit_button("Add agent", type="primary"):
            return None
    return Profile(called, team or "", tuple(others.splitlines()), tuple(works))
