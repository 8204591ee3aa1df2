"""Scoring: verdicts and weights become one number. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from records.statuses import Verdict


@dataclass(frozen=True)
class Judged:
    """A check and what it found, as far as score and flag care."""

    name: str
    section: str
    weight: float
    critical: bool
    verdict: Verdict
    confidence: float | None = None  # of an AI check; rules are sure


def score(judged: Iterable[Judged]) -> float | None:
    """100 x the weight of passed checks over that of passed and failed ones.

    Not-applicable, not-evaluated and zero-weight checks stay out; None when nothing is left to score.
    """
    scored = [check for check in judged if check.verdict in (Verdict.PASS, Verdict.FAIL) and check.weight > 0]
    if not scored:
        return None
    # Fractions, since rounding in between would make 99.99999999999999 of a call that passed everything.
    passed = sum(Fraction(check.weight) for check in scored if check.verdict is Verdict.PASS)
    return float(100 * passed / sum(Fraction(check.weight) for check in scored))


def section_scores(judged: Sequence[Judged]) -> dict[str, float | None]:
    """The score of each named section, in the order in which sections first appear."""
    names = dict.fromkeys(check.section for check in judged if check.section)
    return {name: score(check for check in judged if check.section == name) for name in names}
