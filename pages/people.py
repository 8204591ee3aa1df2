"""People who sign in: invite, roles, campaigns, deactivate."""

import streamlit as st

from dashboard import address
from dashboard.guard import require
from dashboard.people import filters, invite, person, rows
from records import people_list
from records.db import reading
from records.identity import Identity, NotFound
from records.people_list import Page, Person
from records.roles import Permission, Scope, scope_of

who = require(Permission.PEOPLE_MANAGE)


def asked_for(who: Identity) -> Person | None:
    """The person in the address; None when there is none such."""
    try:
        with reading() as session:
            return people_list.find(session, who, address.number(person.ID) or 0)
    except NotFound:
        return None


def foot(page: Page) -> None:
    """How many there are, and the way to the others."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"{page.total:,} {'person' if page.total == 1 else 'people'}")
        if page.pages > 1:
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                st.caption(f"Page {page.number} of {page.pages}")
                turner("Previous", "chevron_left", page.number - 1, enabled=page.number > 1)
                turner("Next", "chevron_right", page.number + 1, enabled=page.number < page.pages)


def turner(label: str, icon: str, to: int, *, enabled: bool) -> None:
    """A button to the neighbouring page."""
    st.button(
        label,
        key=f"people-{label}",
        icon=f":material/{icon}:",
        icon_position="left" if icon == "chevron_left" else "right",
        disabled=not enabled,
        on_click=filters.ADDRESS.turn,
        args=(filters.PAGE, to),
    )


def no_match() -> None:
    """There are people, and none like this."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("**Nobody matches these filters.**", text_alignment="center", width="content")
        st.button("Clear filters", on_click=filters.ADDRESS.clear, icon=":material/filter_alt_off:")


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("People", anchor=False, width="content")
    st.button("Invite a person", type="primary", icon=":material/person_add:", on_click=invite.begin)
if scope_of(who.role, Permission.PEOPLE_MANAGE) is Scope.ALL_BUT_OWNERS:
    st.caption("You can change everybody's account except those of Owners, which only an Owner can change.")
wanted = filters.show()
with reading() as session:
    page = people_list.page(session, who, wanted, number=address.number(filters.PAGE) or 1)
if page.people:
    opened = rows.table(page.people)
    foot(page)
    if opened:
        person.empty()
        st.query_params[person.ID] = opened
else:
    no_match()

if st.session_state.get(invite.OPEN):
    invite.show()
elif person.ID in st.query_params:
    found = asked_for(who)
    if found is None:
        st.warning("There is no such person.", icon=":material/search_off:")
    else:
        person.show(found)
