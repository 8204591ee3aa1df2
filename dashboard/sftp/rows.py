"""The tables of batches and of files: what each row shows. All of it is text."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dashboard import badges, words
from dashboard.components import mount
from dashboard.sftp.paths import seen, size
from records import sftp_file_list, sftp_list
from records.db import now
from records.sftp import SftpBatch
from records.statuses import SFTP_OPEN, SftpFileStatus

PAGE = "/sftp_batches"
ID, FILE = "id", "file"  # the batch and the file that the address names
CALL = "call:"  # begins what a click on a call's link says
_BATCHES = (
    ("Campaign", "name"),
    ("Batch", "figure"),
    ("Status", "badge"),
    ("What it waits for, or how it ended", "words"),
    ("Done", "progress"),
    ("Failed", "figure"),
    ("Opened", "date"),
)
_FILES = (
    ("File", "name"),
    ("Status", "badge"),
    ("Why", "words"),
    ("Size", "right"),
    ("Modified", "date"),
    ("CSV line", "figure"),
    ("Call", "link"),
)
_WHOSE = ("Campaign", "text")


def batch_table(rows: Sequence[sftp_list.Row]) -> str | None:
    """Show batches; the id of the one that was clicked in this run."""
    data = {"label": "SFTP batches", "columns": _columns(_BATCHES), "rows": [_batch(row) for row in rows]}
    return mount("table", data, key="sftp-batches")


def file_table(
    rows: Sequence[sftp_file_list.Row], here: Mapping[str, str | list[str]], *, folder: str | None = None
) -> str | None:
    """Show files, of one batch where its folder is given; what was clicked in this run.

    `here` is the address of this list, in which a file is opened.
    """
    columns = _FILES if folder is not None else (*_FILES, _WHOSE)
    shown = [_file(row, folder)[: len(columns)] for row in rows]
    data = {
        "label": "Files",
        "columns": _columns(columns),
        "rows": [
            {"id": str(row.id), "href": _address(here, row.id), "cells": cells}
            for row, cells in zip(rows, shown, strict=True)
        ],
    }
    return mount("table", data, key="sftp-files")


def name(number: int) -> str:
    """'Batch 7'."""
    return f"Batch {number}"


def done(counts: sftp_list.Counts) -> int:
    """Files to which nothing more happens by themselves."""
    return sum(number for status, number in counts.items() if status not in SFTP_OPEN)


def failed(counts: sftp_list.Counts) -> int:
    """Files that could not be imported."""
    return counts.get(SftpFileStatus.FAILED, 0)


def window(batch: SftpBatch) -> str:
    """'Its window ends in 12 minutes.', or that it is over."""
    if batch.closed_at is not None:
        return "Its window is over."
    ends = words.ahead(batch.closes_at) if batch.closes_at > now() else "with the next sweep"
    return f"Its window ends {ends}."


def _columns(titles: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"title": title, "kind": kind} for title, kind in titles]


def _batch(row: sftp_list.Row) -> dict[str, Any]:
    batch, over, wrong = row.batch, done(row.counts), failed(row.counts)
    cells = (
        {"text": row.campaign, "title": row.campaign},
        {"text": str(row.id)},
        badges.SFTP_BATCH[batch.status]._asdict(),
        _words(f"{batch.words} {window(batch)}".strip() if batch.closed_at is None else batch.words),
        {"value": 100 * over / row.files if row.files else 0, "text": f"{over:,} of {row.files:,}"},
        {"text": f"{wrong:,}"} if wrong else None,
        {"text": words.date(batch.opened_at)},
    )
    return {"id": str(row.id), "href": f"{PAGE}?{urlencode({ID: row.id})}", "cells": list(cells)}


def _file(row: sftp_file_list.Row, folder: str | None) -> list[Any]:
    call = {"text": "Open", "href": f"/call?{urlencode({'id': row.call_id})}", "id": f"{CALL}{row.call_id}"}
    return [
        {"text": seen(row.path, folder or ""), "title": seen(row.path), "wraps": True},
        badges.SFTP_FILE[row.status]._asdict(),
        _words(" ".join(filter(None, (row.reason, row.agent_note)))),
        {"text": size(row.size)},
        {"text": words.date(row.modified)},
        {"text": ", ".join(f"{line:,}" for line in row.lines)} if row.lines else None,
        call if row.call_id else None,
        {"text": row.campaign, "title": row.campaign} if row.campaign else None,
    ]


def _address(here: Mapping[str, str | list[str]], file: int) -> str:
    return f"{PAGE}?{urlencode({**here, FILE: file}, doseq=True)}"


def _words(said: str) -> dict[str, str] | None:
    return {"text": said, "title": said} if said else None
