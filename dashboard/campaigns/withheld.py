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
            label=_label(number),
            icon=":material/visibility_off:",
            query_params={CAMPAIGN: campaign.slug, WITHHELD: "1"},
        )


def _label(number: int) -> str:
    """Short: a phone shows a link's first sixty letters or so."""
    calls = transcripts.counted(number)
    return f"{calls[0].upper()}{calls[1:]} from before redaction {'is' if number == 1 else 'are'} withheld"
