"""The part of a campaign's settings about retention: for how long recordings and transcripts are kept."""

from collections.abc import Mapping

import streamlit as st

from dashboard.campaigns.form import beside
from dashboard.campaigns.settings_draft import input_of, typed
from records import retention
from records.campaigns import Campaign
from records.db import reading, stored_id
from records.retention import OFFERED, Kept

FIELDS: Mapping[Kept, str] = {Kept.RECORDING: "keep_recordings_days", Kept.TRANSCRIPTS: "keep_transcripts_days"}
_LABELS: Mapping[Kept, tuple[str, str]] = {
    Kept.RECORDING: ("Keep recordings", "Counted from when a call came in. Then the recording goes; all results stay."),
    Kept.TRANSCRIPTS: ("Keep transcripts", "Then what was said goes, quotes too. Scores, verdicts and figures stay."),
}


def show(slug: str, campaign: Campaign, said: Mapping[str, str]) -> None:
    """The inputs, and how much goes at once by what is chosen now."""
    st.subheader("Retention", anchor=False)
    for place, (kept, field) in zip(st.columns(2), FIELDS.items(), strict=True):
        label, help_text = _LABELS[kept]
        place.selectbox(
            label,
            sorted({*OFFERED, retention.days(campaign, kept)}),
            format_func=_spelled,
            key=input_of(slug, field),
            help=help_text,
            persist_state="session",
        )
    beside(said, *FIELDS.values())
    if words := _at_once(slug, campaign):
        st.warning(f"{' and '.join(words)} once this is saved, within the hour. Nothing brings them back.")


def _at_once(slug: str, campaign: Campaign) -> list[str]:
    """What goes at the next sweep and would not go by what is stored."""
    words = []
    for kept, field in FIELDS.items():
        lasts = typed(slug, field) or 0
        if lasts == retention.days(campaign, kept):
            continue
        with reading() as session:
            number = retention.how_many(session, stored_id(campaign.id), kept, lasts)
        if number:
            what = "recording" if kept is Kept.RECORDING else "transcript"
            words.append(f"{what.capitalize()}s of {number:,} calls are removed")
    return words


def _spelled(days: int) -> str:
    years = {365: "1 year", 730: "2 years"}
    return years.get(days, f"{days:,} days") if days else "For ever"
