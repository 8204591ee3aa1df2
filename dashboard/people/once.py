"""A one-time link, shown once to whoever asked for it: TotalView sends no mail."""

from datetime import datetime
from typing import NamedTuple

import streamlit as st

from dashboard import words
from dashboard.components import mount
from records import links, people_edits
from records.db import now
from records.people import User

KEY = "people-link"  # in the session's state, until the dialog is closed


class Once(NamedTuple):
    """A fresh link, and whose it is."""

    person_id: int
    name: str
    email: str
    url: str
    until: datetime


def keep(user: User, url: str) -> None:
    """Remember a fresh link for as long as its dialog is open."""
    until = now() + links.LASTS[people_edits.purpose_of(user)]
    st.session_state[KEY] = Once(user.id or 0, user.name, user.email, url, until)


def forget() -> None:
    """Show it no more."""
    st.session_state.pop(KEY, None)


def kept(person_id: int | None = None) -> Once | None:
    """The link that was just made, for this person or for anybody."""
    found = st.session_state.get(KEY)
    return found if isinstance(found, Once) and person_id in (None, found.person_id) else None


def show(link: Once) -> None:
    """The link with a button that copies it, and what to do with it."""
    data = {
        "label": "One-time link",
        "value": link.url,
        "title": f"Send this link to {link.email}",
        "words": f"TotalView sends no mail. The link works once, until {words.date(link.until)}; "
        "whoever opens it chooses the password. It is not shown again.",
    }
    mount("once", data, key=f"once-{link.person_id}")
