"""Own components where Streamlit has none: each is a script and a style sheet in assets/, with a shared base."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

ASSETS = Path(__file__).parent / "assets"
BENEATH = {"uploader": "uploads.js"}  # scripts on which a component's own rests


def mount(name: str, data: Mapping[str, Any], *, key: str, heard: Callable[[str], None] | None = None) -> str | None:
    """Show a component with this data; what it says was clicked, if it caused this run.

    `heard` is told of it before the page is drawn, as every callback is.
    """
    told = partial(_tell, key, heard) if heard else _nothing
    result = _renderer(name)(key=key, data=dict(data), on_clicked_change=told)
    return result.clicked if isinstance(result.clicked, str) else None


def _tell(key: str, heard: Callable[[str], None]) -> None:
    said = getattr(st.session_state.get(key), "clicked", None)
    if isinstance(said, str):
        heard(said)


@cache
def _renderer(name: str) -> ComponentRenderer:
    """Declared once a process. Styles are not isolated: the pages' own text must be found by search and by readers."""
    return st.components.v2.component(
        f"tv_{name}",
        html=f'<div class="tv-part tv-{name}"></div>',
        css=_asset("base.css") + _asset(f"{name}.css"),
        js=_asset("base.js") + (_asset(BENEATH[name]) if name in BENEATH else "") + _asset(f"{name}.js"),
        isolate_styles=False,
    )


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _nothing() -> None:
    """Streamlit gives a trigger's value only to those who name a callback for it."""
