"""How often people agree with each check, out of their closed reviews."""

from datetime import timedelta

import pytest
from sqlmodel import select, update

from records import agreement, db, review_acts
from records.campaigns import Campaign, create
from records.checks import CheckSpec, PhraseRule
from records.db import now
from records.identity import COMMAND_LINE, Identity, NotFound
from records.reviews import ReviewedCheck
from records.roles import Role
from tests.pipeline.reviewed import FAIL, NA, NAMES, NE, PASS, again, close, judged

OLIVIA = Identity(None, Role.OWNER, "olivia@example.org")


@pytest.fixture
def support(database) -> Campaign:
    """A campaign with the checks of `judged`, which knows them by 1, 2 ..."""
    with db.writing() as session:
        rule = PhraseRule(any=("hello",))
        specs = [CheckSpec(name=name, active=name != "Tone", rule=rule) for name in NAMES]
        return create(session, COMMAND_LINE, "Support", specs)


def found(who: Identity = OLIVIA, slug: str = "support", **since) -> dict[str, tuple[int, int, int, int, int]]:
    with db.reading() as session:
        return {
            each.name: (each.reviewed, each.agreed, each.too_strict, each.too_lenient, each.otherwise)
            for each in agreement.by_check(session, who, slug, **since)
        }


def test_each_check_says_how_often_and_in_which_direction_people_differ(support):
    for verdicts in ((PASS, PASS, PASS), (PASS, FAIL, NA), (PASS, FAIL, PASS)):
        close(OLIVIA, judged(support, PASS, FAIL, FAIL), *verdicts)
    close(OLIVIA, judged(support, PASS, FAIL), FAIL, FAIL)
    assert found() == {
        "Greeting": (4, 3, 0, 1, 0),
        "Disclosure": (4, 3, 1, 0, 0),
        "Closing": (3, 0, 2, 0, 1),
        "Tone": (0, 0, 0, 0, 0),
    }
    with db.reading() as session:
        greeting, *_, tone = agreement.by_check(session, OLIVIA, "support")
    assert (greeting.share, tone.share, greeting.active, tone.active) == (0.75, None, True, False)


def test_a_check_that_nobody_judged_has_nothing_to_agree_with(support):
    close(OLIVIA, judged(support, FAIL, NE), FAIL, PASS)
    assert found()["Disclosure"] == (0, 0, 0, 0, 0)


def test_reviews_that_are_open_again_do_not_count_and_those_of_older_versions_do(support):
    call = judged(support, FAIL)
    close(OLIVIA, call, PASS)
    again(call, FAIL)
    assert found()["Greeting"] == (1, 0, 1, 0, 0)
    close(OLIVIA, call, FAIL, number=2)
    assert found()["Greeting"] == (2, 1, 1, 0, 0)
    with db.writing() as session:
        review_acts.reopen(session, OLIVIA, call.id)
    assert found()["Greeting"] == (1, 0, 1, 0, 0)


def test_only_what_was_reviewed_since_then_counts(support):
    close(OLIVIA, judged(support, FAIL), FAIL)
    with db.writing() as session:
        session.exec(update(ReviewedCheck).values(at=now() - timedelta(days=40)))
    close(OLIVIA, judged(support, FAIL), PASS)
    assert found(since=now() - timedelta(days=30))["Greeting"] == (1, 0, 1, 0, 0)
    assert found(since=None)["Greeting"] == (2, 1, 1, 0, 0)


def test_a_campaign_that_is_not_theirs_is_not_there(support):
    mia = Identity(None, Role.MANAGER, "mia", campaign_ids=frozenset({99}))
    for who, slug in ((mia, "support"), (OLIVIA, "none")):
        with pytest.raises(NotFound):
            found(who, slug)
    with db.reading() as session:
        assert session.exec(select(Campaign.id)).all() == [support.id]
