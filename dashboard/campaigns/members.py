"""The tab Members: who is assigned to a campaign."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import address, badges, words
from dashboard.components import mount
from dashboard.guard import require
from records import members
from records.campaigns import Campaign, NotUsable
from records.db import reading, writing
from records.identity import NotAllowed, NotFound
from records.members import Member, Some
from records.people_list import Standing
from records.roles import Permission

OFFERED = 300  # people in a list of choices; where there are more, they are searched for


def show(campaign: Campaign) -> None:
    """Draw the tab, as whoever is signed in at this moment."""
    require(Permission.CAMPAIGN_EDIT)
    _members(campaign.slug)


@st.fragment
def _members(slug: str) -> None:
    """What stands in it: adding, those assigned, those who see every campaign."""
    who = require(Permission.CAMPAIGN_EDIT)
    with reading() as session:
        assigned = members.assigned(session, who, slug)
        anyway = members.by_role(session, who, slug)
    st.caption("Managers see the campaigns that they are members of, and no others.")
    _adding(slug)
    if assigned.people:
        removed = _list(assigned, "Members", key=f"members-{slug}", button="Remove")
        if removed:
            _remove(slug, removed)
    else:
        st.info("No Manager is a member yet. Add one above, or invite one on the People page.", icon=":material/group:")
    with st.expander(f"{anyway.total:,} more see this campaign by their role", icon=":material/visibility:"):
        _list(anyway, "See every campaign", key=f"anyway-{slug}", button="")


def _adding(slug: str) -> None:
    """Choose Managers who are no members, and add them."""
    who = require(Permission.CAMPAIGN_EDIT)
    with reading() as session:
        some = members.candidates(session, who, slug, "", OFFERED)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if some.total > OFFERED:
            text = st.text_input(
                "Find a Manager", key=f"members-text-{slug}", placeholder="Name or e-mail", max_chars=200, width=220
            )
            with reading() as session:
                some = members.candidates(session, who, slug, address.printable(text), OFFERED)
        names = {each.id: f"{each.name} ({each.email})" for each in some.people}
        st.multiselect(
            "Add Managers",
            list(names),
            key=_chosen(slug),
            format_func=names.__getitem__,
            placeholder="Choose Managers" if names else "Every Manager is a member already",
            disabled=not names,
        )
        st.button("Add", icon=":material/person_add:", disabled=not names, on_click=_add, args=(slug,))


def _add(slug: str) -> None:
    who = require(Permission.CAMPAIGN_EDIT)
    chosen = st.session_state.get(_chosen(slug), [])
    if not chosen:
        st.toast("Choose a Manager first.", icon=":material/info:")
        return
    if _done(lambda session: members.add(session, who, slug, chosen)):
        st.session_state[_chosen(slug)] = []
        st.toast("Added." if len(chosen) == 1 else f"Added {len(chosen)} people.", icon=":material/check:")


def _remove(slug: str, clicked: str) -> None:
    who = require(Permission.CAMPAIGN_EDIT)
    number = int(clicked) if clicked.isascii() and clicked.isdecimal() else 0
    if _done(lambda session: members.remove(session, who, slug, number)):
        st.toast("Removed. You can add them again at any time.", icon=":material/check:")
    st.rerun()


def _done(act: Callable[[Session], object]) -> bool:
    """Do it; what was refused is said."""
    try:
        with writing() as session:
            act(session)
    except (NotUsable, NotAllowed, NotFound) as refused:
        st.toast(words.plain(str(refused)), icon=":material/error:")
        return False
    return True


def _chosen(slug: str) -> str:
    return f"members-chosen-{slug}"


def _list(some: Some, label: str, *, key: str, button: str) -> str | None:
    """People as rows; the number of the one whose button was clicked."""
    data = {"label": label, "button": button, "rows": [_row(each) for each in some.people]}
    clicked = mount("members", data, key=key)
    if some.total > len(some.people):
        st.caption(f"The first {len(some.people)} of {some.total:,} are shown.")
    return clicked


def _row(each: Member) -> dict[str, Any]:
    active = each.standing is Standing.ACTIVE
    badge = None if active else badges.STANDING[each.standing]._asdict()
    return {
        "id": str(each.id),
        "name": each.name,
        "email": each.email,
        "role": badges.ROLE[each.role],
        "badge": badge,
    }
