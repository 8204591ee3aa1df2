"""One agent: profile, other names, and how the calls went."""

import streamlit as st

from dashboard.guard import require
from records.roles import Permission

who = require(Permission.AGENT_MANAGE)

st.title("Agent", anchor=False)
