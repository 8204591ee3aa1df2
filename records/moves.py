"""The one place where a call changes status."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, insert, update

from records.calls import Call, CallEvent
from records.db import UNSEEN, now
from records.statuses import CALL_MOVES, CallStatus


class IllegalMove(Exception):  # noqa: N818  reads as what it is
    """The status rules do not allow this move."""


def arrive(session: Session, call: Call, *, by: str = "") -> None:
    """Put a new call in, Pending, with the first line of its timeline."""
    session.add(call)
    session.flush()
    session.add(CallEvent(call_id=call.id, run_number=call.run_number, became=call.status, by=by))


def move(session: Session, call: Call, to: CallStatus, *, words: str = "", by: str = "") -> bool:
    """Move a call and record it; False when another got there first. The caller commits."""
    was = call.status
    if to not in CALL_MOVES[was]:
        raise IllegalMove(f"A call that is {was} cannot become {to}.")
    moved = session.exec(
        update(Call)
        .where(col(Call.id) == call.id, col(Call.status) == was, col(Call.run_number) == call.run_number)
        .values(status=to, updated_at=now())
    )
    if moved.rowcount != 1:
        return False
    note(session, call, was=was, to=to, words=words, by=by)
    session.refresh(call)
    return True


def move_all(
    session: Session,
    ids: Collection[str],
    was: CallStatus,
    to: CallStatus,
    *,
    words: str,
    by: str = "",
    only: ColumnElement[bool] | None = None,
    **values: object,
) -> frozenset[str]:
    """Move those of these calls that are as they were, in two statements; which ones. The caller commits.

    `only` says what else has to hold of each at that moment; `values` are what else of it is to change.
    """
    if to not in CALL_MOVES[was]:
        raise IllegalMove(f"A call that is {was} cannot become {to}.")
    these = update(Call).where(col(Call.id).in_(ids), col(Call.status) == was, true() if only is None else only)
    moved = session.execute(
        these.values(status=to, updated_at=now(), **values).returning(col(Call.id), col(Call.run_number)),
        execution_options=UNSEEN,
    ).all()
    lines = [
        {"call_id": call_id, "run_number": number, "was": was, "became": to, "words": words, "by": by, "at": now()}
        for call_id, number in moved
    ]
    if lines:
        session.execute(insert(CallEvent), lines)
    return frozenset(call_id for call_id, _number in moved)


def note(session: Session, call: Call, *, was: CallStatus, to: CallStatus, words: str, by: str = "") -> None:
    """A line of the timeline, also for what happens within one status."""
    session.add(CallEvent(call_id=call.id, run_number=call.run_number, was=was, became=to, words=words, by=by))
