"""What needs somebody now, and how the calls went."""

import streamlit as st

from dashboard.guard import require
from records.roles import Permission

who = require(Permission.CALL_READ)

st.title("Home", anchor=False)
