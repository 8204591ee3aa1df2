"""The tab General: name, flagging, who transcribes and how, dates. What is typed stays typed until it is saved."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from sqlmodel import select

from dashboard.campaigns import keeping, transcription
from dashboard.campaigns.form import beside
from dashboard.campaigns.settings_draft import DATES, form, input_of, stored, wanted, wrong
from dashboard.guard import not_found, require
from dashboard.words import plain
from pipeline import campaign_settings
from records import access, campaigns
from records.campaigns import Campaign, time_zones
from records.checks import Check
from records.db import reading
from records.identity import NotFound
from records.roles import Permission

SECTIONS_IN_A_ROW = 4


def show(campaign: Campaign) -> None:
    """Draw the tab, as whoever is signed in at this moment."""
    require(Permission.CAMPAIGN_EDIT)
    _tab(campaign.slug)


@st.fragment
def _tab(slug: str) -> None:
    who = require(Permission.CAMPAIGN_EDIT)
    try:
        with reading() as session:
            campaign = access.campaign(session, who, slug, Permission.CAMPAIGN_EDIT)
            query = select(Check.section).where(Check.campaign_id == campaign.id, Check.section != "").distinct()
            sections = sorted(session.exec(query), key=str.casefold)
    except NotFound:
        not_found("campaign")
        return
    inputs, now = form(slug), stored(campaign, sections)
    base = inputs.begin(now)
    inputs.say_farewell()
    said: dict[str, str] = inputs.refused | wrong(slug, base)
    with st.container(border=True):
        _campaign(slug, said)
    with st.container(border=True):
        _flagging(slug, sections, said)
    with st.container(border=True):
        transcription.show(slug, campaign, said)
    with st.container(border=True):
        _dates(slug, said)
    with st.container(border=True):
        keeping.show(slug, campaign, said)
    inputs.foot(list(wanted(slug, base)), moved=base != now, wrong=bool(wrong(slug, base)), save=save)


def _campaign(slug: str, said: Mapping[str, str]) -> None:
    st.subheader("Campaign", anchor=False)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    left.text_input("Name", key=input_of(slug, "name"), max_chars=200, persist_state="session")
    right.toggle(
        "Takes new calls",
        key=input_of(slug, "active"),
        help="Off: the campaign is archived. It refuses new calls from every source, in words; its calls stay.",
        persist_state="session",
    )
    beside(said, "name")
    st.caption(f"Slug: `{slug}`. It stands in addresses, folders and commands, and stays.")


def _flagging(slug: str, sections: list[str], said: Mapping[str, str]) -> None:
    st.subheader("Flagging", anchor=False)
    left, right = st.columns(2)
    left.number_input(
        "Flag threshold",
        min_value=0.0,
        max_value=100.0,
        value=None,
        step=1.0,
        format="%g",
        key=input_of(slug, "flag_threshold"),
        help="A call that scores less waits for a review. 0 to 100.",
        persist_state="session",
    )
    right.number_input(
        "Review bound",
        min_value=0.0,
        max_value=1.0,
        value=None,
        step=0.05,
        format="%g",
        key=input_of(slug, "review_bound"),
        help="A call whose least sure AI check is less sure than this waits for a review. 0 to 1; 0 turns it off.",
        persist_state="session",
    )
    beside(said, "flag_threshold", "review_bound")
    if not sections:
        st.caption("Sections may have thresholds of their own, once the checks have sections.")
        return
    st.caption("A section may have a threshold of its own: a call is flagged too when the section scores less.")
    with st.grid(SECTIONS_IN_A_ROW, min_column_width=150, gap="small"):
        for section in sections:
            st.number_input(
                plain(section),
                min_value=0.0,
                max_value=100.0,
                value=None,
                step=1.0,
                format="%g",
                placeholder="None",
                key=input_of(slug, f"section:{section}"),
                persist_state="session",
            )
    beside(said, "section_thresholds")


def _dates(slug: str, said: Mapping[str, str]) -> None:
    st.subheader("Dates", anchor=False)
    left, right = st.columns(2)
    left.selectbox(
        "Time zone",
        sorted(time_zones()),
        key=input_of(slug, "time_zone"),
        help="Of times in file names and lists that state none.",
        persist_state="session",
    )
    right.selectbox(
        "03/04 is",
        list(DATES),
        format_func=DATES.__getitem__,
        key=input_of(slug, "day_first"),
        help="How dates in file names and lists are read, where both are possible.",
        persist_state="session",
    )
    beside(said, "time_zone")


def save(slug: str) -> None:
    """Store what was changed, all at once; where something cannot be used, nothing, and what was typed stays."""
    who, inputs = require(Permission.CAMPAIGN_EDIT), form(slug)
    if wrong(slug, inputs.base):
        return
    asked: dict[str, Any] = wanted(slug, inputs.base)
    inputs.store(lambda: campaign_settings.change(who, slug, campaigns.changes(**asked)), asked)
