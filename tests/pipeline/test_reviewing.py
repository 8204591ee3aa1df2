"""Reviews, from the flag to the reviewed score: what is kept, what the call shows, who was first."""

import pytest
from sqlmodel import select

from pipeline import reviewing
from records import db, review_acts
from records.audit import AuditEntry
from records.calls import Call, CallEvent
from records.campaigns import Campaign, NotUsable
from records.identity import Identity, NotAllowed, NotFound
from records.review_acts import Decision, Overtaken
from records.reviews import Dispute, ReviewState
from records.roles import Role
from tests.pipeline.reviewed import FAIL, NA, NE, PASS, again, checks, close, judged, now, stamp, standing
from tests.records.made import agent, person, stored_campaign

OLIVIA = Identity(None, Role.OWNER, "olivia@example.org")
MIA = Identity(None, Role.MANAGER, "mia@example.org", campaign_ids=frozenset({1}))


@pytest.fixture
def support(database) -> Campaign:
    with db.writing() as session:
        return stored_campaign(session, "Support")


@pytest.fixture
def ada(support) -> Identity:
    """Who speaks as Ada."""
    with db.writing() as session:
        spoken = agent(session, "Ada")
        user = person(session, Role.AGENT, agent_id=spoken.id)
        return Identity(user.id, Role.AGENT, "adam@example.org", agent_id=spoken.id)


def object_to(who: Identity, call: Call, position: int = 0, words: str = "I did say it.", number: int = 1) -> Dispute:
    with db.writing() as session:
        return review_acts.dispute(session, who, call.id, number, position=position, words=words)


def ask(who: Identity, call: Call):
    with db.writing() as session:
        return review_acts.reopen(session, who, call.id)


def figures(call: Call) -> tuple[float | None, float | None, ReviewState]:
    fresh = now(call)
    return fresh.reviewed_score, fresh.effective_score, fresh.review


def test_a_flagged_call_waits_and_one_that_is_fine_does_not(support):
    assert judged(support, PASS, FAIL).review is ReviewState.OPEN
    assert judged(support, PASS, PASS).review is ReviewState.NONE


def test_a_closed_review_keeps_both_verdicts_and_gives_the_call_its_score(support):
    call = judged(support, PASS, FAIL, NA)
    close(OLIVIA, call, PASS, PASS, NA, comment="Said at the end.")
    assert figures(call) == (100.0, 100.0, ReviewState.CLOSED)
    assert now(call).score == pytest.approx(100 / 3)
    assert [check.verdict for check in checks(call)] == [PASS, FAIL, NA]
    kept = standing(call).checks
    assert [(kept[place].was, kept[place].verdict, kept[place].by) for place in kept] == [
        (PASS, PASS, "olivia@example.org"),
        (FAIL, PASS, "olivia@example.org"),
        (NA, NA, "olivia@example.org"),
    ]


def test_a_review_that_leaves_nothing_to_score_gives_no_score(support):
    call = judged(support, FAIL)
    close(OLIVIA, call, NA)
    assert figures(call) == (None, None, ReviewState.CLOSED)


def test_what_happened_stands_in_the_timeline_and_the_audit_log(support):
    call = judged(support, PASS, FAIL)
    close(OLIVIA, call, PASS, PASS)
    with db.reading() as session:
        lines = session.exec(select(CallEvent).where(CallEvent.call_id == call.id).order_by(CallEvent.id)).all()
        entry = session.exec(select(AuditEntry).where(AuditEntry.act == "review.close")).one()
    assert lines[-1].words == "Review of version 1 closed: 1 of 2 verdicts changed, score 100."
    assert (lines[-1].by, entry.by, entry.campaign_id) == ("olivia@example.org", "olivia@example.org", support.id)
    assert entry.subject == f"call {call.id}"  # the name goes with the call


