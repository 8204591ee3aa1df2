"""Lists in every order: each call once, forth and back, whatever comes in meanwhile."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import delete

from records import call_list, db
from records.call_filters import Filters
from records.call_order import Sort
from records.calls import Call, CallEvent
from records.identity import Identity
from records.roles import Role
from tests.records.made import agent, stored_call, stored_campaign

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
OWNER = Identity(1, Role.OWNER, "owner@example.org")
SORTS = list(Sort)

FACTS = st.fixed_dictionaries(
    {
        "created_at": st.integers(0, 3).map(lambda n: NOON + timedelta(minutes=n)),
        "score": st.none() | st.sampled_from([0.0, 100 / 3, 70.5, 100.0]),
        "duration_ms": st.none() | st.integers(0, 2),
        "called_at": st.none() | st.integers(0, 2).map(lambda n: NOON - timedelta(days=n)),
    }
)
_names = count()


@pytest.fixture
def world(database):
    with db.writing() as session:
        return [stored_campaign(session, name) for name in ("a", "b")], agent(session, "Ada")


def manager(campaigns) -> Identity:
    return Identity(9, Role.MANAGER, "m@example.org", None, frozenset(each.id or 0 for each in campaigns))


def store(campaigns, several) -> list[Call]:
    with db.writing() as session:
        return [
            stored_call(session, campaigns[n % 2], filename=f"{next(_names)}", **facts)
            for n, facts in enumerate(several)
        ]


def empty() -> None:
    with db.writing() as session:
        session.exec(delete(CallEvent))
        session.exec(delete(Call))


def expected(calls: list[Call], sort: Sort) -> list[str]:
    """The order said once more, in Python."""
    known = [call for call in calls if sort in {Sort.NEWEST, Sort.OLDEST} or sort.of(call) is not None]
    unknown = [call for call in calls if call not in known]
    by_time = lambda call: (call.created_at, call.id)  # noqa: E731
    by_value = lambda call: (sort.of(call) if sort.of(call) is not None else 0, *by_time(call))  # noqa: E731
    return [
        call.id
        for some, key in ((known, by_value), (unknown, by_time))
        for call in sorted(some, key=key, reverse=not sort.up)
    ]


def page(who: Identity, sort: Sort, **where):
    with db.reading() as session:
        return call_list.page(session, who, Filters(), sort=sort, size=3, **where)


def walked(who: Identity, sort: Sort, meanwhile=lambda: None) -> list[str]:
    seen, found = [], page(who, sort)
    while True:
        seen += [row.id for row in found.rows]
        if not found.behind:
            return seen
        meanwhile()
        found = page(who, sort, behind=found.rows[-1].place(sort))


def test_every_order_visits_each_call_once_forth_and_back(world):
    campaigns, _ = world

    @given(st.lists(FACTS, max_size=9), st.sampled_from(SORTS))
    def holds(several, sort):
        empty()
        calls = store(campaigns, several)
        for who in (OWNER, manager(campaigns)):
            assert walked(who, sort) == expected(calls, sort)
        last, back = page(OWNER, sort), []
        while last.behind:
            last = page(OWNER, sort, behind=last.rows[-1].place(sort))
        while True:
            back = [*(row.id for row in last.rows), *back]
            if not last.before:
                break
            last = page(OWNER, sort, before=last.rows[0].place(sort))
        assert back == expected(calls, sort)

    holds()


def test_what_comes_in_meanwhile_hides_nothing_and_shows_nothing_twice(world):
    campaigns, _ = world

    @given(st.lists(FACTS, min_size=4, max_size=9), st.lists(FACTS, min_size=1, max_size=3), st.sampled_from(SORTS))
    def holds(there, coming, sort):
        empty()
        calls = store(campaigns, there)
        seen = walked(OWNER, sort, meanwhile=lambda: store(campaigns, coming) if len(coming) < 3 else None)
        assert len(seen) == len(set(seen))
        mine = {call.id for call in calls}
        assert [each for each in seen if each in mine] == expected(calls, sort)

    holds()


@pytest.mark.parametrize("sort", SORTS)
def test_an_agent_sees_their_own_calls_in_every_order(world, sort):
    campaigns, ada = world
    with db.writing() as session:
        mine = stored_call(session, campaigns[0], agent_id=ada.id)
        stored_call(session, campaigns[0])
    assert walked(Identity(8, Role.AGENT, "ada@example.org", ada.id), sort) == [mine.id]


@pytest.mark.parametrize("sort", SORTS)
def test_each_order_is_read_from_an_index(about_sqlite, sort):
    with db.reading() as session:
        for part in call_list.parts(sort):
            query = call_list._keys(call_list.narrowed(OWNER, Filters()), None, part, 26)
            text = str(query.compile(session.connection(), compile_kwargs={"literal_binds": True}))
            plan = [step[-1] for step in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()]
            assert any("USING COVERING INDEX ix_call_" in step for step in plan), plan
            assert not any("TEMP B-TREE" in step for step in plan), plan


def test_the_score_that_a_person_settled_is_the_one_that_is_sorted_by(world):
    campaigns, _ = world
    with db.writing() as session:
        low = stored_call(session, campaigns[0], score=20.0, reviewed_score=90.0, effective_score=90.0)
        high = stored_call(session, campaigns[0], score=80.0)
    assert walked(OWNER, Sort.HIGHEST) == [low.id, high.id]
    with db.reading() as session:
        found = call_list.page(session, OWNER, Filters(score_from=85.0)).rows
    assert [(row.id, row.effective_score) for row in found] == [(low.id, 90.0)]
