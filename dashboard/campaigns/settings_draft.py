"""The settings of a campaign while they are typed: what the inputs hold, what differs, what is wrong."""

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from pipeline import campaign_settings
from records import campaigns
from records.campaigns import Campaign, Changes, NotUsable

Typed = dict[str, Any]  # by field; a section's threshold is 'section:NAME'

DATES: Mapping[bool, str] = {True: "3 April (day first)", False: "4 March (month first)"}
_SECTION = "section:"
_NUMBERS = {"flag_threshold": "Give a number from 0 to 100.", "review_bound": "Give a number from 0 to 1."}


def stored(campaign: Campaign, sections: Iterable[str]) -> Typed:
    """What is stored, as the inputs hold it."""
    fields = [name for name in Changes.model_fields if name != "section_thresholds"]
    plain = {name: getattr(campaign, name) for name in fields}
    return {
        **plain,
        "channel_map": campaign.channel_map.value,
        **{f"{_SECTION}{name}": campaign.section_thresholds.get(name) for name in sections},
    }


def input_of(slug: str, name: str) -> str:
    """The key of an input."""
    return f"general-{slug}-{name}"


def typed(slug: str, name: str) -> Any:  # noqa: ANN401  whatever an input holds
    """What an input holds at this moment."""
    return st.session_state.get(input_of(slug, name))


def changed(slug: str, base: Typed) -> list[str]:
    """The inputs that hold something else than they began with."""
    return [name for name, value in base.items() if typed(slug, name) != value]


def wanted(slug: str, base: Typed) -> dict[str, Any]:
    """The changes that this asks for, by field of the campaign."""
    names = changed(slug, base)
    asked = {name: typed(slug, name) for name in names if not name.startswith(_SECTION)}
    if any(name.startswith(_SECTION) for name in names):
        bounds = {name.removeprefix(_SECTION): typed(slug, name) for name in base if name.startswith(_SECTION)}
        asked["section_thresholds"] = {name: bound for name, bound in bounds.items() if bound is not None}
    return asked


def wrong(slug: str, base: Typed) -> dict[str, str]:
    """What could not be saved, as a sentence for each field."""
    found = {}
    for name, value in wanted(slug, base).items():
        if value is None:
            found[name] = _NUMBERS.get(name, "Choose one.")
            continue
        try:
            campaigns.changes(**{name: value})
        except NotUsable as refused:
            found[name] = str(refused)
    if typed(slug, "redact") and {"redact", "transcriber"} & set(changed(slug, base)):
        try:
            campaign_settings.expect_redacting(typed(slug, "transcriber") or "")
        except NotUsable as refused:
            found["redact"] = str(refused)
    return found
