"""Flagging: must a person look at this call, and why. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.numerals import plain, shown
from pipeline.scoring import Judged
from records.statuses import Verdict


class FlagCode(StrEnum):
    """Why a call is flagged; the words beside it are for people."""

    SCORE = "score_under_threshold"
    SECTION = "section_under_threshold"
    CRITICAL_FAILED = "critical_check_failed"
    CRITICAL_UNJUDGED = "critical_check_not_evaluated"
    UNSURE = "confidence_under_bound"
    TRANSCRIPT = "transcript_unusable"


@dataclass(frozen=True)
class FlagReason:
    """One reason, with a sentence."""

    code: FlagCode
    words: str


@dataclass(frozen=True)
class Limits:
    """The campaign's bounds."""

    threshold: float = 70.0
    sections: Mapping[str, float] = field(default_factory=dict)
    review_bound: float = 0.5


def flag_reasons(
    judged: Sequence[Judged],
    score: float | None,
    section_scores: Mapping[str, float | None],
    limits: Limits,
    transcript_trouble: str = "",
) -> list[FlagReason]:
    """Every reason to flag the call; an empty list means that nobody needs to look.

    Scores are compared as computed, not as rounded for the screen. `transcript_trouble` is a sentence
    when the transcript is empty or cannot be right.
    """
    reasons = []
    if score is not None and score < limits.threshold:
        reasons.append(_under(FlagCode.SCORE, "The score", score, limits.threshold))
    for name, threshold in limits.sections.items():
        reached = section_scores.get(name)
        if reached is not None and reached < threshold:
            reasons.append(_under(FlagCode.SECTION, f"The score of section '{name}'", reached, threshold))
    for check in judged:
        if check.critical and check.verdict is Verdict.FAIL:
            reasons.append(FlagReason(FlagCode.CRITICAL_FAILED, f"The critical check '{check.name}' failed."))
        if check.critical and check.verdict is Verdict.NOT_EVALUATED:
            words = f"The critical check '{check.name}' could not be evaluated."
            reasons.append(FlagReason(FlagCode.CRITICAL_UNJUDGED, words))
    reasons += _unsure(judged, limits.review_bound)
    if transcript_trouble:
        reasons.append(FlagReason(FlagCode.TRANSCRIPT, transcript_trouble))
    return reasons


def _under(code: FlagCode, what: str, reached: float, threshold: float) -> FlagReason:
    return FlagReason(code, f"{what} {shown(reached, threshold)} is under the threshold of {plain(threshold)}.")


def _unsure(judged: Sequence[Judged], bound: float) -> list[FlagReason]:
    sure = [check for check in judged if check.confidence is not None and check.verdict is not Verdict.NOT_EVALUATED]
    least = min(sure, key=lambda check: check.confidence or 0.0, default=None)
    if least is None or least.confidence is None or least.confidence >= bound:
        return []
    sure_of = shown(least.confidence, bound, digits=2)
    words = f"The check '{least.name}' was judged with confidence {sure_of}, under the bound of {plain(bound)}."
    return [FlagReason(FlagCode.UNSURE, words)]
