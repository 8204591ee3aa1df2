"""The table of calls: what each row shows."""

from typing import Any
from urllib.parse import urlencode

from dashboard import badges, words
from dashboard.calls import picking
from dashboard.components import mount
from records.call_list import Row

_COLUMNS = (
    ("Call", "name"),
    ("Status", "badge"),
    ("Score", "bar"),
    ("Campaign", "text"),
    ("Agent", "text"),
    ("Source", "badge"),
    ("Length", "right"),
    ("Called", "called"),
    ("Added", "date"),
)


def call_table(rows: tuple[Row, ...], *, key: str, pick: bool = False) -> str | None:
    """Show calls; the id of the one that was clicked in this run. With `pick` they can be picked too."""
    data: dict[str, Any] = {
        "label": "Calls",
        "columns": [{"title": title, "kind": kind} for title, kind in _COLUMNS],
        "rows": [_row(row) for row in rows],
    }
    if not pick:
        return mount("table", data, key=key)
    data["pick"] = {"picked": picking.picked(), "turn": picking.turn()}
    said = mount("table", data, key=key, heard=picking.heard)
    return None if said is None or said.startswith(picking.PICK) else said


def _row(row: Row) -> dict[str, Any]:
    called = words.date(row.called_at) if row.called_at else None
    score = row.effective_score
    cells = (
        {"text": row.filename, "title": row.filename, "flag": "Flagged for review" if row.flagged else ""},
        {**badges.CALL[row.status]._asdict(), "waits": row.waiting_for},
        None if score is None else {"value": score, "text": words.score(score)},
        {"text": row.campaign},
        {"text": row.agent} if row.agent else None,
        badges.SOURCE[row.source]._asdict(),
        None if row.duration_ms is None else {"text": words.length(row.duration_ms)},
        {"text": called} if called else None,
        {"text": words.date(row.created_at), "title": f"The call took place on {called}" if called else ""},
    )
    return {"id": row.id, "href": f"/call?{urlencode({'id': row.id})}", "cells": list(cells)}
