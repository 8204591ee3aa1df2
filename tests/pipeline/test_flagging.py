from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.flagging import FlagCode, Limits, flag_reasons
from pipeline.scoring import Judged, score, section_scores
from records.statuses import Verdict
from tests.pipeline.judged import check, scorecards

PASS, FAIL, NA, NE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.NOT_EVALUATED
C = FlagCode
LIMITS = Limits(threshold=70, sections={"Opening": 90}, review_bound=0.5)


def reasons(card: list[Judged], limits: Limits = LIMITS, trouble: str = "") -> list:
    return flag_reasons(card, score(card), section_scores(card), limits, trouble)


def codes(card: list[Judged], limits: Limits = LIMITS, trouble: str = "") -> list[FlagCode]:
    return [reason.code for reason in reasons(card, limits, trouble)]


def words(card: list[Judged], limits: Limits = LIMITS, trouble: str = "") -> list[str]:
    return [reason.words for reason in reasons(card, limits, trouble)]


# Each rule alone, on a call that gives no other reason: what to add to the card, and what is said.
ALONE = {
    C.SCORE: ([check(FAIL, 60)], "The score 63.6 is under the threshold of 70."),
    C.SECTION: (
        [check(FAIL, 1, section="Opening"), check(PASS, 2, section="Opening")],
        "The score of section 'Opening' 66.7 is under the threshold of 90.",
    ),
    C.CRITICAL_FAILED: ([check(FAIL, 0, name="Disclosure", critical=True)], "The critical check 'Disclosure' failed."),
    C.CRITICAL_UNJUDGED: (
        [check(NE, name="Disclosure", critical=True)],
        "The critical check 'Disclosure' could not be evaluated.",
    ),
    C.UNSURE: (
        [check(PASS, name="Kindness", confidence=0.42)],
        "The check 'Kindness' was judged with confidence 0.42, under the bound of 0.5.",
    ),
}
GOOD = [check(PASS, 100), check(PASS, 5, confidence=0.9), check(NA, critical=True)]


def test_a_good_call_has_no_reason():
    assert reasons(GOOD) == []


@pytest.mark.parametrize("code", ALONE)
def test_each_rule_flags_alone_in_its_own_words(code: FlagCode):
    added, sentence = ALONE[code]
    assert codes(GOOD + added) == [code]
    assert words(GOOD + added) == [sentence]


def test_an_unusable_transcript_flags_with_its_own_sentence():
    assert codes(GOOD, trouble="The transcript is empty.") == [C.TRANSCRIPT]
    assert words(GOOD, trouble="The transcript is empty.") == ["The transcript is empty."]


@pytest.mark.parametrize("chosen", list(product([False, True], repeat=len(ALONE))))
def test_rules_add_up_and_none_hides_another(chosen: tuple[bool, ...]):
    wanted = [code for code, take in zip(ALONE, chosen, strict=True) if take]
    card = GOOD + [one for code in wanted for one in ALONE[code][0]]
    assert set(codes(card, trouble="Empty.")) == {*wanted, C.TRANSCRIPT}


@given(scorecards(), st.sampled_from(["", "The transcript is empty."]), st.floats(0, 100), st.floats(0, 1))
def test_flagged_exactly_when_a_rule_of_the_product_says_so(
    card: list[Judged], trouble: str, threshold: float, bound: float
):
    limits = Limits(threshold, {"Opening": threshold, "Nowhere": 100}, bound)
    found = codes(card, limits, trouble)
    total, opening = score(card), section_scores(card).get("Opening")
    sure = [one.confidence for one in card if one.confidence is not None and one.verdict is not NE]
    assert (C.SCORE in found) == (total is not None and total < threshold)
    assert (C.SECTION in found) == (opening is not None and opening < threshold)
    assert found.count(C.CRITICAL_FAILED) == sum(one.critical and one.verdict is FAIL for one in card)
    assert found.count(C.CRITICAL_UNJUDGED) == sum(one.critical and one.verdict is NE for one in card)
    assert (C.UNSURE in found) == (min(sure, default=1.0) < bound)
    assert (C.TRANSCRIPT in found) == bool(trouble)


@pytest.mark.parametrize("reached", [69.99996, 69.9999999, 69.99999999999999, 69.95])
def test_a_score_is_compared_as_computed_and_its_words_never_contradict_it(reached: float):
    (reason,) = flag_reasons([], reached, {}, LIMITS)
    assert reason.code is C.SCORE
    assert "The score 70 is" not in reason.words
    assert reason.words == f"The score {reached!r} is under the threshold of 70."


@pytest.mark.parametrize("reached", [70, 70.00001, 100])
def test_a_score_at_the_threshold_is_not_under_it(reached: float):
    assert flag_reasons([], reached, {}, LIMITS) == []


def test_a_threshold_is_shown_as_it_was_set():
    (reason,) = flag_reasons([], 66.666, {}, Limits(threshold=66.66667))
    assert reason.words == "The score 66.666 is under the threshold of 66.66667."


def test_a_confidence_just_under_the_bound_is_not_shown_as_the_bound():
    (sentence,) = words([*GOOD, check(PASS, name="Kindness", confidence=0.4999)])
    assert sentence == "The check 'Kindness' was judged with confidence 0.4999, under the bound of 0.5."


def test_only_the_least_sure_check_is_named():
    card = [*GOOD, check(PASS, name="A", confidence=0.4), check(PASS, name="B", confidence=0.3)]
    assert words(card) == ["The check 'B' was judged with confidence 0.30, under the bound of 0.5."]


@pytest.mark.parametrize("confidence", [0.0, 0.49])
def test_a_confidence_of_a_check_that_was_not_evaluated_says_nothing(confidence: float):
    assert codes([*GOOD, check(NE, confidence=confidence)]) == []


def test_no_confidence_at_all_is_sure():
    assert codes([check(PASS), check(PASS)]) == []


def test_a_confidence_of_zero_is_unsure():
    assert codes([check(PASS, confidence=0.0)]) == [C.UNSURE]


def test_a_call_without_a_score_is_not_flagged_for_it():
    assert codes([check(NA), check(NE)]) == []


def test_a_section_without_a_score_or_without_checks_is_not_flagged():
    limits = Limits(sections={"Opening": 100, "Nowhere": 100})
    assert codes([check(PASS), check(NA, section="Opening")], limits) == []


def test_a_threshold_of_zero_flags_nobody():
    assert codes([check(FAIL)], Limits(threshold=0)) == []


def test_a_critical_check_flags_even_when_it_weighs_nothing():
    assert codes([check(PASS, 100), check(FAIL, 0, critical=True)]) == [C.CRITICAL_FAILED]
