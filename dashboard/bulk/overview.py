"""The top of a bulk job's page: what it is, where it stands, how far it is and how fast."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from dashboard import badges, words
from dashboard.badges import Badge
from dashboard.bulk import progress, tallies
from dashboard.bulk.rows import name
from dashboard.calls.filter_address import ALONE, BULK_JOB, CANCELLED, LEFT_OUT, STATUS
from dashboard.components import mount
from dashboard.navigation import go
from records import bulk_counts
from records.bulk import BulkJob
from records.bulk_counts import Counts, Tally
from records.bulk_list import Row
from records.statuses import FINISHED, CallStatus

STILL_TO_COME, NEVER_CAME = Badge("Still to come", "gray", "upload"), Badge("Never came", "red", "upload")
DUPLICATES, REFUSED = Badge("Already here", "blue", "content_copy"), Badge("Not taken", "red", "block")
CALLED_OFF = Badge("Cancelled", "gray", "block")


def show(row: Row, tally: Tally) -> None:
    """Heading and bar; a number leads to its calls."""
    job, status = row.job, tallies.status(row.job, tally)
    facts = [row.campaign, f"Begun by {job.by or 'somebody'}", words.date(job.created_at)]
    if job.name:
        facts.insert(0, f"Bulk job {job.id}")
    heading = {"title": name(job), "badges": [badges.BULK[status]._asdict()], "facts": facts, "notes": _notes(job)}
    mount("heading", heading, key="heading")
    with st.container(border=True):
        data = {
            "label": "Progress of the bulk job",
            "share": progress.share(tally.counts, cancelled=job.cancelled_at is not None),
            "done": f"{progress.done(tally.counts, cancelled=job.cancelled_at is not None)} done",
            "pace": progress.pace(job, tally) if tallies.moving(job, tally) else "",
            "parts": list(_parts(job, tally.counts)),
        }
        opened = mount("tally", data, key="tally")
    if opened in _addresses(job):
        go("calls.py", _addresses(job)[opened])


def _notes(job: BulkJob) -> list[dict[str, Any]]:
    if job.cancelled_at is None:
        return []
    title = f"Cancelled by {job.cancelled_by}, {words.date(job.cancelled_at)}"
    lines = ["What had begun went on. What waited then was called off, and can be tried again."]
    return [{"colour": "blue", "icon": "block", "title": title, "lines": lines}]


def _parts(job: BulkJob, counts: Counts) -> Iterator[dict[str, Any]]:
    """Only what there is: first what is over, then what is on its way, then what is missing."""
    late = bulk_counts.overdue(job)
    missing = 0 if job.cancelled_at else counts.missing
    for kind, badge, count in (
        (CallStatus.COMPLETED.value, badges.CALL[CallStatus.COMPLETED], counts.calls.get(CallStatus.COMPLETED, 0)),
        ("duplicates", DUPLICATES, counts.duplicates),
        (CallStatus.FAILED.value, badges.CALL[CallStatus.FAILED], counts.failed),
        ("refused", REFUSED, counts.refused),
        (CANCELLED, CALLED_OFF, counts.cancelled),
        *((each.value, badges.CALL[each], counts.calls.get(each, 0)) for each in CallStatus if each not in FINISHED),
        ("missing", NEVER_CAME if late else STILL_TO_COME, missing),
    ):
        if count:
            address = _addresses(job).get(kind)
            href = f"/calls?{urlencode(address)}" if address else ""
            over = kind not in {*_ON_THEIR_WAY, "missing"}
            yield {**badge._asdict(), "id": kind, "count": count, "href": href, "over": over}


_ON_THEIR_WAY = {status.value for status in CallStatus if status not in FINISHED}


def _addresses(job: BulkJob) -> dict[str, dict[str, str | list[str]]]:
    """The lists of calls behind the numbers."""
    mine = {BULK_JOB: str(job.id)}
    by_status: dict[str, dict[str, str | list[str]]] = {each.value: {**mine, STATUS: each.value} for each in CallStatus}
    by_status[CallStatus.FAILED.value][CANCELLED] = LEFT_OUT
    return by_status | {CANCELLED: {**mine, CANCELLED: ALONE}}
