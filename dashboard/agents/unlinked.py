"""The tab of unlinked calls: each name that a source gave, who may be meant, and what to do with it."""

import streamlit as st

from dashboard import farewell, words
from dashboard.agents import add, chooser, said
from dashboard.guard import require
from records import access, agent_likeness, agent_unlinked
from records.agent_likeness import EXACT, Suggestion
from records.agent_unlinked import Group
from records.agents import Agent
from records.db import reading
from records.identity import Identity, NotFound
from records.roles import Permission

SIZE = 12  # names on a page
LONGEST = 40  # characters of a name on a button
_PAGE = "unlinked-page"


def show() -> None:
    """The tab."""
    who = require(Permission.AGENT_MANAGE)
    with reading() as session:
        groups, more = agent_unlinked.looked_at(session, who)
        among = agent_likeness.known(session, who) if groups else None
    if among is None:
        with st.container(border=True):
            st.subheader("Every call that names an agent is linked", anchor=False)
            st.write("A call appears here when its source names an agent whom nobody knows by that name.")
        return
    st.caption(
        "These calls name an agent whom nobody knows by that name. They stay out of every figure about agents. "
        "Link a name once: its calls are linked, and the next ones by themselves."
    )
    last = -(-len(groups) // SIZE)
    number = min(st.session_state.get(_PAGE, 1), last)
    for group in groups[(number - 1) * SIZE : number * SIZE]:
        _group(group, agent_likeness.suggestions(among, group.name))
    if last > 1:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(f"{len(groups)}{' or more' if more else ''} names, page {number} of {last}")
            with st.container(horizontal=True, width="content"):
                _turner("Previous", "chevron_left", number - 1, last)
                _turner("Next", "chevron_right", number + 1, last)


def _turner(label: str, icon: str, to: int, last: int) -> None:
    st.button(
        label,
        key=f"unlinked-{label}",
        icon=f":material/{icon}:",
        icon_position="right" if label == "Next" else "left",
        disabled=not 1 <= to <= last,
        on_click=st.session_state.__setitem__,
        args=(_PAGE, to),
    )


def _group(group: Group, found: list[Suggestion]) -> None:
    row = st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key=f"unlinked-{group.key}",
    )
    with row:
        with st.container(width=235, gap=None):
            st.text(group.name)
            st.caption(f"{said.number(group.calls, 'call')}, the last {words.date(group.newest)}. {_meant(found)}")
        with st.container(horizontal=True, width="content", gap="small"):
            for suggestion in found:
                label = f"Link to {words.plain(_short(suggestion))}"
                if st.button(label, key=f"link-{group.key}-{suggestion.agent_id}", icon=":material/link:"):
                    link(group, suggestion.agent_id)
            if st.button("Link to …", key=f"link-{group.key}", icon=":material/person_search:"):
                link(group, None)
            if st.button("New agent", key=f"new-{group.key}", icon=":material/person_add:"):
                add.from_group(group)


def _meant(found: list[Suggestion]) -> str:
    """How sure the suggestions are, in words."""
    if not found:
        return "Nobody's name is like it."
    exact = found[0].likeness == EXACT
    if len(found) > 1:
        return "Several agents have this name." if exact else "Several names are like it."
    return "The name is theirs exactly." if exact else f"{found[0].likeness} % alike."


def _short(suggestion: Suggestion) -> str:
    name = suggestion.name if len(suggestion.name) <= LONGEST else f"{suggestion.name[:LONGEST]}…"
    return f"{name} ({suggestion.team[:LONGEST]})" if suggestion.team else name


@st.dialog("Link calls to an agent", icon=":material/link:")
def link(group: Group, suggested: int | None) -> None:
    """Confirm who is meant."""
    who = require(Permission.AGENT_MANAGE)
    st.text(group.name)
    st.caption(
        f"{said.number(group.calls, 'call')} will be linked, and the name is remembered: "
        "the next calls that give it are linked by themselves."
    )
    chosen = chooser.choose(who, f"link-{group.key}", first=_agent(suggested))
    _caution(who, group, _agent(chosen))
    if st.button(f"Link {said.number(group.calls, 'call')}", type="primary", disabled=chosen is None) and chosen:
        try:
            with st.spinner("Linking calls…"):
                linked = agent_unlinked.link(who, group.spellings, chosen)
        except add.REFUSED as refused:
            st.error(words.plain(str(refused)))
            return
        agent = _agent(chosen)
        farewell.redraw(f"{said.number(linked, 'call')} linked to {agent.name if agent else 'the agent'}.")


def _caution(who: Identity, group: Group, agent: Agent | None) -> None:
    """Why the name will not be remembered, where it will not."""
    if agent is None:
        return
    with reading() as session:
        why = agent_unlinked.forgotten(session, who, agent, group.name)
    if why:
        st.caption(words.plain(f"The name will not be remembered for {agent.name}. {why}"))


def _agent(number: int | None) -> Agent | None:
    who = require(Permission.AGENT_MANAGE)
    if number is None:
        return None
    try:
        with reading() as session:
            return access.agent(session, who, number)
    except NotFound:
        return None
