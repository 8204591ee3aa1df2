"""The four figures of a period, each against the days before and with the way to its calls."""

from collections.abc import Iterator
from typing import NamedTuple

import streamlit as st

from dashboard import words
from dashboard.calls.filter_address import CANCELLED, FLAGGED, LEFT_OUT, STATUS, Address
from dashboard.home.period import Period
from dashboard.navigation import PAGES
from records.figures import Daily
from records.figures_sums import Tally
from records.statuses import CallStatus

MANY = 1000  # per cent: as much more is told in calls


class Figure(NamedTuple):
    """One of them. `better` says which way is good news."""

    label: str
    icon: str
    value: str
    change: float | None
    unit: str
    better: str  # Streamlit's delta_color
    link: str
    address: Address
    help: str


def show(daily: Daily, period: Period) -> None:
    """A row of cards."""
    with st.grid(4, min_column_width=150):
        for figure in _figures(daily.total, daily.before, period):
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.metric(
                    f":material/{figure.icon}: {figure.label}",
                    figure.value,
                    words.change(figure.change, figure.unit),
                    delta_color=figure.better,  # type: ignore[arg-type]
                    help=figure.help,
                )
                st.page_link(
                    PAGES / "calls.py",
                    label=figure.link,
                    icon=":material/arrow_forward:",
                    query_params=figure.address,
                )
    days = f"the {len(period.days)} days" if len(period.days) > 1 else "the day"
    st.caption(f"By the day on which a call was added. Changes are against {days} before.")


def _figures(now: Tally, then: Tally, period: Period) -> Iterator[Figure]:
    more = (now.calls - then.calls) / then.calls * 100 if then.calls else None
    grown = (float(now.calls - then.calls), "calls") if more is not None and more >= MANY else (more, "%")
    failures = {STATUS: CallStatus.FAILED.value, CANCELLED: LEFT_OUT}
    yield Figure(
        *("Calls", "call", f"{now.calls:,}", *grown, "off", "See the calls", period.calls()),
        "Added in these days.",
    )
    yield Figure(
        *("Average score", "grade", words.score(now.score), _points(now.score, then.score, 1)),
        *("points", "normal", "See those scored", period.calls(score_from="0")),
        f"Of {now.scored:,} calls that have a score.",
    )
    yield Figure(
        *("Flag rate", "flag", words.share(now.flag_rate), _points(now.flag_rate, then.flag_rate, 100)),
        *("points", "inverse", f"See {now.flagged:,} flagged", period.calls(**{FLAGGED: "1"})),
        f"Of {now.judged:,} calls that have a result.",
    )
    yield Figure(
        *("Failed share", "error", words.share(now.failed_share), _points(now.failed_share, then.failed_share, 100)),
        *("points", "inverse", f"See {now.failed:,} failed", period.calls(**failures)),
        f"Of {now.completed + now.failed:,} calls that were completed or failed. Cancelled calls are not counted.",
    )


def _points(now: float | None, then: float | None, scale: float) -> float | None:
    return None if now is None or then is None else (now - then) * scale
