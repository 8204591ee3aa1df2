"""The one style of every chart: the theme's colours, words for those who do not see it, and its figures as a table."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from html import escape
from types import MappingProxyType
from typing import Any, NamedTuple

import streamlit as st

HEIGHT = 240
CONFIG = {"displayModeBar": False, "doubleClick": False, "scrollZoom": False}
NAME_SHOWN = 32  # characters of a bar's name; all of it stands in the table
FEW_DAYS = 14  # so few have a mark each; else the axis would count hours
PERCENT = ".0%"
_DAYS = {"type": "date", "tickformat": "%-d %b", "hoverformat": "%a %-d %b %Y", "showgrid": False}

Table = Mapping[str, Sequence[Any]]
Point = float | None
Plot = Mapping[str, Any]  # data and layout by Plotly's names, said at once: each update of a figure takes as long


class Series(NamedTuple):
    """One line, or one layer of bars. `colour` is one of Streamlit's names, as in dashboard/badges.py."""

    label: str
    colour: str
    values: Sequence[Point]


class Chart(NamedTuple):
    """A drawing, what it says in a sentence, and what it was drawn from."""

    plot: Plot
    alt: str
    table: Table
    empty: bool = False


def show(chart: Chart, *, key: str, empty: str, on_select: Callable[[], None] | None = None) -> None:
    """The chart and its table, or words where there is nothing to draw. `on_select` hears of a click on a bar."""
    if chart.empty:
        st.container(height=HEIGHT, border=False, vertical_alignment="center", horizontal_alignment="center").caption(
            empty, text_alignment="center"
        )
        return
    chosen: dict[str, Any] = {"on_select": on_select, "selection_mode": "points"} if on_select else {}
    st.plotly_chart(dict(chart.plot), key=key, theme="streamlit", config=CONFIG, alt=chart.alt, **chosen)
    folded = st.expander("Show as table", key=f"{key}_table", type="compact", on_change="rerun")
    if folded.open:
        with folded:
            st.dataframe(dict(chart.table), hide_index=True, alt=chart.alt)


def bars_by_day(what: str, days: Sequence[date], series: Sequence[Series]) -> Chart:
    """Numbers a day, one layer upon the other. What never occurs is left out."""
    shown = [each for each in series if any(each.values)]
    layers = [{**_bars(each), "x": days, "y": each.values} for each in shown]
    plot = _plot(layers, x=_days(days), barmode="stack", bargap=0.25)
    totals = [sum(column) for column in zip(*(each.values for each in shown), strict=True)] if shown else []
    alt = _over_time(what, days, totals, "{:,.0f}".format)
    return Chart(plot, alt, _table(days, shown), empty=not shown)


def line_by_day(
    what: str, days: Sequence[date], series: Series, *, percent: bool = False, marks: int | None = None
) -> Chart:
    """One figure a day. A day that has none leaves a gap, and is no zero. `marks`: about so many dates on the axis."""
    line = {
        "type": "scatter",
        "x": days,
        "y": series.values,
        "name": series.label,
        "mode": "lines+markers",
        "line": {"color": colour(series.colour), "width": 2},
        "marker": {"size": 5},
        "hovertemplate": "%{y:.1%}" if percent else "%{y:.1f}",
    }
    scale = {"tickformat": PERCENT, "rangemode": "tozero"} if percent else {"range": [0, 100]}
    plot = _plot([line], x={"nticks": marks, **_DAYS} if marks else _days(days), y=scale)
    say = "{:.1%}".format if percent else "{:.1f}".format
    known = [None if value is None else say(value) for value in series.values]
    table: Table = {"Day": [day.isoformat() for day in days], series.label: known}
    return Chart(plot, _over_time(what, days, series.values, say), table, empty=not any(known))


def bars_by_name(
    what: str, names: Sequence[str], series: Sequence[Series], *, say: Callable[[float], str], table: Table
) -> Chart:
    """Lying bars, the first on top. Names are anybody's words: Plotly reads markup, and gets none."""
    places = list(range(len(names)))
    text = {"textposition": "auto", "textangle": 0, "insidetextfont": {"color": colour("background")}}
    layers = [
        {
            **_bars(each),
            **text,
            "x": each.values,
            "y": places,
            "orientation": "h",
            "text": [say(value or 0) for value in each.values],
            "hovertemplate": "%{text}",
        }
        for each in series
    ]
    labels = {"tickvals": places, "ticktext": [_literal(name) for name in names]}
    plot = _plot(
        layers,
        x={"visible": False, "rangemode": "tozero"},
        y={**labels, "autorange": "reversed", "showgrid": False},
        height=max(HEIGHT, 44 + 30 * len(names) * len(series)),
        barmode="group",
        bargap=0.3,
        hovermode="y unified" if len(series) > 1 else "closest",
    )
    said = [f"{name}: {say(values[n] or 0)}" for n, name in enumerate(names) for values in [series[0].values]]
    return Chart(plot, f"{what}. {'; '.join(said)}.", table, empty=not names)


def colour(name: str) -> str:
    """One of Streamlit's colours, or 'background', as the theme in use has it."""
    return str(st.get_option(f"theme.{st.context.theme.type or 'light'}.{name}Color"))


def _plot(layers: Sequence[Plot], *, x: Plot, y: Plot = MappingProxyType({}), **layout: object) -> Plot:
    """These layers in our frame, with what is special about their axes."""
    frame = {
        "height": HEIGHT,
        "margin": {"l": 0, "r": 8, "t": 8, "b": 0},
        "hovermode": "x unified",
        "dragmode": False,
        "showlegend": len(layers) > 1,
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "traceorder": "normal"},
        "xaxis": {"fixedrange": True, **x},  # a finger that drags scrolls the page
        "yaxis": {"fixedrange": True, "automargin": True, **y},
    }
    return {"data": layers, "layout": frame | layout}


def _bars(series: Series) -> Plot:
    marker = {"color": colour(series.colour), "line": {"width": 0}}
    return {"type": "bar", "name": series.label, "marker": marker}


def _days(days: Sequence[date]) -> Plot:
    """The axis of these days."""
    return {**_DAYS, "dtick": 24 * 3600 * 1000} if len(days) <= FEW_DAYS else _DAYS


def _table(days: Sequence[date], series: Sequence[Series]) -> Table:
    return {"Day": [day.isoformat() for day in days]} | {each.label: list(each.values) for each in series}


def _over_time(what: str, days: Sequence[date], values: Sequence[Point], say: Callable[[float], str]) -> str:
    """'Calls a day, 1 to 30 November: least 3 on 4 November, most 9 on ...'."""
    known = [(value, day) for value, day in zip(values, days, strict=False) if value is not None]
    if not known:
        return f"{what}: nothing in these days."
    (least, early), (most, late) = min(known), max(known)
    span = f"from {days[0].isoformat()} to {days[-1].isoformat()}"
    return f"{what} {span}: least {say(least)} on {early.isoformat()}, most {say(most)} on {late.isoformat()}."


def _literal(text: str) -> str:
    """Somebody's words where Plotly reads tags and, between dollar signs, formulas."""
    short = text if len(text) <= NAME_SHOWN else f"{text[: NAME_SHOWN - 1]}…"
    return escape(short).replace("$", "&#36;")
