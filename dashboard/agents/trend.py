"""The course of an agent's score, by day or by week of the viewer's calendar."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import charts, words
from dashboard.charts import Chart, Series
from records import agent_figures
from records.agent_figures import DAYS, Span
from records.agents import Agent
from records.db import reading
from records.identity import Identity

WEEK, DAY = "By week", "By day"
MARKS = 8  # on the axis: thirteen weeks are no thirteen days


def show(who: Identity, agent: Agent) -> None:
    """The chart, and the choice of its step."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Score", anchor=False, width="content")
        step = st.segmented_control(
            "Step", [WEEK, DAY], default=WEEK, required=True, key="agent-step", label_visibility="collapsed"
        )
    zone = words.zone()
    wanted = spans(datetime.now(zone).date(), 1 if step == DAY else 7, zone)
    with reading() as session:
        course = agent_figures.course(session, who, agent, wanted)
    charts.show(chart(course, str(step)), key="agent-score", empty=f"No call of the last {DAYS} days has a score yet.")


def spans(today: date, days: int, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The last ninety days in steps of so many, the last one ending with today; days as long as clocks have them."""
    first = today - timedelta(days=DAYS - 1)
    if days > 1:
        first -= timedelta(days=first.weekday())
    edges = [first + timedelta(days=days * step) for step in range((today - first).days // days + 2)]
    moments = [datetime.combine(edge, time(), zone) for edge in edges]
    return list(pairwise(moments))


def chart(course: Sequence[Span], step: str) -> Chart:
    """Average score over time; spans without a score are gaps."""
    days, scores = [span.start.date() for span in course], [span.score for span in course]
    drawn = charts.line_by_day(f"Average score, {step.lower()},", days, Series("Score", "blue", scores), marks=MARKS)
    return drawn._replace(table={**drawn.table, "Calls": [span.calls for span in course]})
