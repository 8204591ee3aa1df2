"""The review queue: in order, narrowed, a page at a time, and only what one may review."""

from datetime import UTC, datetime, timedelta

import pytest

from records import db, review_acts, review_queue
from records.call_record import find
from records.calls import Call
from records.campaigns import Campaign
from records.identity import Identity
from records.review_queue import Order, Page, Queue
from records.roles import Role
from records.statuses import CallStatus
from tests.records.finished import add_version
from tests.records.made import agent, person, stored_call, stored_campaign

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
OLIVIA = Identity(None, Role.OWNER, "olivia@example.org")
CRITICAL = {"code": "critical_check_failed", "words": 'The critical check \'"code": "confidence_under_bound"\' failed.'}
LOW = {"code": "score_under_threshold", "words": "The score 10 is under the threshold of 70."}


@pytest.fixture
def support(database) -> Campaign:
    with db.writing() as session:
        return stored_campaign(session, "Support")


def flagged(campaign: Campaign, name: str, score: float | None = 10.0, *reasons: dict[str, str], **facts) -> Call:
    """A call that waits; by the alphabet, oldest first."""
    with db.writing() as session:
        at = facts.pop("created_at", NOON + timedelta(minutes=ord(name[0])))
        call = stored_call(
            session, campaign, filename=name, status=CallStatus.COMPLETED, score=score, created_at=at, **facts
        )
        version = add_version(session, call, score=score, flagged=True, flag_reasons=list(reasons or (LOW,)))
        call.flagged, call.review = True, review_acts.begin(session, version)
    return call


def disputed(call: Call) -> None:
    with db.writing() as session:
        review_acts.dispute(session, OLIVIA, call.id, 1, position=0, words="No.")


def page(queue: Queue = Queue(), who: Identity = OLIVIA, **where) -> Page:  # noqa: B008  frozen, as good as a constant
    with db.reading() as session:
        return review_queue.page(session, who, queue, **where)


def names(page: Page) -> str:
    return "".join(row.filename for row in page.rows)


def after(call: Call, queue: Queue = Queue()) -> str:  # noqa: B008  as above
    """The name of the call that comes next."""
    with db.reading() as session:
        found = review_queue.following(session, OLIVIA, queue, call.id)
        return find(session, OLIVIA, found).call.filename if found else ""


def test_the_oldest_comes_first_or_the_worst_and_what_nobody_could_score_before_all(support):
    for name, score in (("a", 60.0), ("b", None), ("c", 20.0)):
        flagged(support, name, score)
    assert names(page()) == "abc"
    assert names(page(Queue(order=Order.WORST))) == "bca"


def test_disputed_calls_come_first_where_that_is_chosen_and_are_marked(support):
    flagged(support, "a")
    disputed(flagged(support, "b"))
    assert [(row.filename, row.disputed) for row in page().rows] == [("b", True), ("a", False)]
    assert names(page(Queue(disputed_first=False))) == "ab"


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("first", [True, False])
def test_paging_forth_and_back_and_going_on_one_by_one_meet_every_call_once(support, order, first):
    calls = [
        flagged(support, name, score, created_at=NOON)
        for name, score in zip("abcdefg", (5, 5, None, 9, 9, None, 1), strict=True)
    ]
    disputed(calls[4])
    disputed(calls[6])
    queue = Queue(order=order, disputed_first=first)
    whole = names(page(queue))
    assert sorted(whole) == list("abcdefg")
    seen, here = "", page(queue, size=3)
    while here.after:
        seen += names(here)
        here = page(queue, after=here.rows[-1].id, size=3)
        assert here.before
    assert seen + names(here) == whole
    back = page(queue, before=here.rows[0].id, size=3)
    assert (names(back), back.before, back.after) == (whole[3:6], True, True)
    by_name = {call.filename: call for call in calls}
    assert "".join(after(by_name[name], queue) for name in whole) == whole[1:] + whole[0]


def test_the_next_one_is_found_though_the_present_one_waits_no_longer(support):
    one, _two, _three = (flagged(support, name) for name in "abc")
    with db.writing() as session:
        session.get_one(Call, one.id).review = "closed"
    assert after(one) == "b"
    assert names(page()) == "bc"
    assert names(page(after=one.id)) == "bc"


def test_alone_in_the_queue_nothing_follows(support):
    assert after(flagged(support, "a")) == ""


def test_it_is_narrowed_by_campaign_agent_reason_and_dispute(support):
    with db.writing() as session:
        sales, ada = stored_campaign(session, "Sales"), agent(session, "Ada")
    flagged(support, "a", 10.0, CRITICAL)
    flagged(sales, "b", 10.0, LOW, agent_id=ada.id)
    disputed(flagged(support, "c", 10.0, LOW, CRITICAL))
    asked = {
        "b": Queue(campaigns=frozenset({"sales"})),
        "ca": Queue(campaigns=frozenset({"support", "none"})),
        "cb": Queue(reason="score_under_threshold"),
        "": Queue(reason="confidence_under_bound"),  # stands within another's words
        "c": Queue(disputed=True),
    }
    assert {names(page(queue)) for queue in asked.values()} == set(asked)
    for wanted, queue in asked.items():
        assert names(page(queue)) == wanted
        with db.reading() as session:
            assert review_queue.count(session, OLIVIA, queue) == len(wanted)
    assert names(page(Queue(agent_id=ada.id))) == "b"
    with db.reading() as session:
        assert review_queue.agents(session, OLIVIA) == {ada.id: "Ada"}


def test_each_role_finds_what_it_may_review(support):
    with db.writing() as session:
        sales, ada = stored_campaign(session, "Sales"), agent(session, "Ada")
        adam = Identity(person(session, Role.AGENT).id, Role.AGENT, "adam", agent_id=ada.id)
    mine, theirs = flagged(support, "a", agent_id=ada.id), flagged(sales, "b")
    mia = Identity(None, Role.MANAGER, "mia", campaign_ids=frozenset({support.id or 0}))
    for role in (Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.OWNER):
        assert names(page(who=Identity(None, role, "x"))) == "ab"
    assert names(page(who=mia)) == "a"
    assert names(page(who=adam)) == ""
    with db.reading() as session:
        assert review_queue.campaigns(session, mia) == {"support": "Support"}
        assert review_queue.following(session, mia, Queue(), theirs.id) == mine.id  # not theirs: from the beginning
    assert names(page(who=mia, after=theirs.id)) == "a"


def test_a_queue_of_many_is_counted_no_further_than_it_is_shown(support, monkeypatch):
    monkeypatch.setattr(review_queue, "COUNTED", 2)
    for name in "abcd":
        flagged(support, name)
    with db.reading() as session:
        assert review_queue.count(session, OLIVIA, Queue()) == 3


def test_a_place_before_the_head_of_the_queue_is_its_head(support):
    one, two = flagged(support, "a"), flagged(support, "b")
    assert names(page(before=one.id)) == "ab"
    assert names(page(before=two.id)) == "a"
    assert names(page(after="\x00 no id")) == "ab"
