from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scoring import Judged, score, section_scores
from records.statuses import Verdict
from tests.pipeline.judged import check, checks, scorable, scorecards

PASS, FAIL, NA, NE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.NOT_EVALUATED
positive = st.integers(1, 100).map(float) | st.floats(0.001, 100)  # no filter: too many zeros


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ([], None),
        ([check(NA), check(NE), check(PASS, 0)], None),
        ([check(PASS)], 100),
        ([check(FAIL)], 0),
        ([check(PASS, 57), check(FAIL, 43)], 57),
        ([check(PASS, 0.1)] * 7 + [check(FAIL, 0.1)] * 3, 70),
        ([check(PASS, 1), check(FAIL, 2)], pytest.approx(100 / 3)),
        ([check(PASS, 10), check(FAIL, 20), check(NA, 100), check(NE, 100), check(FAIL, 0)], pytest.approx(100 / 3)),
    ],
)
def test_the_score_is_the_share_of_weight_that_passed(card: list[Judged], expected: float | None):
    assert score(card) == expected


@given(scorecards())
def test_a_score_lies_between_0_and_100_or_is_none(card: list[Judged]):
    result = score(card)
    counted = [one for one in card if one.verdict in (PASS, FAIL) and one.weight > 0]
    assert (result is None) == (not counted)
    assert result is None or 0 <= result <= 100


@given(st.lists(checks(verdict=st.just(PASS), weight=positive), min_size=1))
def test_all_passed_is_exactly_100(card: list[Judged]):
    assert score(card) == 100


@given(st.lists(checks(verdict=st.just(FAIL), weight=positive), min_size=1))
def test_all_failed_is_exactly_0(card: list[Judged]):
    assert score(card) == 0


@given(scorecards(), st.randoms())
def test_the_order_of_checks_does_not_matter(card: list[Judged], random):
    shuffled = random.sample(card, len(card))
    assert score(shuffled) == score(card)


@given(scorecards(), scorecards(verdict=st.sampled_from([NA, NE])))
def test_what_was_not_judged_changes_nothing(card: list[Judged], unjudged: list[Judged]):
    assert score(card + unjudged) == score(card)


@given(scorecards(), scorecards(weight=st.just(0.0)))
def test_what_weighs_nothing_changes_nothing(card: list[Judged], weightless: list[Judged]):
    assert score(card + weightless) == score(card)


@given(st.lists(checks(verdict=scorable), min_size=1), st.data())
def test_turning_a_fail_into_a_pass_never_lowers_the_score(card: list[Judged], data):
    place = data.draw(st.integers(0, len(card) - 1))
    better = [*card[:place], replace(card[place], verdict=PASS), *card[place + 1 :]]
    before, after = score(card), score(better)
    assert (before is None) == (after is None)
    assert before is None or before <= after


@given(scorecards(), st.floats(0.001, 1000))
def test_scaling_all_weights_changes_nothing(card: list[Judged], factor: float):
    scaled = [replace(one, weight=one.weight * factor) for one in card]
    assert score(scaled) == (None if score(card) is None else pytest.approx(score(card)))


@given(scorecards())
def test_confidence_and_criticality_change_no_score(card: list[Judged]):
    assert score(replace(one, confidence=None, critical=not one.critical) for one in card) == score(card)


@given(scorecards())
def test_a_sections_score_is_that_of_its_checks_alone(card: list[Judged]):
    by_section = section_scores(card)
    assert list(by_section) == list(dict.fromkeys(one.section for one in card if one.section))
    for name, result in by_section.items():
        assert result == score([one for one in card if one.section == name])


def test_a_section_with_nothing_to_score_has_no_score():
    assert section_scores([check(NA, section="Opening"), check(PASS, section="Closing")]) == {
        "Opening": None,
        "Closing": 100,
    }
