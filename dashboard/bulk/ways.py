"""From a campaign's page: to its calls, to uploading to it, and what of that is under way."""

import streamlit as st

from dashboard.bulk import tracker
from dashboard.calls.filter_address import CAMPAIGN
from dashboard.navigation import go
from records.campaigns import Campaign
from records.identity import Identity
from records.roles import Permission, scope_of


def show(who: Identity, campaign: Campaign) -> None:
    """The buttons, and the tracker."""
    with st.container(horizontal=True, gap="small"):
        may_upload = scope_of(who.role, Permission.CALL_UPLOAD) is not None and campaign.active
        if may_upload and st.button("Upload", icon=":material/upload:", key="to-upload"):
            go("upload.py", {"campaign": campaign.slug})
        if st.button("Calls", icon=":material/call:", key="to-calls"):
            go("calls.py", {CAMPAIGN: campaign.slug})
    tracker.show(who, campaign.slug)
