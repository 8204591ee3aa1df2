"""On SQLite, where the plan can be asked for: what Home asks again and again reads only the calls that it is about."""

from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlmodel import Session

from records import call_list, db, review_queue
from records.call_filters import Filters
from records.identity import Identity
from records.review_queue import Queue
from records.roles import Role
from records.statuses import CallStatus
from tests.records.made import stored_campaign


def stuck(session: Session, who: Identity) -> object:
    return call_list.count(session, who, Filters(stuck=True))


def waiting(session: Session, who: Identity) -> object:
    return review_queue.count(session, who, Queue())


def of_an_agent(session: Session, who: Identity) -> object:
    filters = Filters(agent_id=7, statuses=frozenset({CallStatus.COMPLETED}))
    return call_list.page(session, who, filters)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (stuck, "ix_call_campaign_unfinished"),
        (waiting, "ix_call_campaign_review"),
        (of_an_agent, "ix_call_agent_created"),
    ],
)
def test_a_managers_question_is_answered_by_the_index_made_for_it(about_sqlite, ask: Callable[..., object], index: str):
    with db.writing() as session:
        campaigns = frozenset(stored_campaign(session, name).id or 0 for name in ("a", "b"))
    manager = Identity(9, Role.MANAGER, "m@example.org", None, campaigns)
    with db.reading() as session:
        asked: list[tuple[str, tuple]] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        ask(session, manager)
        statement, values = asked[-1]
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    steps = [step[-1] for step in plan if step[-1].startswith(("SEARCH call", "SCAN call"))]
    assert len(steps) == 1
    assert f"INDEX {index} " in steps[0]
