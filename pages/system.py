"""How the parts of TotalView are: what is stuck, queues, workers, providers, storage."""

import streamlit as st

from dashboard.guard import require
from dashboard.system import parts, providers, queues, stuck, versions
from records.roles import Permission

who = require(Permission.SYSTEM_READ)

st.title("System", anchor=False)
stuck.show()
left, right = st.columns([3, 2], gap="medium")
with left:
    st.subheader("Queues", anchor=False)
    queues.show()
with right:
    st.subheader("Parts", anchor=False)
    parts.show()
st.subheader("Providers", anchor=False)
providers.show()
with st.expander("Versions", icon=":material/info:"):
    versions.show()
