"""The table of agents: what each row shows."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dashboard import words
from dashboard.badges import Badge
from dashboard.components import mount
from records.agent_list import DAYS, Row

INACTIVE = Badge("Deactivated", "gray", "block")
ACTIVE = Badge("Active", "green", "check_circle")
_NAME, _STATUS = ("Agent", "name"), ("Status", "badge")
_COLUMNS = (
    ("Team", "text"),
    ("Campaigns", "text"),
    (f"Calls, {DAYS} days", "figure"),
    ("Score", "bar"),
    ("Flagged", "figure"),
    ("Account", "text"),
    ("Last call", "date"),
)


def agent_table(rows: Sequence[Row], *, states: bool, key: str) -> str | None:
    """Show agents, with their state where deactivated ones are among them; the id of the one that was clicked."""
    columns = (_NAME, *([_STATUS] if states else []), *_COLUMNS)
    data = {
        "label": "Agents",
        "columns": [{"title": title, "kind": kind} for title, kind in columns],
        "rows": [_row(row, states=states) for row in rows],
    }
    return mount("table", data, key=key)


def _row(row: Row, *, states: bool) -> dict[str, Any]:
    cells = (
        {"text": row.name, "title": row.name},
        *([(ACTIVE if row.active else INACTIVE)._asdict()] if states else []),
        _listed([row.team]),
        _listed(row.campaigns),
        {"text": f"{row.calls:,}"},
        None if row.score is None else {"value": row.score, "text": words.score(row.score)},
        None if row.flagged is None else {"text": words.share(row.flagged)},
        _listed(row.people),
        None if row.newest is None else {"text": words.date(row.newest)},
    )
    return {"id": str(row.id), "href": f"/agent?{urlencode({'id': row.id})}", "cells": list(cells)}


def _listed(several: Sequence[str]) -> dict[str, str] | None:
    text = ", ".join(filter(None, several))
    return {"text": text, "title": text} if text else None
