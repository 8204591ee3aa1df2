"""Whatever happens to a call in whatever order: its figures are those of its newest version's review."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from pipeline.scoring import Judged, score
from records import db, review_acts
from records.calls import Call
from records.campaigns import Campaign, NotUsable
from records.identity import Identity
from records.results import CheckResult, Version
from records.review_acts import Overtaken
from records.reviews import Dispute, Review, ReviewedCheck, ReviewState
from records.roles import Role
from records.statuses import Verdict
from tests.pipeline.reviewed import FAIL, NA, PASS, again, close, judged
from tests.records.made import stored_campaign

WHO = Identity(None, Role.OWNER, "olivia@example.org")
three = st.tuples(*[st.sampled_from((PASS, FAIL, NA))] * 3)
steps = st.one_of(
    st.tuples(st.just("rerun"), three),
    st.tuples(st.just("close"), three),
    st.tuples(st.just("close the one before"), three),
    st.tuples(st.just("reopen"), three),
    st.tuples(st.just("dispute"), three),
)


def step(call: Call, name: str, verdicts: tuple[Verdict, ...]) -> None:
    """One thing happens; what cannot be done just then is refused."""
    with db.reading() as session:
        number = session.get_one(Call, call.id).version_number
    try:
        match name:
            case "rerun":
                again(call, *verdicts)
            case "close":
                close(WHO, call, *verdicts, number=number)
            case "close the one before":
                close(WHO, call, *verdicts, number=max(number - 1, 1))
            case "reopen":
                with db.writing() as session:
                    review_acts.reopen(session, WHO, call.id)
            case "dispute":
                place = len(verdicts[0]) % 3
                with db.writing() as session:
                    review_acts.dispute(session, WHO, call.id, number, position=place, words="No.")
    except (NotUsable, Overtaken):
        pass


def holds(call_id: str) -> None:
    """What the call says is what follows from its rows, worked out anew."""
    with db.reading() as session:
        call = session.get_one(Call, call_id)
        newest = session.exec(
            select(Version).where(Version.call_id == call_id).order_by(col(Version.number).desc())
        ).first()
        assert newest is not None
        review = session.exec(select(Review).where(Review.version_id == newest.id)).first()
        results = session.exec(select(CheckResult).where(CheckResult.run_id == newest.run_id)).all()
        found = {each.position: each.verdict for each in session.exec(
            select(ReviewedCheck).where(ReviewedCheck.review_id == (review.id if review else 0)))}  # fmt: skip
        unanswered = session.exec(
            select(Dispute.id)
            .join(Review, col(Review.id) == Dispute.review_id)
            .where(Review.call_id == call_id, col(Dispute.settled_at).is_(None))
        ).all()
    assert call.version_number == newest.number
    assert call.score == newest.score == score(
        Judged(each.name, "", each.weight, each.critical, each.verdict) for each in results
    )  # fmt: skip
    assert call.review is (review.state if review else ReviewState.NONE)
    if call.review is ReviewState.CLOSED:
        by_a_person = score(Judged(each.name, "", each.weight, False, found[each.position]) for each in results)
        assert call.reviewed_score == call.effective_score == by_a_person
    else:
        assert (call.reviewed_score, call.effective_score) == (None, newest.score)
    assert call.review is ReviewState.OPEN or not unanswered  # nobody who disputes is forgotten


@pytest.mark.usefixtures("database")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=three, steps=st.lists(steps, max_size=6))
def test_the_figures_follow_the_newest_versions_review(first, steps):
    with db.writing() as session:
        campaign = session.exec(select(Campaign)).first() or stored_campaign(session, "Support")
    call = judged(campaign, *first)
    holds(call.id)
    for name, verdicts in steps:
        step(call, name, verdicts)
        holds(call.id)
