"""How much there is of each thing in the database, and how late what is late is: for those who run the place.

Nothing here is narrowed to a person, or says anything of one call, campaign or agent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, literal
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from records import sftp_state
from records.calls import Call
from records.db import now, stored_id
from records.deliveries import Delivery, DeliveryState
from records.outages import ProviderState
from records.results import Version
from records.runs import Run
from records.sftp import SftpFile
from records.sftp_state import SftpState
from records.space import database_bytes
from records.statuses import CallStatus, SftpFileStatus
from records.uploads import ResumableUpload
from records.webhooks import Webhook

LATE = timedelta(minutes=2)  # the rescue job asks anew every half minute; what is due for longer is stuck
A_DAY = timedelta(days=1)
MOST_LATE = 10_000  # that are looked at: more are as bad
UNSENT = (DeliveryState.WAITING, DeliveryState.FAILED)

Counts = dict[str, int]
Counted = Select[Any, int]


class RunState(StrEnum):
    """What an unfinished run is doing."""

    WORKING = "working"  # a worker holds it
    ABANDONED = "abandoned"  # a worker held it, and was not heard of within its lease
    IN_LINE = "in_line"  # for a place with a provider, or for an outage to end
    WAITING = "waiting"  # for a provider's answer, or for its next try
    DUE = "due"  # for a worker
    LATE = "late"  # due for over two minutes


@dataclass(frozen=True)
class Census:
    """All of it, of one moment."""

    calls: Counts  # by status
    failed: Counts  # by code: calls that came in within a day and are Failed
    runs: dict[tuple[str, RunState], int]  # unfinished, by stage
    failures: Counts  # of tries, ever, by provider
    deliveries: Counts  # by state, without those that were sent
    delivery_due: datetime | None  # since when the first that is due waits
    sftp_files: Counts  # by status
    sftp: SftpState
    uploads: int  # resumable ones under way
    database_bytes: int


def take(session: Session) -> Census:
    """Count everything. With 300,000 calls it takes some hundredths of a second."""
    open_uploads = select(func.count()).select_from(ResumableUpload).where(col(ResumableUpload.ended_at).is_(None))
    return Census(
        calls=_none_of(CallStatus) | _counted(session, _by_status()),
        failed=_counted(session, _by_code()),
        runs=runs(session),
        failures=dict(session.exec(select(ProviderState.provider, ProviderState.failures)).all()),
        deliveries={state.value: _deliveries(session, state) for state in UNSENT},
        delivery_due=delivery_due(session),
        sftp_files=_none_of(SftpFileStatus) | _counted(session, _by_verdict()),
        sftp=sftp_state.state(session),
        uploads=session.exec(open_uploads).one(),
        database_bytes=database_bytes(session),
    )


def runs(session: Session) -> dict[tuple[str, RunState], int]:
    """The unfinished runs, by stage and by what they are doing."""
    doing = case(
        (col(Run.claim).is_not(None) & (col(Run.lease_until) < now()), RunState.ABANDONED.value),
        (col(Run.claim).is_not(None), RunState.WORKING.value),
        (col(Run.waits_at) != "", RunState.IN_LINE.value),
        (col(Run.due_at) > now(), RunState.WAITING.value),
        (col(Run.due_at) < now() - LATE, RunState.LATE.value),
        else_=RunState.DUE.value,
    )
    counted = select(Run.stage, doing, func.count()).where(col(Run.ended_at).is_(None)).group_by(Run.stage, doing)
    return {(stage, RunState(state)): number for stage, state, number in session.execute(counted)}


def late_runs(session: Session) -> list[tuple[int, int]]:
    """(run id, ticket) of runs that nobody holds and that are due for over two minutes; those in line are not due."""
    free = (col(Run.ended_at).is_(None), col(Run.claim).is_(None), Run.waits_at == "", col(Run.due_at) < now() - LATE)
    wanted = select(Run.id, Run.ticket).where(*free).order_by(col(Run.due_at)).limit(MOST_LATE)
    return [(stored_id(run_id), ticket) for run_id, ticket in session.exec(wanted)]


def abandoned_runs(session: Session) -> int:
    """Runs whose worker's lease ran out over two minutes ago, and that nobody has taken since."""
    held = (col(Run.ended_at).is_(None), col(Run.claim).is_not(None), col(Run.lease_until) < now() - LATE)
    return session.exec(select(func.count()).select_from(Run).where(*held)).one()


def delivery_due(session: Session) -> datetime | None:
    """Since when the first webhook delivery waits that is due. What waits for a paused webhook waits for a person."""
    waiting = (_in(DeliveryState.WAITING), col(Delivery.next_at) < now())
    at_work = (col(Webhook.active).is_(True), col(Webhook.paused_at).is_(None))
    due = select(Delivery.next_at).join(Webhook).where(*waiting, *at_work)
    return session.exec(due.order_by(col(Delivery.next_at)).limit(1)).first()


def newest_result(session: Session) -> int:
    """The number of the newest version; 0 before the first."""
    return session.exec(select(func.max(Version.id))).one() or 0


def results_after(session: Session, number: int, limit: int) -> Sequence[tuple[int, datetime, dict[str, float]]]:
    """Number, time and seconds by stage of the versions after this one, oldest first."""
    wanted = select(Version.id, Version.created_at, Version.stage_seconds).where(col(Version.id) > number)
    return [tuple(row) for row in session.execute(wanted.order_by(col(Version.id)).limit(limit))]


def _none_of(statuses: type[StrEnum]) -> Counts:
    return {status.value: 0 for status in statuses}


def _by_status() -> Counted:
    return select(Call.status, func.count()).group_by(col(Call.status))


def _by_code() -> Counted:
    lately = (Call.status == CallStatus.FAILED, col(Call.created_at) > now() - A_DAY)
    return select(Call.error_code, func.count()).where(*lately).group_by(col(Call.error_code))


def _by_verdict() -> Counted:
    return select(SftpFile.status, func.count()).group_by(col(SftpFile.status))


def _counted(session: Session, query: Counted) -> Counts:
    return {str(name): number for name, number in session.execute(query)}


def _deliveries(session: Session, state: DeliveryState) -> int:
    return session.exec(select(func.count()).select_from(Delivery).where(_in(state))).one()


def _in(state: DeliveryState) -> ColumnElement[bool]:
    """Written out: SQLite finds a partial index by the words of a query, and looks into no parameter."""
    return col(Delivery.state) == literal(state, literal_execute=True)
