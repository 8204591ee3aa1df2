"""On a campaign's page: the calls whose words are withheld since it redacts, and the way to transcribe them anew."""

import streamlit as st

from dashboard.calls.filter_address import CAMPAIGN, WITHHELD
from dashboard.navigation import PAGES
from records import transcripts
from records.campaigns import Campaign
from records.db import reading, stored_id
from records.identity import Identity
from records.roles import Permission, scope_of


def show(who: Identity, campaign: Campaign) -> None:
    """A link to the list of them, where many are acted on at once; nothing where there are none."""
    if not campaign.redact or scope_of(who.role, Permission.CALL_REPROCESS) is None:
        return
    with reading() as session:
        number = transcripts.how_many(session, stored_id(campaign.id))
    if number:
        st.page_link(
            PAGES / "calls.py",
            label=f"Rerun Transcription for {transcripts.counted(number)} from before redaction was turned on",
            icon=":material/visibility_off:",
            help="What was said in them is withheld until then. In the list: Act on many, Rerun Transcription.",
            query_params={CAMPAIGN: campaign.slug, WITHHELD: "1"},
        )
