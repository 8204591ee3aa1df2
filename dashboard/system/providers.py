"""How it stands with each provider, and a way to try a paused one at once."""

import streamlit as st

from dashboard import words
from dashboard.guard import require
from pipeline import standing
from pipeline.standing import Standing
from records.db import reading, writing
from records.identity import NotFound
from records.roles import Permission

RENEWED_S = 5
CONNECT = "Not connected: set {variable} where TotalView is started."


@st.fragment(run_every=RENEWED_S)
def show() -> None:
    """A line a provider. A fragment's run skips the page's first line."""
    require(Permission.SYSTEM_READ)
    with reading() as session:
        found = standing.all_of(session)
    st.dataframe(
        {
            "Provider": [each.label for each in found],
            "State": [_state(each) for each in found],
            "With it now": [f"{each.there} of {each.places}" for each in found],
            "Waiting": [each.waiting for each in found],
            "What to know": [_to_know(each) for each in found],
        },
        hide_index=True,
        column_config={
            "With it now": st.column_config.TextColumn(help="Calls, over all workers, and how many may be at once"),
            "Waiting": st.column_config.NumberColumn(help="Calls in line for a place, or for a pause to end"),
            "What to know": st.column_config.TextColumn(width="large"),
        },
        key="providers",
    )
    for each in found:
        if each.paused_since:
            st.button(
                f"Try {each.label} now",
                key=f"try-{each.name}",
                icon=":material/play_arrow:",
                help=words.plain(each.why),
                on_click=_try,
                args=(each.name,),
            )


def _state(each: Standing) -> str:
    if each.paused_since:
        return f"Paused since {words.date(each.paused_since)}"
    return "Not connected" if each.missing else "Ready"


def _to_know(each: Standing) -> str:
    return each.why or (CONNECT.format(variable=each.missing) if each.missing else "")


def _try(name: str) -> None:
    who = require(Permission.SYSTEM_READ)
    try:
        with writing() as session:
            standing.try_now(session, who, name)
    except NotFound as refused:
        st.toast(str(refused), icon=":material/info:")
    else:
        st.toast("The next call in its line is let through within half a minute.", icon=":material/check:")
