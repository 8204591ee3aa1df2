"""The inputs that say what somebody is: role, campaigns, agent. For an invitation and for a change alike."""

import streamlit as st

from dashboard import address, badges
from dashboard.people.rows import by_assignment
from records import call_list, people_edits, people_list
from records.db import reading
from records.identity import Identity
from records.roles import Role

OFFERED = 300  # agents in a list of choices; where there are more, they are searched for
WHAT_THEY_MAY = {
    Role.AGENT: "Sees the calls of the agent linked below, and no others.",
    Role.MANAGER: "Uploads, reviews and reprocesses calls of the campaigns assigned below.",
    Role.COMPLIANCE_OFFICER: "Sees and reviews calls of every campaign, and reads the audit log.",
    Role.SENIOR_MANAGER: "Does everything in every campaign, and manages people except Owners.",
    Role.OWNER: "Does everything, and manages everybody.",
}


def role(who: Identity, present: Role, *, key: str, own: bool = False) -> Role:
    """One of the roles that this person may give, the present one first chosen."""
    options = [each for each in Role if people_edits.may_change(who, each)]
    if key not in st.session_state:
        st.session_state[key] = present
    chosen = st.selectbox(
        "Role",
        options,
        key=key,
        format_func=badges.ROLE.__getitem__,
        disabled=own,
        help="Nobody can change their own role." if own else None,
    )
    st.caption(WHAT_THEY_MAY[chosen])
    return chosen


def campaigns(who: Identity, chosen_role: Role, present: dict[str, str], *, key: str) -> list[str]:
    """The slugs of the campaigns to be assigned; where the role makes no use of them, those that are."""
    if not by_assignment(chosen_role):
        return list(present)
    with reading() as session:
        names = {**present, **call_list.campaigns(session, who)}
    if key not in st.session_state:
        st.session_state[key] = list(present)
    chosen = st.multiselect(
        "Campaigns", list(names), key=key, format_func=names.__getitem__, placeholder="Choose campaigns"
    )
    if not chosen:
        st.caption("Without a campaign they sign in and see nothing. You can assign campaigns later.")
    return chosen


def agent(who: Identity, chosen_role: Role, present: tuple[int, str] | None, *, key: str) -> int | None:
    """The number of the agent to be linked; where the role makes no use of one, the one that is."""
    if chosen_role is not Role.AGENT:
        return present[0] if present else None
    with reading() as session:
        found, total = people_list.agents(session, who, "", OFFERED)
    if total > OFFERED:
        wanted = st.text_input(
            "Find an agent", key=f"{key}-text", placeholder="Part of the name", max_chars=address.TEXT_LONGEST
        )
        with reading() as session:
            found, total = people_list.agents(session, who, address.printable(wanted), OFFERED)
    names = dict([present] if present else []) | dict(found)
    if key not in st.session_state or st.session_state[key] not in (None, *names):
        st.session_state[key] = present[0] if present else None
    chosen = st.selectbox(
        "Agent", list(names), index=None, key=key, format_func=names.__getitem__, placeholder="No agent"
    )
    if chosen is None:
        st.caption("Without a linked agent they sign in and see nothing. You can link one later.")
    return chosen
