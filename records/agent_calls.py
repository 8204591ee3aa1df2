"""Many calls get another agent, some at a time, so that nobody who writes waits for long."""

from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, select, update
from sqlmodel.sql.expression import SelectOfScalar

from records.agents import Agent
from records.calls import Call, CallEvent
from records.db import UNSEEN, now
from records.identity import NotFound

BATCH = 500  # calls in one transaction
PAUSE_S = 0.03  # between two, in which other writers get their turn


def hand_over(session: Session, calls: SelectOfScalar[Call], agent_id: int, *, words: str, by: str) -> int:
    """Link up to BATCH of these calls to an agent, with a line in each one's timeline; how many there were.

    `calls` must no longer hold a call that was handed over. Raises NotFound when the agent has gone meanwhile.
    """
    agent = session.exec(select(Agent).where(Agent.id == agent_id).with_for_update()).first()
    if agent is None:
        raise NotFound("That agent was merged into another meanwhile. Look for it again, and repeat this.")
    # In the order of the index on agents: else each batch would sort, or walk past, all that were moved before.
    some = (
        calls.with_only_columns(col(Call.id))
        .order_by(col(Call.created_at), col(Call.id))
        .limit(BATCH)
        .with_for_update()
    )
    ids = list(session.execute(some).scalars())
    moved = session.execute(
        update(Call)
        .where(col(Call.id).in_(ids))
        .values(agent_id=agent_id, updated_at=now())
        .returning(col(Call.id), col(Call.run_number), col(Call.status)),
        execution_options=UNSEEN,
    ).all()
    lines: list[dict[str, Any]] = [
        {"call_id": call_id, "run_number": number, "was": status, "became": status, "words": words, "by": by}
        for call_id, number, status in moved
    ]
    if lines:
        session.execute(insert(CallEvent), lines)
    return len(moved)
