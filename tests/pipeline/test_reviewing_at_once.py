"""Reviewers, agents and the pipeline at one call in the same moment: nobody's act is lost or overwritten."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from records import db, review_acts
from records.campaigns import Campaign
from records.identity import Identity
from records.review_acts import Overtaken
from records.reviews import ReviewState
from records.roles import Role
from tests.pipeline.reviewed import FAIL, PASS, again, close, judged, now, stamp, standing
from tests.records.made import stored_campaign

TIMES = 5
OLIVIA = Identity(None, Role.OWNER, "olivia@example.org")


@pytest.fixture
def support(database) -> Campaign:
    with db.writing() as session:
        return stored_campaign(session, "Support")


def at_once(*acts: Callable[[], object]) -> list[bool]:
    """Whether each was done; one that was overtaken was not."""
    line = Barrier(len(acts))

    def do(act: Callable[[], object]) -> bool:
        line.wait()
        try:
            act()
        except Overtaken:
            return False
        return True

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


def test_of_four_reviewers_one_closes_and_the_others_are_told(support):
    for _ in range(TIMES):
        call = judged(support, PASS, FAIL)
        seen = stamp(call)
        who = [Identity(None, Role.OWNER, f"{number}@example.org") for number in range(4)]
        done = at_once(*[partial(close, each, call, PASS, PASS, seen=seen) for each in who])
        assert sum(done) == 1
        review = standing(call).review
        assert review is not None
        assert review.closed_by == who[done.index(True)].label
        assert {found.by for found in standing(call).checks.values()} == {review.closed_by}


def test_a_dispute_and_a_rerun_that_meet_leave_the_call_in_the_queue(support):
    def object_to(call) -> None:
        with db.writing() as session:
            review_acts.dispute(session, OLIVIA, call.id, 1, position=0, words="No.")

    for _ in range(TIMES):
        call = judged(support, FAIL, PASS)
        disputed, _ = at_once(partial(object_to, call), partial(again, call, PASS, PASS))
        assert now(call).review is (ReviewState.OPEN if disputed else ReviewState.NONE)
        assert now(call).version_number == 2


def test_a_review_closed_while_a_rerun_ends_never_gives_its_score_to_the_new_version(support):
    for _ in range(TIMES):
        call = judged(support, FAIL, PASS)
        seen = stamp(call)
        at_once(partial(close, OLIVIA, call, FAIL, FAIL, seen=seen), partial(again, call, PASS, PASS))
        assert (now(call).effective_score, now(call).reviewed_score, now(call).review) == (100, None, ReviewState.NONE)
        assert standing(call, 1).score == 0
