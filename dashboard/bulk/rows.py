"""The table of bulk jobs: what each row shows."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dashboard import badges, words
from dashboard.bulk import progress, tallies
from dashboard.components import mount
from records.bulk import BulkJob
from records.bulk_counts import Tally
from records.bulk_list import Row

_COLUMNS = (
    ("Bulk job", "name"),
    ("Status", "badge"),
    ("Done", "progress"),
    ("Failed", "figure"),
    ("Campaign", "text"),
    ("By", "text"),
    ("Begun", "date"),
)


def job_table(rows: Sequence[Row], counted: Mapping[int, Tally]) -> str | None:
    """Show jobs; the id of the one that was clicked in this run."""
    data = {
        "label": "Bulk jobs",
        "columns": [{"title": title, "kind": kind} for title, kind in _COLUMNS],
        "rows": [_row(row, counted[row.id]) for row in rows],
    }
    return mount("table", data, key="bulk_jobs")


def name(job: BulkJob) -> str:
    """As whoever began it named it, else by its number."""
    return job.name or f"Bulk job {job.id}"


def href(number: int) -> str:
    """Where a job's page is."""
    return f"/bulk_job?{urlencode({'id': number})}"


def wrong(tally: Tally) -> int:
    """How many failed or were not taken in."""
    return sum(failure.count for failure in tally.failures)


def _row(row: Row, tally: Tally) -> dict[str, Any]:
    job, cancelled, failed = row.job, row.job.cancelled_at is not None, wrong(tally)
    bar = {
        "value": 100 * progress.share(tally.counts, cancelled=cancelled),
        "text": progress.done(tally.counts, cancelled=cancelled),
    }
    cells = (
        {"text": name(job), "title": name(job)},
        badges.BULK[tallies.status(job, tally)]._asdict(),
        bar,
        {"text": f"{failed:,}"} if failed else None,
        {"text": row.campaign, "title": row.campaign},
        {"text": job.by, "title": job.by},
        {"text": words.date(job.created_at)},
    )
    return {"id": str(row.id), "href": href(row.id), "cells": list(cells)}
