"""The part of a campaign's settings about transcription: who does it, in which language, who speaks where."""

from collections.abc import Mapping

import streamlit as st

from config import settings
from dashboard.campaigns.form import beside
from dashboard.campaigns.settings_draft import input_of, typed
from pipeline.transcribers import registry
from records import transcripts
from records.campaigns import Campaign, ChannelMap
from records.db import reading, stored_id

CHANNELS: Mapping[str, str] = {
    ChannelMap.DETECT.value: "Detect who is the agent",
    ChannelMap.AGENT_LEFT.value: "Left is the agent",
    ChannelMap.AGENT_RIGHT.value: "Right is the agent",
}
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "en-US": "English, United States",
    "en-GB": "English, United Kingdom",
    "en-AU": "English, Australia",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "pt-BR": "Portuguese, Brazil",
    "tr": "Turkish",
    "hi": "Hindi",
    "ja": "Japanese",
    "auto": "Found out for each call",
    "multi": "Several in one call",
}


def show(slug: str, campaign: Campaign, said: Mapping[str, str]) -> None:
    """The inputs, and beside them what is wrong with them."""
    st.subheader("Transcription", anchor=False)
    left, middle, right = st.columns(3)
    with left:
        _transcriber(slug, campaign)
    with middle:
        _model(slug, campaign)
    with right:
        known = list(dict.fromkeys([*LANGUAGES, campaign.language, typed(slug, "language") or "en"]))
        st.selectbox(
            "Language",
            known,
            format_func=lambda code: f"{LANGUAGES[code]} ({code})" if code in LANGUAGES else code,
            key=input_of(slug, "language"),
            accept_new_options=True,
            help="Of the calls. Another one: type its code, such as sv or de-AT. The offline draft knows English only.",
            persist_state="session",
        )
    beside(said, "transcriber", "transcriber_model", "language")
    if words := missing():
        st.caption(" ".join(words))
    st.selectbox(
        "Two-channel recordings",
        list(CHANNELS),
        format_func=CHANNELS.__getitem__,
        key=input_of(slug, "channel_map"),
        help="Which channel the agent speaks on. Where your recorder always does it the same way, say so.",
        persist_state="session",
    )
    st.toggle(
        "Redact names and numbers",
        key=input_of(slug, "redact"),
        help="Personal data is left out of the transcript, and the recording is not played or given out.",
        persist_state="session",
    )
    beside(said, "redact", "channel_map")
    if typed(slug, "redact") and not campaign.redact:
        _withholds(campaign)


def _withholds(campaign: Campaign) -> None:
    """What turning redaction on does to the calls that are there."""
    with reading() as session:
        number = transcripts.how_many(session, stored_id(campaign.id))
    if number:
        st.warning(
            f"What was said in {transcripts.counted(number)} is withheld once this is saved, as it was transcribed "
            "without redaction: nobody reads it, no search finds it, and no check is judged on it. Rerun Transcription "
            "makes redacted transcripts where the recordings are kept; providers may charge for each. A link at the "
            "top of this page then leads to these calls."
        )


def missing() -> list[str]:
    """For each transcriber that is not set up: what it needs."""
    usable = registry.usable(settings())
    return [
        f"To use {provider.label}, set {provider.needs_key}."
        for name, provider in registry.PROVIDERS.items()
        if name not in usable
    ]


def _transcriber(slug: str, campaign: Campaign) -> None:
    usable = registry.usable(settings())
    best = registry.label(registry.default(settings(), redact=bool(typed(slug, "redact"))))
    labels = {"": f"Automatic: {best}"} | {name: registry.label(name) for name in usable}
    for name in (campaign.transcriber, typed(slug, "transcriber")):
        if name and name not in labels:  # set while its key was there, or on the command line
            labels[name] = f"{registry.label(name)} (not set up)"
    st.selectbox(
        "Transcriber",
        list(labels),
        format_func=labels.__getitem__,
        key=input_of(slug, "transcriber"),
        help="Automatic takes the best one that is set up. Calls that wait for another one go on with this.",
        on_change=_forget_model,
        args=(slug,),
        persist_state="session",
    )


def _forget_model(slug: str) -> None:
    """A model is one transcriber's own."""
    st.session_state[input_of(slug, "transcriber_model")] = ""


def _model(slug: str, campaign: Campaign) -> None:
    chosen = typed(slug, "transcriber") or ""
    models = registry.PROVIDERS[chosen].models if chosen in registry.PROVIDERS else ()
    usual = f"Default: {models[0]}" if models else "Default"
    kept = [campaign.transcriber_model] if chosen == campaign.transcriber else []
    options = list(dict.fromkeys(["", *models, *kept, typed(slug, "transcriber_model") or ""]))
    st.selectbox(
        "Model",
        options,
        format_func=lambda name: name or usual,
        key=input_of(slug, "transcriber_model"),
        disabled=len(options) == 1,
        help="Of the transcriber. Automatic, and those that run offline, have no choice of models.",
        persist_state="session",
    )
