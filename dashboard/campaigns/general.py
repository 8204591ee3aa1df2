"""The tab General: name, flagging, who transcribes and how, dates. What is typed stays typed until it is saved."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from sqlmodel import select

from dashboard.campaigns import transcription
from dashboard.campaigns.settings_draft import DATES, Typed, changed, input_of, stored, typed, wanted, wrong
from dashboard.guard import not_found, require
from dashboard.words import plain
from pipeline import campaign_settings
from records import access, campaigns
from records.campaigns import Campaign, NotUsable, time_zones
from records.checks import Check
from records.db import reading
from records.identity import NotAllowed, NotFound
from records.roles import Permission

LABELS: Mapping[str, str] = {
    "name": "name",
    "active": "takes new calls",
    "flag_threshold": "flag threshold",
    "review_bound": "review bound",
    "section_thresholds": "section thresholds",
    "transcriber": "transcriber",
    "transcriber_model": "model",
    "language": "language",
    "channel_map": "channels",
    "redact": "redaction",
    "time_zone": "time zone",
    "day_first": "order of dates",
}
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
    now = stored(campaign, sections)
    base = _begun(slug, now)
    for words in st.session_state.pop(f"general-said-{slug}", []):
        st.toast(words, icon=":material/check:")
    said: dict[str, str] = st.session_state.get(_refused(slug), {}) | wrong(slug, base)
    with st.container(border=True):
        _campaign(slug, said)
    with st.container(border=True):
        _flagging(slug, sections, said)
    with st.container(border=True):
        transcription.show(slug, campaign, said)
    with st.container(border=True):
        _dates(slug, said)
    _foot(slug, base, now, said)


def _begun(slug: str, now: Typed) -> Typed:
    """What the inputs began from. They follow what is stored, unless somebody has typed something else."""
    base: Typed | None = st.session_state.get(_base(slug))
    if base is None or base.keys() != now.keys() or any(input_of(slug, name) not in st.session_state for name in now):
        kept = {} if base is None else {name: typed(slug, name) for name in changed(slug, base) if name in now}
    elif base == now or changed(slug, base):
        return base
    else:
        kept = {}
    st.session_state[_base(slug)] = now
    for name, value in now.items():
        st.session_state[input_of(slug, name)] = kept.get(name, value)
    return now


def _base(slug: str) -> str:
    return f"general-base-{slug}"


def _refused(slug: str) -> str:
    return f"general-refused-{slug}"


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


def beside(said: Mapping[str, str], *fields: str) -> None:
    """What is wrong with the inputs above."""
    for name in fields:
        if name in said:
            st.error(plain(said[name]), icon=":material/error:")


def _foot(slug: str, base: Typed, now: Typed, said: Mapping[str, str]) -> None:
    fields = list(wanted(slug, base))
    if fields and base != now:
        st.info(
            "Somebody else changed these settings meanwhile. Saving changes only what you changed.",
            icon=":material/group:",
        )
    beside(said, "")
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
        if fields:
            names = ", ".join(LABELS[name] for name in fields)
            st.badge(f"Unsaved changes: {names}", icon=":material/edit:", color="orange")
            st.button("Reset", icon=":material/undo:", key=f"general-reset-{slug}", on_click=_reset, args=(slug,))
        st.button(
            "Save settings",
            icon=":material/save:",
            type="primary",
            key=f"general-save-{slug}",
            disabled=not fields or bool(wrong(slug, base)),
            on_click=save,
            args=(slug,),
        )


def _reset(slug: str) -> None:
    require(Permission.CAMPAIGN_EDIT)
    st.session_state.pop(_refused(slug), None)
    for name, value in st.session_state[_base(slug)].items():
        st.session_state[input_of(slug, name)] = value


def save(slug: str) -> None:
    """Store what was changed, all at once; where something cannot be used, nothing, and what was typed stays."""
    who = require(Permission.CAMPAIGN_EDIT)
    base: Typed = st.session_state[_base(slug)]
    st.session_state[_refused(slug)] = {}
    if wrong(slug, base):
        return
    asked: dict[str, Any] = wanted(slug, base)
    try:
        campaign_settings.change(who, slug, campaigns.changes(**asked))
    except NotUsable as refused:
        st.session_state[_refused(slug)] = {refused.field: str(refused)}
        return
    except (NotAllowed, NotFound) as refused:
        st.session_state[_refused(slug)] = {"": str(refused)}
        return
    del st.session_state[_base(slug)]
    st.session_state[f"general-said-{slug}"] = [f"Saved: {', '.join(LABELS[name] for name in asked)}."]
    st.rerun()
