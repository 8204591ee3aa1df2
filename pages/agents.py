"""The list of agents, unlinked calls, and import."""

import streamlit as st

from dashboard.guard import require
from records.roles import Permission

who = require(Permission.AGENT_MANAGE)

st.title("Agents", anchor=False)
