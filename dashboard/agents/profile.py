"""Who an agent is: name and team, other names, campaigns, and the accounts that are theirs."""

import streamlit as st

from dashboard import badges, farewell, words
from dashboard.agents.add import REFUSED
from dashboard.guard import require
from records import agent_edits, agent_list, agent_people
from records.agents import Agent, aliases_of
from records.db import reading, stored_id, writing
from records.identity import Identity
from records.people import User
from records.roles import Permission, scope_of


@st.dialog("Edit agent", icon=":material/edit:")
def edit(agent: Agent) -> None:
    """Name and team."""
    who = require(Permission.AGENT_MANAGE)
    with reading() as session:
        teams = agent_list.teams(session, who)
    known = teams if agent.team in teams or not agent.team else [*teams, agent.team]
    with st.form("edit-agent", border=False):
        name = st.text_input("Name", value=agent.name, max_chars=200)
        team = st.selectbox(
            "Team",
            known,
            index=known.index(agent.team) if agent.team else None,
            accept_new_options=True,
            placeholder="None; choose one or type a new one",
        )
        if not st.form_submit_button("Save", type="primary"):
            return
    try:
        with writing() as session:
            agent_edits.edit(session, who, stored_id(agent.id), name=name, team=team or "")
    except REFUSED as refused:
        st.error(words.plain(str(refused)))
        return
    farewell.redraw("Saved.")


def names(agent: Agent, *, able: bool) -> None:
    """The other names; for who may change the record each with its button, and a line for one more."""
    with reading() as session:
        aliases = aliases_of(session, stored_id(agent.id))
    st.subheader("Other names", anchor=False)
    st.caption("What recordings, CSV files and the API call this agent. Calls that give one are linked by themselves.")
    for alias in aliases:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.text(alias, width="content")
            if able:
                st.button(
                    "Remove",
                    key=f"remove-{alias}",
                    icon=":material/close:",
                    type="tertiary",
                    on_click=_remove_alias,
                    args=(stored_id(agent.id), alias),
                )
    if not able:
        return
    with st.form("add-alias", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            typed = st.text_input(
                "Another name",
                placeholder="ada.moss@example.org",
                max_chars=320,
                key=f"alias-{agent.id}-{len(aliases)}",
            )
            asked = st.form_submit_button("Add name")
        if asked:
            _add_alias(stored_id(agent.id), typed)


def campaigns(who: Identity, agent: Agent) -> None:
    """Which campaigns the agent works for."""
    with reading() as session:
        known = agent_list.campaigns(session, who)
        works = list(agent_list.works_for(session, who, stored_id(agent.id)))
    st.subheader("Campaigns", anchor=False)
    st.caption("Managers of these campaigns see the agent here; who manages all of them may change the record.")
    with st.form("agent-campaigns", border=False):
        chosen = st.multiselect(
            "Works for",
            list(known),
            default=works,
            format_func=known.__getitem__,
            label_visibility="collapsed",
            placeholder="Choose campaigns",
            key=f"works-{agent.id}-{'-'.join(works)}",
        )
        if not st.form_submit_button("Save campaigns"):
            return
    try:
        who = require(Permission.AGENT_MANAGE)
        with writing() as session:
            agent_edits.set_campaigns(session, who, stored_id(agent.id), chosen)
    except REFUSED as refused:
        st.error(words.plain(str(refused)))
        return
    farewell.redraw("Saved.")


def accounts(who: Identity, agent: Agent) -> None:
    """Who signs in as this agent; linked and unlinked by those who manage people."""
    with reading() as session:
        people = agent_people.of(session, stored_id(agent.id))
    able = scope_of(who.role, Permission.PEOPLE_MANAGE) is not None
    st.subheader("Account", anchor=False)
    if not people:
        st.caption("No account is linked. Whoever signs in as this agent sees their own calls.")
    for person in people:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.text(described(person), width="content")
            if able:
                st.button(
                    "Unlink",
                    key=f"unlink-{person.id}",
                    icon=":material/link_off:",
                    type="tertiary",
                    on_click=_unlink,
                    args=(stored_id(agent.id), stored_id(person.id)),
                )
    if able:
        if st.button("Link an account", icon=":material/link:"):
            link(agent)
    elif not people:
        st.caption("Ask an Owner or a Senior Manager to link one.")


@st.dialog("Link an account", icon=":material/link:")
def link(agent: Agent) -> None:
    """Choose whose account is this agent's."""
    who = require(Permission.PEOPLE_MANAGE)
    typed = st.text_input("Find an account", placeholder="Part of a name or e-mail address", max_chars=200, live=True)
    text = "".join(filter(str.isprintable, typed)).strip()
    with reading() as session:
        found = {person.id: person for person in agent_people.find(session, who, text)}
    if not found:
        st.caption("No active account is called like this. People are invited on the People page.")
        return
    chosen = st.selectbox("Account", list(found), format_func=lambda number: described(found[number]))
    if found[chosen].agent_id not in {None, agent.id}:
        st.caption("This account is linked to another agent now; it will be this one's instead.")
    if st.button("Link account", type="primary"):
        try:
            with writing() as session:
                person = agent_people.link(session, who, stored_id(agent.id), stored_id(chosen))
        except REFUSED as refused:
            st.error(words.plain(str(refused)))
            return
        farewell.redraw(f"{person.name} is linked.")


def described(person: User) -> str:
    """'Ada Moss, ada@example.org, Agent'."""
    return f"{person.name}, {person.email}, {badges.ROLE[person.role]}"


def _add_alias(agent_id: int, typed: str) -> None:
    who = require(Permission.AGENT_MANAGE)
    try:
        with writing() as session:
            alias = agent_edits.add_alias(session, who, agent_id, typed)
    except REFUSED as refused:
        st.error(words.plain(str(refused)))
        return
    farewell.redraw(f"{alias} was added.")


def _remove_alias(agent_id: int, alias: str) -> None:
    who = require(Permission.AGENT_MANAGE)
    try:
        with writing() as session:
            agent_edits.remove_alias(session, who, agent_id, alias)
    except REFUSED as refused:
        farewell.leave(str(refused), farewell.REFUSED)
    else:
        farewell.leave(f"{alias} was removed.")


def _unlink(agent_id: int, user_id: int) -> None:
    who = require(Permission.PEOPLE_MANAGE)
    try:
        with writing() as session:
            agent_people.unlink(session, who, agent_id, user_id)
    except REFUSED as refused:
        farewell.leave(str(refused), farewell.REFUSED)
    else:
        farewell.leave("The account is linked no more.")
