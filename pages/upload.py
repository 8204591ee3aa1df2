"""Bring recordings in: choose a campaign, drop files or folders, follow them."""

import streamlit as st
from sqlmodel import col

from dashboard import uploading
from dashboard.guard import require
from records import access
from records.campaigns import Campaign
from records.db import reading
from records.identity import Identity
from records.roles import Permission

who = require(Permission.CALL_UPLOAD)


def campaigns(who: Identity) -> dict[str, str]:
    """The names of the campaigns to which this person may upload, by slug."""
    mine = access.campaigns(who, Permission.CALL_UPLOAD).where(col(Campaign.active))
    with reading() as session:
        return {campaign.slug: campaign.name for campaign in session.exec(mine.order_by(col(Campaign.name)))}


st.title("Upload", anchor=False)
choices = campaigns(who)
if choices:
    uploading.show(who, choices)
else:
    uploading.no_campaign(who)
