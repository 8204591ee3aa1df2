"""The list of agents, unlinked calls, and import."""

import streamlit as st

from dashboard.agents import add, filters, importing, said, unlinked
from dashboard.agents.rows import agent_table
from dashboard.guard import require
from dashboard.navigation import go
from records import agent_list, agent_unlinked
from records.agent_list import Page
from records.call_list import COUNTED
from records.db import reading
from records.roles import Permission, Scope, scope_of

who = require(Permission.AGENT_MANAGE)

AGENTS, UNLINKED = "agents", "unlinked"
_TABS = "agents-tabs"
st.query_params.pop("id", None)  # the browser's Back keeps the agent page's address


def listing() -> None:
    """One page of agents, by the filters."""
    with reading() as session:
        teams, campaigns = agent_list.teams(session, who), agent_list.campaigns(session, who)
    wanted, order = filters.show(teams, campaigns)
    with reading() as session:
        page = agent_list.page(session, who, wanted, order, filters.page())
        any_at_all = bool(page.rows) or agent_list.any_agent(session, who)
    if page.rows:
        opened = agent_table(page.rows, states=wanted.inactive, key="agents")
        foot(page)
        if opened:
            go("agent.py", {**filters.address(), "id": opened})
    elif any_at_all:
        no_match()
    else:
        no_agents(able=bool(campaigns) or scope_of(who.role, Permission.AGENT_MANAGE) is Scope.ALL)


def foot(page: Page) -> None:
    """How many there are, and the way to the others."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        of = f", page {page.number} of {page.last}" if page.last > 1 else ""
        st.caption(said.number(page.total, "agent") + of)
        if page.last > 1:
            with st.container(horizontal=True, width="content"):
                turner("Previous", "chevron_left", page.number - 1, enabled=page.number > 1)
                turner("Next", "chevron_right", page.number + 1, enabled=page.number < page.last)


def turner(label: str, icon: str, to: int, *, enabled: bool) -> None:
    """A button to the neighbouring page."""
    st.button(
        label,
        key=f"agents-{label}",
        icon=f":material/{icon}:",
        icon_position="right" if label == "Next" else "left",
        disabled=not enabled,
        on_click=filters.turn,
        args=(to,),
    )


def no_match() -> None:
    """There are agents, and none like this."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("**No agent matches these filters.**", text_alignment="center", width="content")
        st.button("Clear filters", on_click=filters.clear, icon=":material/filter_alt_off:")


def no_agents(*, able: bool) -> None:
    """Nobody yet: what to do next."""
    with st.container(border=True):
        st.subheader("No agents yet", anchor=False)
        if able:
            st.write(
                "Agents are the people whose calls are judged. Add them one by one, import a CSV file, "
                "or make them from the names that your calls already give."
            )
        else:
            st.write("You are assigned to no campaign. Ask an Owner or a Senior Manager to assign you to one.")


def tab_of(label: str) -> str:
    return AGENTS if label.startswith("Agents") else UNLINKED


def to_address() -> None:
    """The open tab stands in the address."""
    if tab_of(str(st.session_state[_TABS])) == UNLINKED:
        st.query_params[filters.TAB] = UNLINKED
    else:
        st.query_params.pop(filters.TAB, None)


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Agents", anchor=False, width="content")
    with st.container(horizontal=True, width="content"):
        if st.button("Import CSV", icon=":material/upload_file:"):
            importing.dialog()
        if st.button("Add agent", key="add-agent", icon=":material/person_add:", type="primary"):
            add.blank()

with reading() as session:
    waiting = agent_unlinked.count(session, who)
labels = ["Agents", f"Unlinked calls ({f'{COUNTED:,}+' if waiting > COUNTED else f'{waiting:,}'})"]
asked = st.query_params.get(filters.TAB) == UNLINKED
st.session_state[_TABS] = labels[asked]  # the label changes with the number, and the open tab stays open
people, nameless = st.tabs(labels, key=_TABS, on_change=to_address)
if asked:
    with nameless:
        unlinked.show()
else:
    with people:
        listing()
