"""The way to the neighbouring pages of a list."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st


class Way(NamedTuple):
    """One of the two buttons: what it is called, the name of its place in the address, where it leads, if anywhere."""

    label: str
    name: str
    edge: int
    open: bool


def foot(key: str, back: Way, on: Way, turn: Callable[[str, int], None]) -> None:
    """Both buttons; nothing where there is one page only."""
    if not (back.open or on.open):
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        for way, icon in ((back, "chevron_left"), (on, "chevron_right")):
            st.button(
                way.label,
                key=f"{key}-{way.name}",
                icon=f":material/{icon}:",
                icon_position="left" if way is back else "right",
                disabled=not way.open,
                on_click=turn,
                args=(way.name, way.edge),
            )
