"""Campaigns and agents of a period, side by side; a row opens its calls."""

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboard import words
from dashboard.calls.filter_address import AGENT, CAMPAIGN, Address
from dashboard.components import mount
from dashboard.home import gathered
from dashboard.home.period import Period
from records.figures import AGENTS_SHOWN, Named, Order
from records.figures_sums import Tally
from records.identity import Identity

ORDERS = {Order.LOWEST: "Lowest score", Order.FLAGGED: "Highest flag rate", Order.MOST: "Most calls"}
_COLUMNS = (("Average score", "bar"), ("Calls", "right"), ("Flag rate", "right"))


def campaigns(rows: tuple[Named, ...], period: Period) -> Address | None:
    """Each campaign's figures; the address of the calls behind the row that was clicked in this run."""
    if not rows:
        return None
    st.subheader("Campaigns", anchor=False)
    links = {row.key: {**period.calls(), CAMPAIGN: row.key} for row in rows}
    return _table("Campaign", rows, links, key="campaigns")


def agents(who: Identity, period: Period) -> Address | None:
    """Each agent's figures, as `campaigns`. A call without an agent is in none of them."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.subheader("Agents", anchor=False)
        order = st.segmented_control(
            "Order of agents",
            list(ORDERS),
            default=Order.LOWEST,
            format_func=ORDERS.__getitem__,
            required=True,
            label_visibility="collapsed",
        )
    rows = gathered.agents(who, period, order or Order.LOWEST)
    if not rows:
        with st.container(border=True):
            st.write("No call of these days is linked to an agent.")
            st.caption("A call names its agent when it comes in, or a person links one on the call's page.")
        return None
    opened = _table("Agent", rows, {row.key: period.calls(**{AGENT: row.key}) for row in rows}, key="agents")
    first = f"The first {AGENTS_SHOWN} are shown. " if len(rows) == AGENTS_SHOWN else ""
    st.caption(f"{first}Calls without an agent are not counted here.")
    return opened


def _table(title: str, rows: tuple[Named, ...], links: dict[str, Address], *, key: str) -> Address | None:
    columns = [{"title": title, "kind": "name"}, *({"title": name, "kind": kind} for name, kind in _COLUMNS)]
    shown = [
        {"id": row.key, "href": f"/calls?{urlencode(links[row.key], doseq=True)}", "cells": _cells(row)} for row in rows
    ]
    clicked = mount("table", {"label": f"{title}s", "columns": columns, "rows": shown}, key=f"table_{key}")
    return links.get(clicked) if clicked else None


def _cells(row: Named) -> list[dict[str, Any] | None]:
    tally: Tally = row.tally
    score, rate = tally.score, tally.flag_rate
    return [
        {"text": row.name, "title": row.name},
        None if score is None else {"value": score, "text": words.score(score)},
        {"text": f"{tally.calls:,} call{'' if tally.calls == 1 else 's'}"},
        None if rate is None else {"text": f"{words.share(rate)} flagged"},
    ]
