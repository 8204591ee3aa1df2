"""What the database and the queue say of the calls while a fault goes on, and at its end."""

from collections import Counter

from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from sqlmodel import col, func, select

from jobs import enqueue
from jobs.connection import connect
from records.calls import Call
from records.db import now, reading
from records.results import StoredTranscript, Version
from records.runs import Run
from records.statuses import CallStatus
from tests.faults.providing import MARK
from tests.faults.verdict import CallFacts

ENDED = (CallStatus.COMPLETED, CallStatus.FAILED)


def statuses() -> Counter[CallStatus] | None:
    """How many calls wear each status; None while the database is away."""
    try:
        with reading() as session:
            return Counter(dict(session.exec(select(Call.status, func.count()).group_by(Call.status)).all()))
    except OperationalError:
        return None


def facts() -> list[CallFacts]:
    """Everything that the verdict needs to know of each call."""
    asked_for = _asked_for()
    with reading() as session:
        versions = Counter(session.exec(select(Version.call_id)).all())
        transcripts = Counter(session.exec(select(StoredTranscript.call_id)).all())
        again = dict(
            session.exec(select(Version.call_id, func.sum(Version.asked_again)).group_by(Version.call_id)).all()
        )
        runs = Counter(session.exec(select(Run.call_id)).all())
        open_runs = {run.call_id: run for run in session.exec(select(Run).where(col(Run.ended_at).is_(None)))}
        return [
            CallFacts(
                call.sha256[:MARK],
                call.status,
                call.error_code or "",
                call.error or "",
                runs=runs[call.id],
                versions=versions[call.id],
                transcripts=transcripts[call.id],
                asked_again=again.get(call.id, 0),
                looked_after=_looked_after(open_runs.get(call.id), asked_for),
            )
            for call in session.exec(select(Call))
        ]


def _looked_after(run: Run | None, asked_for: set[tuple[int, int]]) -> bool:
    if run is None:
        return False
    held = run.lease_until is not None and run.lease_until > now()
    return held or bool(run.waits_at) or (run.id, run.ticket) in asked_for


def _asked_for() -> set[tuple[int, int]]:
    client = connect()
    try:
        return enqueue.asked_for(client)
    except RedisError:
        return set()
    finally:
        client.close()
