"""On SQLite, where the plan can be asked for: what pages ask again and again reads only the rows that it is about."""

from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlmodel import Session

from records import bulk_files, call_list, db, review_queue
from records.bulk import BulkJob
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
    steps = plan(lambda session: ask(session, manager))
    steps = [step for step in steps if step.startswith(("SEARCH call", "SCAN call"))]
    assert len(steps) == 1
    assert f"INDEX {index} " in steps[0]


def test_a_page_of_a_bulk_jobs_files_is_read_in_their_order(about_sqlite):
    with db.writing() as session:
        job = BulkJob(campaign_id=stored_campaign(session, "a").id or 0, expected=1)
        session.add(job)
    for where in ({}, {"after": 3}, {"before": 3}):
        steps = plan(lambda session, where=where: bulk_files.page(session, job, **where))
        assert "INDEX ix_bulk_item_job_id " in steps[0]
        assert not any("TEMP" in step for step in steps), "all of them would be looked at and sorted"


def plan(ask: Callable[[Session], object]) -> list[str]:
    """How SQLite goes about the first question that is asked."""
    with db.reading() as session:
        asked: list[tuple[str, tuple]] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        ask(session)
        statement, values = asked[0]
        return [step[-1] for step in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
