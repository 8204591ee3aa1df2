"""The table of campaigns: what each row shows."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from config import settings
from dashboard import words
from dashboard.badges import Badge
from dashboard.components import mount
from pipeline.transcribers import registry
from records.campaign_list import DAYS, Row
from records.campaigns import Campaign

ACTIVE = Badge("Active", "green", "check_circle")
ARCHIVED = Badge("Archived", "gray", "archive")
_COLUMNS = (
    ("Campaign", "name"),
    ("Checks", "figure"),
    (f"Calls, {DAYS} days", "figure"),
    ("Average score", "bar"),
    ("Flagged", "figure"),
    ("Transcriber", "text"),
    ("Status", "badge"),
)


def campaign_table(rows: Sequence[Row]) -> str | None:
    """Show campaigns; the slug of the one that was clicked in this run."""
    data = {
        "label": "Campaigns",
        "columns": [{"title": title, "kind": kind} for title, kind in _COLUMNS],
        "rows": [_row(row) for row in rows],
    }
    return mount("table", data, key="campaigns")


def matching(rows: Sequence[Row], text: str, *, archived: bool) -> list[Row]:
    """Those whose name or slug holds the text; archived ones only where they are asked for, and then last."""
    wanted = " ".join(text.casefold().split())
    found = [
        row
        for row in rows
        if (archived or row.campaign.active) and (wanted in row.campaign.name.casefold() or wanted in row.campaign.slug)
    ]
    return sorted(found, key=lambda row: not row.campaign.active)


def transcriber(campaign: Campaign) -> str:
    """Who transcribes its calls at present."""
    return registry.label(campaign.transcriber or registry.default(settings(), redact=campaign.redact))


def _row(row: Row) -> dict[str, Any]:
    campaign = row.campaign
    rate = row.flag_rate
    cells = (
        {"text": campaign.name, "title": f"{campaign.name} ({campaign.slug})"},
        {"text": f"{row.checks:,}"},
        {"text": f"{row.calls:,}"},
        None if row.score is None else {"value": row.score, "text": words.score(row.score)},
        None
        if rate is None
        else {"text": words.share(rate), "title": f"{row.flagged:,} of {row.completed:,} completed"},
        {"text": transcriber(campaign), "title": "" if campaign.transcriber else "Automatic: the best that is set up"},
        (ACTIVE if campaign.active else ARCHIVED)._asdict(),
    )
    return {"id": campaign.slug, "href": f"/campaign?{urlencode({'id': campaign.slug})}", "cells": list(cells)}
