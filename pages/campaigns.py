"""The list of campaigns, and making one."""

import streamlit as st

from dashboard.guard import require
from records.roles import Permission

who = require(Permission.CAMPAIGN_READ)

st.title("Campaigns", anchor=False)