@pytest.mark.parametrize(
    ("decisions", "words"),
    [
        ([Decision(0, PASS)], "Still without one: Disclosure"),
        ([Decision(0, PASS), Decision(1, PASS, "  ")], "Say why the verdict on 'Disclosure'"),
        ([Decision(0, PASS), Decision(1, NE, "x")], "passed, failed or does not apply"),
        ([Decision(0, PASS), Decision(1, FAIL), Decision(2, PASS)], "not the checks of this result"),
        ([Decision(0, PASS), Decision(1, FAIL, "x" * 2001)], "at most 2,000 characters"),
        ([Decision(0, PASS), Decision(1, FAIL, "a\x00b")], "cannot be shown"),
    ],
)
def test_a_review_that_is_not_whole_is_refused_in_words_and_changes_nothing(support, decisions, words):
    call = judged(support, PASS, FAIL)
    seen = stamp(call)
    with pytest.raises(NotUsable, match=words), db.writing() as session:
        reviewing.close(session, OLIVIA, call.id, 1, decisions, seen=seen)
    assert figures(call)[2] is ReviewState.OPEN
    assert standing(call).checks == {}


def test_where_nobody_judged_a_verdict_needs_no_reason_and_may_stay_out(support):
    call = judged(support, FAIL, NE, NE)
    close(OLIVIA, call, FAIL, PASS, NE, why="")
    assert figures(call)[0] == pytest.approx(100 * 20 / 30)


def test_the_second_of_two_reviewers_is_told_and_overwrites_nothing(support):
    call = judged(support, PASS, FAIL)
    seen = stamp(call)
    close(MIA, call, PASS, FAIL, seen=seen)
    with pytest.raises(Overtaken, match=r"mia@example\.org closed this review before you"):
        close(OLIVIA, call, PASS, PASS, seen=seen)
    assert standing(call).checks[1].by == "mia@example.org"
    ask(OLIVIA, call)
    with pytest.raises(Overtaken, match="opened again, while you worked"):
        close(OLIVIA, call, PASS, PASS, seen=seen)
    close(OLIVIA, call, PASS, PASS)
    assert figures(call)[0] == 100


def test_a_review_is_opened_again_with_what_was_decided_and_the_score_is_the_judges_again(support):
    call = judged(support, PASS, FAIL)
    close(OLIVIA, call, PASS, PASS)
    ask(OLIVIA, call)
    assert figures(call) == (None, pytest.approx(100 / 3), ReviewState.OPEN)
    assert standing(call).score is None
    assert standing(call).checks[1].verdict is PASS
    before = standing(call).review
    assert ask(OLIVIA, call).opened_at == (before.opened_at if before else None)  # open already


def test_a_call_that_nobody_flagged_may_be_reviewed_too(support):
    call = judged(support, PASS)
    with pytest.raises(NotUsable, match="Nobody has asked"):
        close(OLIVIA, call, PASS)
    ask(OLIVIA, call)
    close(OLIVIA, call, FAIL)
    assert figures(call) == (0.0, 0.0, ReviewState.CLOSED)


def test_a_rerun_leaves_the_review_on_its_version_and_opens_one_if_it_is_flagged(support):
    call = judged(support, PASS, FAIL)
    close(OLIVIA, call, PASS, PASS)
    again(call, PASS, FAIL)
    assert figures(call) == (None, pytest.approx(100 / 3), ReviewState.OPEN)
    assert (standing(call, 1).score, standing(call, 2).score) == (100, None)
    again(call, PASS, PASS)
    assert figures(call) == (None, 100.0, ReviewState.NONE)


def test_a_review_that_a_rerun_overtook_is_kept_with_its_version_and_leaves_the_call_alone(support):
    call = judged(support, PASS, FAIL)
    seen = stamp(call)
    again(call, PASS, PASS)
    close(OLIVIA, call, FAIL, FAIL, seen=seen)
    assert figures(call) == (None, 100.0, ReviewState.NONE)
    assert standing(call, 1).score == 0


