"""The drawer about one person: what they are, and what can be done to their account."""

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard import badges, farewell, words
from dashboard.components import mount
from dashboard.guard import require
from dashboard.people import choosing, once, rows
from records import people_edits, people_list
from records.campaigns import NotUsable
from records.db import reading, writing
from records.identity import Identity, NotAllowed, NotFound
from records.people_list import Person, Standing
from records.roles import Permission

ID = "id"  # in the address, while the drawer is open
PREFIX = "person-"  # of every key of the drawer's
SURE = "sure"  # 'Deactivate' was clicked once


def close() -> None:
    """Forget what stands in the drawer, and whose it is; for its cross and the Escape key."""
    empty()
    st.query_params.pop(ID, None)


def empty() -> None:
    """Forget what stands in the drawer."""
    once.forget()
    for key in [key for key in st.session_state if str(key).startswith(PREFIX)]:
        st.session_state.pop(key, None)


def show(person: Person) -> None:
    """Open the drawer."""
    title = words.plain(person.name)
    st.dialog(title, position="right", icon=":material/person:", on_dismiss=close)(_drawer)(person.id)


def _drawer(person_id: int) -> None:
    """What stands in it. It is a fragment, and asks who it is by itself."""
    who = require(Permission.PEOPLE_MANAGE)
    try:
        with reading() as session:
            person = people_list.find(session, who, person_id)
    except NotFound:
        st.rerun()
    may = people_edits.may_change(who, person.role)
    mount("facts", {"pairs": _facts(person, brief=may)}, key=f"person-{person.id}")
    if not may:
        st.info("Only an Owner can change an Owner's account.", icon=":material/lock:")
        return
    _inputs(who, person)
    st.divider()
    st.markdown("**Signing in**")
    _signing_in(who, person)


def _facts(person: Person, *, brief: bool) -> list[tuple[str, str]]:
    """What inputs do not say; where there are none, all of it."""
    signed_in = words.date(person.signed_in_at) if person.signed_in_at else "Never"
    rest = [("Role", badges.ROLE[person.role]), ("Sees", rows.sees(person))]
    return [
        ("E-mail", person.email),
        *([] if brief else rest),
        ("Status", rows.standing(person).label),
        ("Last signed in", signed_in),
    ]


def _inputs(who: Identity, person: Person) -> None:
    own = person.id == who.user_id
    key = _key(person.id, "name")
    if key not in st.session_state:
        st.session_state[key] = person.name
    name = st.text_input("Name", key=key, max_chars=200)
    role = choosing.role(who, person.role, key=_key(person.id, "role"), own=own)
    campaigns = choosing.campaigns(who, role, person.campaigns, key=_key(person.id, "campaigns"))
    linked = (person.agent_id, person.agent or words.NONE) if person.agent_id is not None else None
    agent = choosing.agent(who, role, linked, key=_key(person.id, "agent"))
    if role is not person.role:
        st.caption(":material/logout: Another role signs them out everywhere, and ends links to their account.")
    refused = st.container()

    opened = _as_opened(person)

    def save(session: Session) -> None:
        """Only what was changed here: somebody else may have changed the rest since the drawer was opened."""
        if role is not opened.role:
            people_edits.set_role(session, who, person.id, role)
        if name != opened.name:
            people_edits.set_name(session, who, person.id, name)
        if campaigns != list(opened.campaigns):
            people_edits.set_campaigns(session, who, person.id, campaigns)
        if agent != opened.agent_id:
            people_edits.link_agent(session, who, person.id, agent)

    if st.button("Save changes", type="primary", icon=":material/check:"):
        problem = _done(save)
        if problem is None:
            _close_with("Saved.")
        refused.error(problem, icon=":material/error:")


def _as_opened(person: Person) -> Person:
    """The person as they were when the inputs were filled."""
    found = st.session_state.setdefault(_key(person.id, "opened"), person)
    return found if isinstance(found, Person) else person


def _signing_in(who: Identity, person: Person) -> None:
    link = once.kept(person.id)
    if link is not None:
        once.show(link)
    problem = _deactivated(who, person) if person.standing is Standing.DEACTIVATED else _active(who, person)
    if problem:
        st.error(problem, icon=":material/error:")


def _deactivated(who: Identity, person: Person) -> str | None:
    st.caption("They cannot sign in. What they did stays.")
    if not st.button("Reactivate", icon=":material/undo:"):
        return None
    problem = _done(lambda session: people_edits.reactivate(session, who, person.id))
    if problem is None:
        _close_with(f"{person.name} can sign in again.")
    return problem


def _active(who: Identity, person: Person) -> str | None:
    sure = st.session_state.get(_key(person.id, SURE), False)
    label = "New invitation link" if person.standing is Standing.INVITED else "New sign-in link"
    with st.container(horizontal=True):
        fresh = st.button(label, icon=":material/link:", help="To choose a password. Earlier links stop working.")
        if person.id != who.user_id and not sure:
            st.button("Deactivate", icon=":material/block:", on_click=_ask, args=(person.id,))
    if fresh:
        return _new_link(who, person)
    return _deactivation(who, person) if sure else None


def _deactivation(who: Identity, person: Person) -> str | None:
    """Ask once more."""
    with st.container(border=True):
        st.write("They are signed out everywhere at once, and cannot come back until somebody reactivates them.")
        with st.container(horizontal=True):
            yes = st.button("Yes, deactivate", type="primary", icon=":material/block:")
            st.button("Keep", on_click=_keep, args=(person.id,))
    if not yes:
        return None
    problem = _done(lambda session: people_edits.deactivate(session, who, person.id))
    if problem is None:
        _close_with(f"{person.name} is deactivated.")
    return problem


def _new_link(who: Identity, person: Person) -> str | None:
    problem = _done(lambda session: once.keep(*people_edits.new_link(session, who, person.id)))
    if problem is None:
        st.rerun()
    return problem


def _ask(person_id: int) -> None:
    st.session_state[_key(person_id, SURE)] = True


def _keep(person_id: int) -> None:
    st.session_state.pop(_key(person_id, SURE), None)


def _key(person_id: int, field: str) -> str:
    """The key of an input: what was typed about one person is nothing about the next."""
    return f"{PREFIX}{person_id}-{field}"


def _done(act: Callable[[Session], object]) -> str | None:
    """Do it, all or nothing; why it was refused, as a sentence to be shown as it is."""
    try:
        with writing() as session:
            act(session)
    except (NotUsable, NotAllowed, NotFound) as refused:
        return words.plain(str(refused))
    return None


def _close_with(sentence: str) -> None:
    """Draw the page anew, which says what was done."""
    empty()
    farewell.redraw(sentence)
