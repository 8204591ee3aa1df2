"""Making a campaign: its name, its slug, and the checks that it begins with."""

import streamlit as st

from dashboard import badges
from dashboard.campaigns.importing import preview
from dashboard.guard import require
from dashboard.navigation import go
from dashboard.words import plain
from pipeline import templates
from pipeline.templates import EMPTY, TEMPLATES
from records import campaigns
from records.campaigns import NotUsable, slug_of
from records.db import writing
from records.identity import NotAllowed
from records.roles import Permission

_NAME, _SLUG, _PROPOSED, _TEMPLATE = "create-name", "create-slug", "create-proposed", "create-template"
_OPEN = "create-open"
_LONGEST_NAME, _LONGEST_SLUG = 200, 80


def begin(template: str = next(iter(TEMPLATES))) -> None:
    """Open the dialog, with this template chosen; for a button's callback."""
    require(Permission.CAMPAIGN_EDIT)
    for name in (_NAME, _SLUG, _PROPOSED):
        st.session_state[name] = ""
    st.session_state[_TEMPLATE] = template
    st.session_state[_OPEN] = True


def show() -> None:
    """The dialog, while it is open: a run of the whole page must not close it and lose what was typed."""
    if st.session_state.get(_OPEN) and _NAME in st.session_state:
        _dialog()


def _close() -> None:
    st.session_state[_OPEN] = False


def choice() -> None:
    """The templates, each with a button: for those who have no campaign yet."""
    require(Permission.CAMPAIGN_EDIT)
    for name, template in TEMPLATES.items():
        with (
            st.container(border=True),
            st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"),
        ):
            with st.container(width="stretch", gap=None):
                st.markdown(f"**{template.label}**")
                st.caption(f"{template.words} {_brings(name)}".strip())
            st.button(
                "Use", key=f"use-{name}", help=f"Create a campaign: {template.label}", on_click=begin, args=(name,)
            )


@st.dialog("Create campaign", width="large", icon=":material/campaign:", on_dismiss=_close)
def _dialog() -> None:
    require(Permission.CAMPAIGN_EDIT)
    left, right = st.columns([3, 2])
    left.text_input(
        "Name", key=_NAME, max_chars=_LONGEST_NAME, placeholder="Customer service", on_change=_propose, live=True
    )
    right.text_input(
        "Slug",
        key=_SLUG,
        max_chars=_LONGEST_SLUG,
        placeholder="customer-service",
        help="The short name in addresses, folders and commands: lower-case letters, digits and '-'. It stays.",
    )
    st.selectbox(
        "Begin with", list(TEMPLATES), key=_TEMPLATE, format_func=lambda name: f"{TEMPLATES[name].label} {_count(name)}"
    )
    chosen = st.session_state[_TEMPLATE]
    st.caption(TEMPLATES[chosen].words)
    if chosen != EMPTY:
        preview(TEMPLATES[chosen].checks)
        st.caption("Everything can be changed later, and none of it changes results that are there.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Create", type="primary", key="create-now"):
            _create()


def _propose() -> None:
    """The slug follows the name, until somebody writes one of their own."""
    if st.session_state[_SLUG] == st.session_state[_PROPOSED]:
        st.session_state[_SLUG] = st.session_state[_PROPOSED] = slug_of(st.session_state[_NAME])


def _create() -> None:
    who = require(Permission.CAMPAIGN_EDIT)
    name, slug = st.session_state[_NAME].strip(), st.session_state[_SLUG].strip()
    if not name:
        st.error("A campaign needs a name. Type one.", icon=":material/error:")
        return
    try:
        checks = templates.find(st.session_state[_TEMPLATE]).checks
        with writing() as session:
            made = campaigns.create(session, who, name, checks, slug=slug)
    except (NotUsable, NotAllowed) as refused:
        st.error(plain(str(refused)), icon=":material/error:")
        return
    _close()
    go("campaign.py", {"id": made.slug})


def _count(name: str) -> str:
    number = len(TEMPLATES[name].checks)
    return f"({number} checks)" if number else ""


def _brings(name: str) -> str:
    """'13 checks: 5 AI, 6 phrase, 2 metric.'"""
    kinds = [spec.rule.kind for spec in TEMPLATES[name].checks]
    counts = ", ".join(f"{kinds.count(kind)} {badges.CHECK_KIND[kind]}" for kind in dict.fromkeys(kinds))
    return f"{len(kinds)} checks: {counts}." if kinds else ""
