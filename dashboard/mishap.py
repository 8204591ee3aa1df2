"""What a page says when it breaks: a sentence for the person; the log has the rest."""

import logging

import streamlit as st
from sqlalchemy.exc import OperationalError

log = logging.getLogger(__name__)


def shown(error: Exception) -> bool:
    """For Streamlit's `on_script_error`: True, since the page now shows words of its own."""
    log.error("A page broke", exc_info=error)
    if isinstance(error, OperationalError):
        st.error("The database does not answer. Try again in a minute.", icon=":material/cloud_off:")
    else:
        st.error(
            "Something went wrong on this page. Load it again; if that does not help, tell whoever runs TotalView.",
            icon=":material/error:",
        )
    return True
