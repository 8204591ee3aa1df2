"""What Home says to those for whom there is nothing to show: what to do next, or whom to ask."""

import streamlit as st

from records.identity import Identity
from records.roles import Permission, Role, scope_of

API_DOCS = "/api/v1/docs"


def show(who: Identity) -> None:
    """One card."""
    with st.container(border=True):
        if who.role is Role.AGENT and who.agent_id is None:
            st.subheader("No agent is linked to your account", anchor=False)
            st.write("Ask your manager or a Senior Manager to link you. Your calls and scores then appear here.")
        elif who.role is Role.AGENT:
            st.subheader("No calls of yours yet", anchor=False)
            st.write("Your calls and their scores appear here as soon as the first one is in.")
        elif who.role is Role.MANAGER and not who.campaign_ids:
            st.subheader("No campaign is assigned to you", anchor=False)
            st.write("Ask an Owner or a Senior Manager to assign you to your campaigns. Their calls then appear here.")
        else:
            _no_calls(who)


def _no_calls(who: Identity) -> None:
    st.subheader("No calls yet", anchor=False)
    st.write("Give TotalView a recording on the server's command line. Its score appears here when it is done.")
    st.code("totalview process FILE", language=None)
    if scope_of(who.role, Permission.CALL_UPLOAD):
        st.write("Programs send recordings over the HTTP API.")
        st.link_button("API documentation", API_DOCS, icon=":material/api:")
