"""Who did what, and when."""

import streamlit as st

from dashboard.guard import require
from records.roles import Permission

who = require(Permission.AUDIT_READ)

st.title("Audit log", anchor=False)
