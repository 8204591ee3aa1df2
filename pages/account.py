"""One's own account: password, and where one is signed in."""

import streamlit as st

from dashboard.guard import require
from records.roles import Permission

who = require(Permission.CALL_READ)

st.title("Account", anchor=False)
