"""The filters behind the row: in a popover, and those that are on as chips to take off."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import streamlit as st

from dashboard import words
from dashboard.calls import filter_address as addressed
from dashboard.calls.filter_address import (
    AGENT,
    ALONE,
    BULK_JOB,
    CALLED_FROM,
    CALLED_UNTIL,
    CANCELLED,
    CHECK,
    EARLIEST,
    FROM,
    LATEST,
    LEFT_OUT,
    MORE,
    NAMES,
    NO_AGENT,
    PAUSED,
    SCORE_FROM,
    SCORE_TO,
    STUCK,
    UNTIL,
    WITHHELD,
)
from records.call_filters import STUCK_AFTER
from records.db import LARGEST_ID

STUCK_MINUTES = int(STUCK_AFTER.total_seconds() // 60)
WITHHELD_LABEL = "Withheld, from before redaction"
ANY = ""
CANCELLATIONS = {ANY: "Shown with the others", LEFT_OUT: "Left out", ALONE: "Nothing else"}


@dataclass(frozen=True)
class Choices:
    """What somebody may choose from."""

    campaigns: dict[str, str]  # names by slug
    agents: Mapping[int, str] = field(default_factory=dict)
    checks: Sequence[str] = ()


def popover(choices: Choices, changed: Callable[[], None]) -> None:
    """The inputs that few need every day."""
    on = sum(bool(addressed.written(st.session_state[name])) for name in MORE)
    label = f"More filters ({on})" if on else "More filters"
    with st.popover(label, icon=":material/tune:", key="more_filters"):
        _days("Added", FROM, UNTIL, changed)
        _days("Called", CALLED_FROM, CALLED_UNTIL, changed)
        _scores(changed)
        _names(choices, changed)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(
                "Cancelled calls",
                list(CANCELLATIONS),
                key=CANCELLED,
                format_func=CANCELLATIONS.__getitem__,
                on_change=changed,
                width=190,
            )
            st.number_input(
                "Bulk job",
                key=BULK_JOB,
                min_value=1,
                max_value=LARGEST_ID,
                value=None,
                step=1,
                placeholder="Number",
                on_change=changed,
                width=190,
            )
        st.toggle(f"Unfinished and unmoved for {STUCK_MINUTES} minutes", key=STUCK, on_change=changed)
        st.toggle("Waiting for a paused provider", key=PAUSED, on_change=changed)
        st.toggle(WITHHELD_LABEL, key=WITHHELD, on_change=changed)


def chips(choices: Choices, remove: Callable[[str], None], clear: Callable[[], None]) -> None:
    """What is on behind the row, each to take off by a click, and the way to take all off."""
    if not any(addressed.written(st.session_state[name]) for name in NAMES):
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for name in MORE:
            if addressed.written(st.session_state[name]):
                st.button(
                    words.plain(said(name, st.session_state[name], choices)),
                    key=f"off_{name}",
                    icon=":material/close:",
                    help="Take this filter off",
                    on_click=partial(remove, name),
                )
        st.button("Clear filters", key="clear", type="tertiary", icon=":material/filter_alt_off:", on_click=clear)


def said(name: str, value: Any, choices: Choices) -> str:  # noqa: ANN401  whatever the input of this name holds
    """What a filter narrows to, in a few words."""
    if name in {FROM, UNTIL, CALLED_FROM, CALLED_UNTIL}:
        verb, _, way = name.rpartition("_")
        return f"{(verb or 'added').capitalize()} {way} {words.day(value)}"
    if name == AGENT:
        return "No agent linked" if value == NO_AGENT else f"Agent: {agent_name(value, choices)}"
    if name in {SCORE_FROM, SCORE_TO}:
        return f"Score at {'least' if name == SCORE_FROM else 'most'} {words.score(value)}"
    return {
        CHECK: f"Failed: {value}",
        BULK_JOB: f"Bulk job {value}",
        CANCELLED: "Without cancelled calls" if value == LEFT_OUT else "Cancelled calls alone",
        STUCK: f"Unmoved for {STUCK_MINUTES} minutes",
        PAUSED: "Waiting for a paused provider",
        WITHHELD: WITHHELD_LABEL,
    }[name]


def agent_name(number: str, choices: Choices) -> str:
    """The agent's name; the number of one that this person does not know."""
    return choices.agents.get(int(number), f"number {number}")


def _days(label: str, begin: str, end: str, changed: Callable[[], None]) -> None:
    with st.container(horizontal=True):
        for way, name in (("from", begin), ("until", end)):
            st.date_input(
                f"{label} {way}",
                key=name,
                value=None,
                min_value=EARLIEST,
                max_value=LATEST,
                format="YYYY-MM-DD",
                on_change=changed,
                width=190,
            )
    first, last = st.session_state[begin], st.session_state[end]
    if first and last and last < first:
        st.caption(f":red[No day lies between: '{label} until' is before '{label} from'.]")


def _scores(changed: Callable[[], None]) -> None:
    with st.container(horizontal=True):
        for label, name in (("Score at least", SCORE_FROM), ("Score at most", SCORE_TO)):
            st.number_input(
                label,
                key=name,
                min_value=0.0,
                max_value=100.0,
                value=None,
                step=5.0,
                format="%g",
                placeholder="0 to 100",
                on_change=changed,
                width=190,
            )
    least, most = st.session_state[SCORE_FROM], st.session_state[SCORE_TO]
    if least is not None and most is not None and most < least:
        st.caption(":red[No score lies between: 'at most' is below 'at least'.]")


def _names(choices: Choices, changed: Callable[[], None]) -> None:
    """Agent and check, where there is anything to choose; whatever the address asked for can be chosen again."""
    agent, check = st.session_state[AGENT], st.session_state[CHECK]
    agents = {ANY: "Any agent", NO_AGENT: "No agent linked"} | {str(n): name for n, name in choices.agents.items()}
    if agent not in agents:
        agents[agent] = agent_name(agent, choices)
    checks = {ANY: "Any result"} | {name: name for name in [*choices.checks, *filter(None, [check])]}
    with st.container(horizontal=True):
        for label, name, known, offered in (
            ("Agent", AGENT, agents, bool(choices.agents) or agent),
            ("Check failed", CHECK, checks, len(checks) > 1),
        ):
            if offered:
                st.selectbox(label, list(known), key=name, format_func=known.__getitem__, on_change=changed, width=190)
