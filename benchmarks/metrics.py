"""How long the figures of /metrics take to count with very many of everything: `python -m benchmarks.metrics NUMBER`.

It fills whatever TOTALVIEW_HOME or DATABASE_URL name, which must be empty, with that many calls, runs, versions,
webhook deliveries and SFTP files. A twentieth of the runs is unfinished: an installation that is far behind.
"""

import statistics
import sys
from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import insert, text

from pipeline import standing
from records import census, migrate, webhooks
from records.access import COMMAND_LINE
from records.calls import Call
from records.campaigns import create
from records.db import now, reading, stored_id, url, writing
from records.deliveries import Delivery, DeliveryState
from records.results import StoredTranscript, Version
from records.runs import Run
from records.sftp import FileKind, SftpFile
from records.statuses import CallStatus, RunReason, SftpFileStatus, Source

BATCH, ROUNDS = 5_000, 7
UNFINISHED, FAILED = 20, 50  # one in so many
BEGIN = now() - timedelta(days=365)


def main() -> None:
    """Fill, then print one line of a Markdown table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    migrate.upgrade()
    _fill(number)
    with writing() as session:
        session.execute(text("ANALYZE"))
    kind = "SQLite" if url().startswith("sqlite") else "PostgreSQL"
    print("| In the database | Counted in, ms |")
    print("|---|---:|")
    print(f"| {number:,} of each on {kind} | {_counted():.0f} |")


def _fill(number: int) -> None:
    with writing() as session:
        campaign = stored_id(create(session, COMMAND_LINE, "Support").id)
        webhook, _ = webhooks.create(session, COMMAND_LINE, "support", "https://hooks.example/in", ())
    for first in range(1, number + 1, BATCH):
        some = range(first, min(first + BATCH, number + 1))
        with writing() as session:
            for table, rows in _rows(some, campaign, stored_id(webhook.id)):
                session.execute(insert(table), rows)


def _rows(some: range, campaign: int, webhook: int) -> Iterator[tuple[type, list[dict[str, Any]]]]:
    yield Call, [_call(n, campaign) for n in some]
    yield Run, [_run(n) for n in some]
    yield StoredTranscript, [_of(n, id=n, run_number=1, content={}, figures={}) for n in some]
    done = [n for n in some if n % UNFINISHED]
    timed = {
        "number": 1,
        "section_scores": {},
        "flag_reasons": [],
        "stage_seconds": {"transcription": 61.5, "analysis": 9.5},
    }
    yield Version, [_of(n, run_id=n, transcript_id=n, created_at=BEGIN, **timed) for n in done]
    yield Delivery, [_delivery(n, webhook) for n in some]
    yield SftpFile, [_file(n, campaign) for n in some]


def _of(n: int, **facts: object) -> dict[str, Any]:
    return {"call_id": f"{n:032x}", **facts}


def _call(n: int, campaign: int) -> dict[str, Any]:
    status = (
        CallStatus.PENDING if n % UNFINISHED == 0 else CallStatus.FAILED if n % FAILED == 0 else CallStatus.COMPLETED
    )
    return {
        "id": f"{n:032x}",
        "campaign_id": campaign,
        "status": status,
        "source": Source.API,
        "filename": f"recording-{n}.wav",
        "size": 1_000_000,
        "sha256": f"{n:064x}",
        "details": {},
        "error_code": "provider" if status is CallStatus.FAILED else None,
        "created_at": BEGIN + timedelta(seconds=n * 100),
    }


def _run(n: int) -> dict[str, Any]:
    ended = None if n % UNFINISHED == 0 else BEGIN
    facts = {"number": 1, "reason": RunReason.FIRST_RUN, "memory": {}, "usage": {}, "stage_seconds": {}}
    return _of(n, id=n, stage="transcription" if n % 3 else "analysis", due_at=BEGIN, ended_at=ended, **facts)


def _delivery(n: int, webhook: int) -> dict[str, Any]:
    state = DeliveryState.FAILED if n % FAILED == 0 else DeliveryState.SENT
    facts = {"event_id": f"msg_{n}", "type": "call.completed", "payload": "{}", "log": []}
    return _of(n, webhook_id=webhook, state=state, **facts)


def _file(n: int, campaign: int) -> dict[str, Any]:
    name = f"recording-{n}.wav"
    facts = {
        "path": name,
        "path_key": f"{n:064x}",
        "name_key": name,
        "stem_key": name[:-4],
        "size": 1_000_000,
        "told": {},
    }
    status = SftpFileStatus.SKIPPED if n % FAILED == 0 else SftpFileStatus.COMPLETED
    return {"campaign_id": campaign, "kind": FileKind.RECORDING, "modified": BEGIN, "status": status, **facts}


def _counted() -> float:
    """The middle of some rounds, in milliseconds."""
    taken = []
    for _ in range(ROUNDS):
        begin = perf_counter()
        with reading() as session:
            census.take(session)
            standing.all_of(session)
        taken.append((perf_counter() - begin) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
