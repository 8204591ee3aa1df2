"""People who sign in: invite, roles, campaigns, deactivate."""

import streamlit as st

from dashboard.guard import require
from records.roles import Permission

who = require(Permission.PEOPLE_MANAGE)

st.title("People", anchor=False)
