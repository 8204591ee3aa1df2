"""The dialog that invites somebody: who they are, and then the link to send."""

import streamlit as st

from dashboard import words
from dashboard.guard import require
from dashboard.people import choosing, once
from records import people_edits
from records.campaigns import NotUsable
from records.db import writing
from records.identity import Identity, NotAllowed, NotFound
from records.people_edits import NewPerson
from records.roles import Permission, Role

OPEN = "people-inviting"  # in the session's state, while the dialog is open
EMAIL, NAME, ROLE, CAMPAIGNS, AGENT = (f"invite-{field}" for field in ("email", "name", "role", "campaigns", "agent"))


def begin() -> None:
    """Open the dialog with empty inputs; for a button's callback."""
    _empty()
    st.session_state[OPEN] = True


def close() -> None:
    """Forget what stands in it; for its cross and the Escape key."""
    _empty()
    st.session_state.pop(OPEN, None)


@st.dialog("Invite a person", icon=":material/person_add:", width="medium", on_dismiss=close)
def show() -> None:
    """The dialog. It is a fragment, and asks who it is by itself."""
    who = require(Permission.PEOPLE_MANAGE)
    if not st.session_state.get(OPEN):
        st.rerun()  # 'Done' or 'Cancel' closed it
    made = once.kept()
    if made is None:
        _inputs(who)
        return
    once.show(made)
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Invite another", icon=":material/person_add:", on_click=begin)
        st.button("Done", type="primary", on_click=close)


def _inputs(who: Identity) -> None:
    email = st.text_input("E-mail", key=EMAIL, placeholder="name@example.com", max_chars=320)
    name = st.text_input("Name", key=NAME, help="Others see it. Left empty, it is the e-mail address.", max_chars=200)
    role = choosing.role(who, Role.MANAGER, key=ROLE)
    campaigns = choosing.campaigns(who, role, {}, key=CAMPAIGNS)
    agent = choosing.agent(who, role, None, key=AGENT)
    refused = st.container()
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Cancel", on_click=close)
        if st.button("Make the invitation", type="primary", icon=":material/link:"):
            problem = _invite(who, NewPerson(email, name, role, tuple(campaigns), agent_id=agent))
            if problem is None:
                st.rerun()
            refused.error(problem, icon=":material/error:")


def _invite(who: Identity, new: NewPerson) -> str | None:
    """Make the account, and remember the link; why not, as a sentence to be shown as it is."""
    try:
        with writing() as session:
            person, url = people_edits.invite(session, who, new)
    except (NotUsable, NotAllowed, NotFound) as refused:
        return words.plain(str(refused))
    once.keep(person, url)
    return None


def _empty() -> None:
    once.forget()
    for key in (EMAIL, NAME, ROLE, CAMPAIGNS, AGENT, f"{AGENT}-text"):
        st.session_state.pop(key, None)
