"""Lists of calls: in order, narrowed, a page at a time, and only of whoever asks."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from records import access, call_list, db, slots
from records.call_filters import Filters
from records.call_list import Page
from records.call_order import Place
from records.campaigns import Campaign
from records.identity import COMMAND_LINE, Identity, NotAllowed
from records.roles import Role
from records.runs import Run
from records.statuses import CallStatus, RunReason, Source
from tests.records.made import agent, person, stored_call, stored_campaign

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
OWNER = Identity(1, Role.OWNER, "owner@example.org")


@pytest.fixture
def three(database) -> dict[str, Campaign]:
    """Campaigns a, b and c."""
    with db.writing() as session:
        return {name: stored_campaign(session, name) for name in ("a", "b", "c")}


def fill(campaign: Campaign, number: int, *, apart: timedelta = timedelta(minutes=1), **facts) -> list[str]:
    """Calls named 0, 1, 2 ... each older than the one before; their ids."""
    with db.writing() as session:
        return [
            stored_call(session, campaign, created_at=NOON - apart * n, **{"filename": f"{n}.wav", **facts}).id
            for n in range(number)
        ]


def shown(who: Identity = OWNER, filters: Filters = Filters(), **where) -> Page:  # noqa: B008  frozen, as good as a constant
    with db.reading() as session:
        return call_list.page(session, who, filters, **where)


def names(page: Page) -> list[str]:
    return [row.filename.removesuffix(".wav") for row in page.rows]


def test_the_newest_comes_first_with_the_names_of_campaign_and_agent(three):
    with db.writing() as session:
        ada = agent(session, "Ada")
        stored_call(session, three["a"], filename="old.wav", created_at=NOON - timedelta(days=1))
        stored_call(
            session, three["b"], filename="new.wav", created_at=NOON, agent_id=ada.id, duration_ms=5, score=70.5
        )
    new, old = shown().rows
    assert (new.filename, new.campaign, new.agent, new.duration_ms, new.effective_score) == (
        "new.wav",
        "b",
        "Ada",
        5,
        70.5,
    )
    assert (old.filename, old.campaign, old.agent, old.effective_score) == ("old.wav", "a", None, None)


def test_paging_forth_and_back_meets_every_call_once_though_many_came_at_one_moment(three):
    ids = fill(three["a"], 7, apart=timedelta(0)) + fill(three["b"], 5, apart=timedelta(0))
    page, seen = shown(size=4), []
    while True:
        seen += [row.id for row in page.rows]
        if not page.behind:
            break
        page = shown(size=4, behind=page.rows[-1].place())
    assert seen == sorted(ids, reverse=True)
    back = shown(size=4, before=page.rows[0].place())
    assert [row.id for row in back.rows] == seen[4:8]
    assert (back.before, back.behind) == (True, True)


def test_the_ends_of_the_list_are_known(three):
    fill(three["a"], 4)
    assert (shown(size=4).before, shown(size=4).behind) == (False, False)
    assert (shown(size=3).before, shown(size=3).behind) == (False, True)
    last = shown(size=3, behind=shown(size=3).rows[-1].place())
    assert (names(last), last.before, last.behind) == (["3"], True, False)


def test_what_is_newer_than_the_newest_is_the_newest_page(three):
    fill(three["a"], 3)
    page = shown(size=2, before=Place(NOON + timedelta(days=1), "f" * 32))
    assert (names(page), page.before) == (["0", "1"], False)


def test_a_list_without_calls_is_empty(three):
    assert shown() == Page((), before=False, behind=False)
    assert shown(before=Place(NOON, "0" * 32)) == Page((), before=False, behind=False)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(statuses=frozenset({CallStatus.FAILED})), ["failed"]),
        (Filters(statuses=frozenset({CallStatus.FAILED, CallStatus.PENDING})), ["failed", "plain"]),
        (Filters(sources=frozenset({Source.SFTP})), ["sftp"]),
        (Filters(campaigns=frozenset({"b"})), ["b's"]),
        (Filters(campaigns=frozenset({"a", "b", "nowhere"})), ["failed", "sftp", "b's", "flagged", "plain"]),
        (Filters(campaigns=frozenset({"nowhere"})), []),
        (Filters(flagged=True), ["flagged"]),
        (Filters(flagged=False, campaigns=frozenset({"a"})), ["failed", "sftp", "plain"]),
        (Filters(text="LA"), ["flagged", "plain"]),
        (Filters(text="b's"), ["b's"]),
        (Filters(text="100%_"), []),
        (Filters(flagged=True, sources=frozenset({Source.SFTP})), []),
    ],
)
def test_filters_narrow_and_combine(three, filters, expected):
    with db.writing() as session:
        for n, (name, facts) in enumerate(
            {
                "failed": {"status": CallStatus.FAILED},
                "sftp": {"source": Source.SFTP, "status": CallStatus.COMPLETED},
                "b's": {"campaign": three["b"], "status": CallStatus.COMPLETED},
                "flagged": {"flagged": True, "status": CallStatus.COMPLETED},
                "plain": {},
            }.items()
        ):
            stored_call(
                session, facts.pop("campaign", three["a"]), filename=name, created_at=NOON - timedelta(hours=n), **facts
            )
    assert names(shown(filters=filters)) == expected
    with db.reading() as session:
        assert call_list.count(session, OWNER, filters) == len(expected)


def test_a_percent_sign_is_looked_for_and_means_nothing_more(three):
    fill(three["a"], 1, filename="50% off.wav")
    fill(three["b"], 1, filename="500 off.wav")
    assert [row.filename for row in shown(filters=Filters(text="50% o")).rows] == ["50% off.wav"]


def test_each_sees_their_own_part(three):
    with db.writing() as session:
        ada, ben = agent(session, "Ada"), agent(session, "Ben")
        for name, facts in {"a1": {"agent_id": ada.id}, "a2": {"agent_id": ben.id}, "a3": {}}.items():
            stored_call(session, three["a"], filename=name, **facts)
        stored_call(session, three["b"], filename="b1", agent_id=ada.id)
        stored_call(session, three["c"], filename="c1")
        people = {
            "owner": person(session, Role.OWNER),
            "senior": person(session, Role.SENIOR_MANAGER),
            "compliance": person(session, Role.COMPLIANCE_OFFICER),
            "manager of a and c": person(session, Role.MANAGER, three["a"], three["c"]),
            "manager of nothing": person(session, Role.MANAGER),
            "agent": person(session, Role.AGENT, agent_id=ada.id),
            "agent without link": person(session, Role.AGENT),
        }
        who = {name: access.identity(session, user) for name, user in people.items()}
    everything = {"a1", "a2", "a3", "b1", "c1"}
    expected = {
        "owner": everything,
        "senior": everything,
        "compliance": everything,
        "manager of a and c": {"a1", "a2", "a3", "c1"},
        "manager of nothing": set(),
        "agent": {"a1", "b1"},
        "agent without link": set(),
    }
    assert {name: set(names(shown(one))) for name, one in who.items()} == expected
    for name, one in who.items():
        with db.reading() as session:
            assert call_list.count(session, one, Filters()) == len(expected[name])
            assert call_list.any_call(session, one) is bool(expected[name])


def test_a_filter_never_widens_what_somebody_sees(three):
    fill(three["a"], 1)
    fill(three["b"], 1)
    manager = Identity(9, Role.MANAGER, "m@example.org", None, frozenset({three["a"].id or 0}))
    assert names(shown(manager, Filters(campaigns=frozenset({"b"})))) == []
    assert names(shown(manager, Filters(campaigns=frozenset({"a", "b"})))) == ["0"]


def test_an_agent_may_narrow_by_campaign_in_the_address(three):
    with db.writing() as session:
        ada = agent(session, "Ada")
        for name in ("a", "b"):
            stored_call(session, three[name], filename=name, agent_id=ada.id)
    who = Identity(9, Role.AGENT, "ada@example.org", ada.id)
    assert names(shown(who, Filters(campaigns=frozenset({"b"})))) == ["b"]


def test_campaigns_to_choose_from_are_those_that_one_may_see(three):
    manager = Identity(9, Role.MANAGER, "m@example.org", None, frozenset({three["b"].id or 0}))
    with db.reading() as session:
        assert call_list.campaigns(session, OWNER) == {"a": "a", "b": "b", "c": "c"}
        assert call_list.campaigns(session, manager) == {"b": "b"}
        assert call_list.campaigns(session, Identity(9, Role.AGENT, "x", 1)) == {}


@pytest.mark.parametrize(
    ("status", "unfinished"),
    [
        (CallStatus.PENDING, True),
        (CallStatus.TRANSCRIBING, True),
        (CallStatus.ANALYZING, True),
        (CallStatus.COMPLETED, False),
        (CallStatus.FAILED, False),
    ],
)
def test_a_call_is_on_its_way_until_completed_or_failed(three, status, unfinished):
    fill(three["a"], 1, status=status)
    elsewhere = Identity(9, Role.MANAGER, "m@example.org", None, frozenset({three["b"].id or 0}))
    with db.reading() as session:
        assert call_list.any_unfinished(session, OWNER) is unfinished
        assert not call_list.any_unfinished(session, elsewhere), "what others wait for is not theirs to know"


def test_counting_stops_above_the_cap(three, monkeypatch):
    fill(three["a"], 5)
    monkeypatch.setattr(call_list, "COUNTED", 3)
    with db.reading() as session:
        assert call_list.count(session, OWNER, Filters()) == 4


def test_a_page_is_read_by_key_and_sorted_by_an_index(about_sqlite):
    """On SQLite, where the plan can be asked for: no sort over all calls, whoever asks."""
    with db.writing() as session:
        first, second = (stored_campaign(session, name) for name in ("a", "b"))
    manager = Identity(9, Role.MANAGER, "m@example.org", None, frozenset({first.id or 0, second.id or 0}))
    for who in (OWNER, manager):
        with db.reading() as session:
            asked: list[tuple[str, tuple]] = []
            event.listen(session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2:4]))  # noqa: B023  used within the round
            call_list.page(session, who, Filters(), behind=Place(NOON, "0" * 32))
            statement, values = asked[-1]
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        steps = [step[-1] for step in plan]
        assert any("ix_call" in step and "created_at" in step for step in steps), steps
        assert not any(step.startswith("SCAN call") and "INDEX" not in step for step in steps), steps


def test_a_row_says_what_holds_its_call_up_and_nothing_while_somebody_is_at_work(three):
    with db.writing() as session:
        for name, facts in {
            "line": {"waiting_for": "Waiting for a place."},
            "at work": {"waiting_for": "Cloud is at work."},
            "over": {"waiting_for": "Waited once.", "ended_at": NOON},
            "due": {},
        }.items():
            call = stored_call(session, three["a"], filename=name, status=CallStatus.TRANSCRIBING)
            run = Run(call_id=call.id, number=1, reason=RunReason.FIRST_RUN, stage="transcription", **facts)
            session.add(run)
            session.flush()
            if name == "at work":
                assert slots.take(session, "cloud", run.id or 0, limit=1, seconds=60)
    assert {row.filename: row.waiting_for for row in shown().rows} == {
        "line": "Waiting for a place.",
        "at work": "",
        "over": "",
        "due": "",
    }


def test_somebody_with_a_role_that_may_not_read_is_refused(three, monkeypatch):
    monkeypatch.setattr("records.identity.scope_of", lambda *_: None)
    with pytest.raises(NotAllowed):
        shown(COMMAND_LINE, Filters(campaigns=frozenset({"a"})))
