"""The one style of charts: colours of the theme, words beside them, no markup from outside."""

from datetime import date, timedelta

import plotly.graph_objects as go
import pytest

from dashboard import charts
from dashboard.charts import Series, bars_by_day, bars_by_name, line_by_day

DAYS = [date(2026, 11, 1) + timedelta(days=n) for n in range(3)]


@pytest.fixture(autouse=True)
def _colours(monkeypatch):
    monkeypatch.setattr(charts, "colour", lambda name: "white" if name == "background" else name)


def test_a_layer_that_never_occurs_is_left_out_and_the_rest_add_up():
    chart = bars_by_day(
        "Calls a day", DAYS, [Series("Failed", "red", [0, 1, 2]), Series("Pending", "gray", [0, 0, 0]), ok([3, 0, 1])]
    )
    assert [trace.name for trace in drawn(chart).data] == ["Failed", "Completed"]
    assert [trace.marker.color for trace in drawn(chart).data] == ["red", "green"]
    assert chart.alt.endswith("least 1 on 2026-11-02, most 3 on 2026-11-03.")
    assert chart.table == {
        "Day": ["2026-11-01", "2026-11-02", "2026-11-03"],
        "Failed": [0, 1, 2],
        "Completed": [3, 0, 1],
    }


def drawn(chart: charts.Chart) -> go.Figure:
    """As Plotly takes it: an unknown or wrong part raises ValueError."""
    return go.Figure(**chart.plot)


def ok(values) -> Series:
    return Series("Completed", "green", values)


def test_a_day_without_a_figure_is_a_gap_and_no_nought():
    chart = line_by_day("Score", DAYS, Series("Average score", "blue", [80.0, None, 60.25]))
    assert list(drawn(chart).data[0].y) == [80.0, None, 60.25]
    assert not drawn(chart).data[0].connectgaps
    assert chart.table["Average score"] == ["80.0", None, "60.2"]
    assert "least 60.2 on 2026-11-03" in chart.alt


def test_a_share_of_nought_is_drawn_and_said():
    chart = line_by_day("Flag rate", DAYS, Series("Flag rate", "red", [0.0, 0.5, None]), percent=True)
    assert not chart.empty
    assert "least 0.0% on 2026-11-01, most 50.0% on 2026-11-02" in chart.alt


def test_where_there_is_nothing_the_chart_is_empty():
    assert bars_by_day("Calls", DAYS, [ok([0, 0, 0])]).empty
    assert line_by_day("Score", DAYS, Series("Score", "blue", [None] * 3)).empty
    assert bars_by_name("Checks", [], [Series("Failed", "red", [])], say=str, table={}).empty


def test_a_name_is_shortened_on_the_axis_and_never_markup():
    names = ["<a href='http://evil.test'>x</a>", "$x$ & y", "long " * 20]
    chart = bars_by_name("Checks", names, [Series("Failed", "red", [3, 2, 1])], say=str, table={"Check": names})
    shown = drawn(chart).layout.yaxis.ticktext
    assert shown[0].startswith("&lt;a href=")
    assert shown[1] == "&#36;x&#36; &amp; y"
    assert shown[2].endswith("…")
    assert chart.alt.startswith(f"Checks. {names[0]}: 3;"), "for readers of screens it is text"
    assert chart.table["Check"] == names


def test_no_chart_can_be_dragged_out_of_place_or_shows_buttons():
    for chart in (bars_by_day("a", DAYS, [ok([1, 1, 1])]), bars_by_name("b", ["n"], [ok([1])], say=str, table={})):
        assert drawn(chart).layout.xaxis.fixedrange
        assert drawn(chart).layout.yaxis.fixedrange
        assert drawn(chart).layout.dragmode is False
    assert charts.CONFIG["displayModeBar"] is False
