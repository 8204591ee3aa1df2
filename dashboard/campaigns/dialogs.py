"""What the dialogs of a campaign's page share: a secret that is shown once, and closing with a word."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import farewell
from dashboard.words import plain
from records.campaigns import NotUsable
from records.identity import NotAllowed, NotFound

Made = TypeVar("Made")

DELIVERY = "delivery"  # the delivery that the address names


@dataclass
class Once:
    """What one opened dialog has done. It is passed to the dialog, and gone with it.

    So a second click on a slow button finds the first one's secret instead of making another, and no secret is ever in
    the session's state or in an address.
    """

    secret: str = ""
    done: bool = False


def ask_then_show(once: Once, ask: Callable[[], None], show: Callable[[str], None]) -> None:
    """The form until it has made a secret; then, in its place, the secret."""
    place = st.empty()
    if not once.secret:
        with place.container():
            ask()
    if once.secret:
        with place.container():
            show(once.secret)


def close(word: str = "") -> None:
    """Close the dialog that is open; the page says this word when it is drawn again."""
    st.query_params.pop(DELIVERY, None)
    farewell.redraw(word)


def tried(act: Callable[[], Made], beside: DeltaGenerator, waiting: str = "") -> Made | None:
    """What it made; None when it was refused, and then the reason stands beside the input."""
    try:
        if not waiting:
            return act()
        with beside, st.spinner(waiting):
            return act()
    except (NotUsable, NotFound, NotAllowed) as refused:
        beside.error(plain(str(refused)), icon=":material/error:")
        return None


def show_secret(secret: str, words: str) -> None:
    """The one time that it is shown, with a button to copy it."""
    st.warning(words, icon=":material/visibility_off:")
    st.code(secret, language=None, wrap_lines=True)
