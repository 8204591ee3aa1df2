"""The charts of a period."""

from functools import partial

import streamlit as st

from dashboard import badges, charts
from dashboard.calls.filter_address import CHECK
from dashboard.charts import Chart, Series, Table
from dashboard.home.gathered import Overview
from dashboard.home.period import Period
from records.figures import Daily
from records.figures_results import SAMPLE
from records.figures_sums import FailedCheck

BY_STATUS, BY_SOURCE = "By status", "By source"
WANTED_CHECK = "home_check"  # the check whose bar was clicked; the page opens its calls
NONE_SCORED = "No call of these days has a score yet."
NONE_JUDGED = "No call of these days has a result yet."
_BARS = "chart_checks"


def show(found: Overview) -> None:
    """Cards in two columns; one on a phone."""
    daily = found.daily
    grid = st.grid(2, min_column_width=340)
    with grid.cell(column_span="all"), st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            _title("Calls a day")
            by = st.segmented_control(
                "Calls a day by", [BY_STATUS, BY_SOURCE], default=BY_STATUS, required=True, label_visibility="collapsed"
            )
        charts.show(calls_a_day(daily, by or BY_STATUS), key="chart_calls", empty="No calls were added in these days.")
    with grid.cell(), st.container(border=True, height="stretch"):
        _title("Average score a day")
        charts.show(scores(daily), key="chart_scores", empty=NONE_SCORED)
    with grid.cell(), st.container(border=True, height="stretch"):
        _title("Flag rate a day")
        charts.show(flag_rates(daily), key="chart_flags", empty=NONE_JUDGED)
    with grid.cell(column_span=1 if found.stages else "all"), st.container(border=True, height="stretch"):
        _title("Most failed checks", help="By the newest result of each call. A click on a bar opens its calls.")
        pick = partial(_picked, found.checks)
        charts.show(failed_checks(found.checks), key=_BARS, empty="No check failed in these days.", on_select=pick)
    if found.stages:
        with grid.cell(), st.container(border=True, height="stretch"):
            _title("How long calls take", help=f"Of the newest {SAMPLE:,} results of these days.")
            charts.show(stage_times(found), key="chart_stages", empty=NONE_JUDGED)


def to_open(period: Period) -> dict[str, str | list[str]] | None:
    """The address of the calls behind the bar that was clicked, once."""
    name = st.session_state.pop(WANTED_CHECK, None)
    return None if name is None else period.calls(**{CHECK: name})


def calls_a_day(daily: Daily, by: str) -> Chart:
    kinds = (
        [(badges.SOURCE[kind], counts) for kind, counts in daily.sources.items()]
        if by == BY_SOURCE
        else [(badges.CALL[kind], counts) for kind, counts in daily.statuses.items()]
    )
    series = [Series(badge.label, badge.colour, list(counts.values())) for badge, counts in kinds]
    return charts.bars_by_day(f"Calls a day {by.lower()}", list(daily.days), series)


def scores(daily: Daily) -> Chart:
    values = [tally.score for tally in daily.days.values()]
    return charts.line_by_day("Average score a day", list(daily.days), Series("Average score", "blue", values))


def flag_rates(daily: Daily) -> Chart:
    values = [tally.flag_rate for tally in daily.days.values()]
    series = Series("Flag rate", badges.FLAGGED.colour, values)
    return charts.line_by_day("Flag rate a day", list(daily.days), series, percent=True)


def failed_checks(checks: tuple[FailedCheck, ...]) -> Chart:
    names = [check.name for check in checks]
    table: Table = {
        "Check": names,
        "Calls that failed it": [check.failed for check in checks],
        "Share of those judged": [f"{check.share:.1%}" for check in checks],
    }
    series = Series("Calls that failed it", "red", [check.failed for check in checks])
    return charts.bars_by_name("Most failed checks", names, [series], say="{:,.0f}".format, table=table)


def stage_times(found: Overview) -> Chart:
    times = found.stages
    names = [stage.capitalize() for stage in times]
    middle = Series("Median", "blue", [time.median for time in times.values()])
    slow = Series("95 of 100 within", "violet", [time.p95 for time in times.values()])
    table: Table = {
        "Stage": names,
        "Median": [seconds(time.median) for time in times.values()],
        "95 of 100 within": [seconds(time.p95) for time in times.values()],
        "Calls": [time.calls for time in times.values()],
    }
    return charts.bars_by_name("How long calls take, median", names, [middle, slow], say=seconds, table=table)


def seconds(taken: float) -> str:
    """'8.4 s' or '12 min'."""
    return f"{taken:.1f} s" if taken < 600 else f"{taken / 60:,.0f} min"  # noqa: PLR2004  ten minutes


def _picked(checks: tuple[FailedCheck, ...]) -> None:
    """A bar was clicked. Only a name that is on the page is taken."""
    chosen = st.session_state[_BARS].selection.point_indices
    if chosen and 0 <= chosen[0] < len(checks):
        st.session_state[WANTED_CHECK] = checks[chosen[0]].name


def _title(words: str, help: str | None = None) -> None:  # noqa: A002  as Streamlit calls it
    st.markdown(f"**{words}**", help=help)
