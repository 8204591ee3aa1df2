"""AI checks where no model is connected: every finding says so, and the score leaves it out."""

from collections.abc import Sequence

from pipeline.evaluators.contract import Case, Judgement, not_evaluated
from pipeline.outcome import Done
from records.checks import CheckSpec

WORDS = (
    "Not evaluated: this check is judged by Claude, and no model is connected. Set ANTHROPIC_API_KEY (or "
    "ANTHROPIC_BASE_URL for another server), then use Run Analysis. Phrase and metric checks need none."
)


class Unconnected:
    """Answers for the AI judge while there is none."""

    def evaluate(self, case: Case, checks: Sequence[CheckSpec]) -> Done[Judgement]:  # noqa: ARG002  the contract's words
        return Done(Judgement({place: not_evaluated(WORDS) for place in range(len(checks))}))
