"""The course of an agent's score, by day or by week of the viewer's calendar."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import plotly.graph_objects as go
import streamlit as st

from dashboard import words
from records import agent_figures
from records.agent_figures import DAYS, Span
from records.agents import Agent
from records.db import reading
from records.identity import Identity

WEEK, DAY = "By week", "By day"
HEIGHT = 260


def show(who: Identity, agent: Agent) -> None:
    """The chart, and the choice of its step."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Score", anchor=False, width="content")
        step = st.segmented_control(
            "Step", [WEEK, DAY], default=WEEK, required=True, key="agent-step", label_visibility="collapsed"
        )
    wanted = spans(datetime.now(_zone()).date(), 1 if step == DAY else 7, _zone())
    with reading() as session:
        course = agent_figures.course(session, who, agent, wanted)
    if not any(span.score is not None for span in course):
        st.caption(f"No call of the last {DAYS} days has a score yet.")
        return
    st.plotly_chart(
        chart(course), theme="streamlit", config={"displayModeBar": False}, alt=f"Average score, {str(step).lower()}"
    )


def spans(today: date, days: int, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The last ninety days in steps of so many, the last one ending with today; days as long as clocks have them."""
    first = today - timedelta(days=DAYS - 1)
    if days > 1:
        first -= timedelta(days=first.weekday())
    edges = [first + timedelta(days=days * step) for step in range((today - first).days // days + 2)]
    moments = [datetime.combine(edge, time(), zone) for edge in edges]
    return list(pairwise(moments))


def chart(course: Sequence[Span]) -> go.Figure:
    """Average score over time; spans without a score are gaps, and hovering tells how many calls there were."""
    figure = go.Figure(
        go.Scatter(
            x=[span.start.date() for span in course],
            y=[span.score for span in course],
            customdata=[(words.score(span.score), f"{span.calls:,}") for span in course],
            hovertemplate="%{x|%d %b %Y}<br>Score %{customdata[0]}, calls %{customdata[1]}<extra></extra>",
            mode="lines+markers",
            line={"width": 2, "color": st.get_option(f"theme.{st.context.theme.type or 'light'}.blueColor")},
            marker={"size": 6},
        )
    )
    figure.update_layout(height=HEIGHT, margin={"l": 0, "r": 0, "t": 8, "b": 0}, showlegend=False, hovermode="closest")
    figure.update_yaxes(range=[0, 102], dtick=25, fixedrange=True)
    figure.update_xaxes(fixedrange=True, tickformat="%d %b", nticks=8)
    return figure


def _zone() -> ZoneInfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
