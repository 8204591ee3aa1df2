"""How an agent's calls went: figures beside those of others, and the checks that fail."""

import streamlit as st

from dashboard import words
from records import agent_figures
from records.agent_figures import DAYS, Figures
from records.agents import Agent
from records.db import reading
from records.identity import Identity


def show(who: Identity, agent: Agent) -> None:
    """The row of figures, and what they are compared with."""
    with reading() as session:
        found = agent_figures.compared(session, who, agent)
    own, others = found.own, found.campaigns
    with st.grid(3, min_column_width=150, gap="small"):
        st.metric(f"Calls in {DAYS} days", f"{own.calls:,}", border=True, height="stretch")
        st.metric("Average score", words.score(own.score), _apart(own.score, others.score), border=True)
        rate, their_rate = _percent(own.flagged), _percent(others.flagged)
        st.metric(
            "Flag rate",
            words.share(own.flagged),
            _apart(rate, their_rate),
            delta_color="inverse",
            border=True,
        )
    lines = ["The differences are to all agents of the same campaigns."]
    lines += [f"All agents of these campaigns: {_told(others)}."]
    if found.team is not None:
        lines.append(f"Team {words.plain(agent.team)}: {_told(found.team)}.")
    if own.calls:
        st.caption("  \n".join(lines))


def failed(who: Identity, agent: Agent) -> None:
    """The checks that failed most."""
    with reading() as session:
        found = agent_figures.failed_checks(session, who, agent)
    st.subheader("Failed checks", anchor=False)
    if not found:
        st.caption(f"No check failed in the last {DAYS} days.")
        return
    st.dataframe(
        {
            "Check": [each.name for each in found],
            "Campaign": [each.campaign for each in found],
            "Failed": [each.failed for each in found],
            "Share": [100 * each.failed / each.judged for each in found],
        },
        hide_index=True,
        alt="Checks that failed most, with count and share",
        column_config={
            "Check": st.column_config.TextColumn(width="medium"),
            "Failed": st.column_config.NumberColumn(width="small"),
            "Share": st.column_config.ProgressColumn(
                width="small", format="%d%%", min_value=0, max_value=100, help="Of the calls in which it was judged."
            ),
        },
    )


def _apart(own: float | None, others: float | None) -> str | int | None:
    return None if own is None or others is None else words.change(own - others, "points")


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _told(figures: Figures) -> str:
    return f"score {words.score(figures.score)}, flag rate {words.share(figures.flagged)}, {figures.calls:,} calls"