def test_a_dispute_opens_a_review_that_was_never_asked_for_and_is_settled_when_it_is_closed(support, ada):
    call = judged(support, PASS, PASS, agent_id=ada.agent_id)
    object_to(ada, call, 1, "I said more\r\n\tthan that.")
    assert figures(call)[2] is ReviewState.OPEN
    (raised,) = standing(call).waiting
    assert (raised.check.name, raised.dispute.words, raised.answer) == ("Disclosure", "I said more\n than that.", None)
    close(OLIVIA, call, PASS, FAIL, why="Not a word.")
    (settled,) = standing(call).disputes
    assert settled.dispute.settled_at is not None
    assert settled.answer is not None
    assert (settled.answer.verdict, settled.answer.comment) == (FAIL, "Not a word.")


def test_a_dispute_opens_a_closed_review_again(support, ada):
    call = judged(support, FAIL, PASS, agent_id=ada.agent_id)
    close(OLIVIA, call, FAIL, PASS)
    object_to(ada, call)
    assert figures(call) == (None, pytest.approx(100 * 20 / 30), ReviewState.OPEN)
    assert standing(call).checks[1].verdict is PASS


def test_a_dispute_that_comes_while_a_reviewer_works_is_not_settled_unseen(support, ada):
    call = judged(support, FAIL, agent_id=ada.agent_id)
    seen = stamp(call)
    object_to(ada, call)
    with pytest.raises(Overtaken, match="A check was disputed"):
        close(OLIVIA, call, FAIL, seen=seen)
    assert len(standing(call).waiting) == 1


def test_a_rerun_is_no_answer_to_a_dispute(support, ada):
    call = judged(support, FAIL, PASS, agent_id=ada.agent_id)
    object_to(ada, call)
    again(call, PASS, PASS)  # fine now, and not flagged
    assert figures(call)[2] is ReviewState.OPEN
    (raised,) = standing(call, 2).waiting
    assert (raised.version_number, raised.check.verdict) == (1, FAIL)
    close(OLIVIA, call, PASS, PASS, number=2)
    assert standing(call, 2).waiting == ()
    again(call, PASS, PASS)
    assert figures(call)[2] is ReviewState.NONE


def test_a_dispute_needs_words_a_check_the_newest_version_and_patience(support, ada):
    call = judged(support, FAIL, PASS, agent_id=ada.agent_id)
    for position, words, message in ((0, "  \n", "Say in a sentence"), (9, "No.", "Choose the check")):
        with pytest.raises(NotUsable, match=message):
            object_to(ada, call, position, words)
    object_to(ada, call)
    with pytest.raises(NotUsable, match="disputed already"):
        object_to(ada, call)
    again(call, FAIL, PASS)
    with pytest.raises(Overtaken, match="newer result"):
        object_to(ada, call, 1)
    with pytest.raises(NotUsable, match="disputed already"):  # on the version before, and still unanswered
        object_to(ada, call, 0, number=2)
    object_to(ada, call, 1, number=2)


def test_who_may_not_is_refused_and_what_is_not_theirs_is_not_there(support, ada):
    with db.writing() as session:
        sales = stored_campaign(session, "Sales")
    mine, anothers, of_sales = judged(support, FAIL, agent_id=ada.agent_id), judged(support, FAIL), judged(sales, FAIL)
    for act in (ask, lambda who, call: close(who, call, FAIL)):
        with pytest.raises(NotAllowed):
            act(ada, mine)
        with pytest.raises(NotFound):
            act(MIA, of_sales)
    with pytest.raises(NotFound):
        object_to(ada, anothers)
    with pytest.raises(NotFound):
        object_to(MIA, of_sales)
    with pytest.raises(NotFound), db.writing() as session:
        review_acts.reopen(session, OLIVIA, "\x00")
    object_to(ada, mine)
    assert close(MIA, mine, FAIL).closed_by == "mia@example.org"


def test_a_call_without_a_result_cannot_be_reviewed(support):
    with db.writing() as session:
        call = Call(campaign_id=support.id or 0, source="api", filename="a.wav", size=1, sha256="a" * 64)
        session.add(call)
    with pytest.raises(NotUsable, match="no result yet"):
        ask(OLIVIA, call)
