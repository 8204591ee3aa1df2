"""Who is looking, and may they? Asked by every page, every fragment and everything that acts."""

from html import escape
from urllib.parse import urlencode, urlsplit

import streamlit as st

from dashboard.components import ASSETS
from records import sessions
from records.db import reading
from records.identity import Identity
from records.roles import Permission, scope_of

_ENTERED = "entered_signed_in"
SIGN_IN = """<form class="tv-sign-in" method="get" action="/login" target="_top">
<input type="hidden" name="next" value="{page}"><button type="submit">Sign in</button></form>"""


def whoever() -> Identity | None:
    """The person behind this browser's session, as the database has it at this moment; None when signed out."""
    token_hash = st.user.get("sid")
    if not isinstance(token_hash, str):
        return None
    with reading() as session:
        return sessions.find_hashed(session, token_hash)


def enter() -> Identity | None:
    """As `whoever`, for the entry script, which decides what the whole page shows."""
    who = whoever()
    st.session_state[_ENTERED] = who is not None
    return who


def require(permission: Permission) -> Identity:
    """The signed-in person who holds this permission; else words, and the run ends here."""
    who = whoever()
    if who is None:
        if st.session_state.get(_ENTERED):
            st.rerun()  # from a fragment: the whole page goes, not only this part of it
        signed_out()
        st.stop()
    if scope_of(who.role, permission) is None:
        not_found("page")
        st.stop()
    return who


def signed_out() -> None:
    """What a page says when its session has ended; signing in leads back to it."""
    st.title("You are signed out", anchor=False)
    st.write("Your session ended, or you signed out in another tab.")
    # A link button of Streamlit's opens another tab, and this one would stay signed out.
    st.html(ASSETS / "frame.css")
    st.html(SIGN_IN.format(page=escape(_address())))


def not_found(what: str) -> None:
    """The same words for what is not there and for what is not this person's to see."""
    st.title(f"There is no such {what}", anchor=False)
    st.write("It may have been deleted, or belong to a campaign that is not yours.")


def _address() -> str:
    """The path and query of the page that is open."""
    place = urlsplit(st.context.url or "/")
    query = urlencode([(name, value) for name in st.query_params for value in st.query_params.get_all(name)])
    return f"{place.path}?{query}" if query else place.path
