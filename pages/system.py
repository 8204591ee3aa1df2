"""How the parts of TotalView are: queues, workers, providers, storage."""

import streamlit as st

from dashboard.guard import require
from records.roles import Permission

who = require(Permission.SYSTEM_READ)

st.title("System", anchor=False)
