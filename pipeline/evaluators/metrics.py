"""Metric checks: a bound on a measured figure."""

from collections.abc import Sequence

from pipeline.evaluators.contract import Case, Finding, Judgement, not_evaluated
from pipeline.evaluators.trust import speakers_doubt, words_doubt
from pipeline.numerals import plain, shown
from pipeline.outcome import Done
from pipeline.sound.figures import METRICS
from records.checks import CheckSpec, MetricRule
from records.statuses import Verdict

NEEDS_WORDS = {"words_per_minute"}


class Metrics:
    """Judges metric checks; needs no provider."""

    def evaluate(self, case: Case, checks: Sequence[CheckSpec]) -> Done[Judgement]:
        return Done(Judgement({place: _judge(case, check.rule) for place, check in enumerate(checks)}))  # type: ignore[arg-type]  # the registry sends metric rules only


def _judge(case: Case, rule: MetricRule) -> Finding:
    metric = METRICS[rule.metric]
    doubt = words_doubt(case) if rule.metric in NEEDS_WORDS else ""
    doubt = doubt or (speakers_doubt(case, "agent") if metric.by_speaker else "")
    if doubt:
        return not_evaluated(doubt)
    value = metric.read(case.figures)
    if value is None:
        return not_evaluated(f"Not evaluated: {metric.label.lower()} could not be measured in this recording.")
    bounds = [("at least", rule.at_least), ("at most", rule.at_most)]
    met = (rule.at_most is None or value <= rule.at_most) and (rule.at_least is None or value >= rule.at_least)
    wanted = ", ".join(f"{words} {plain(bound)}" for words, bound in bounds if bound is not None)
    reason = f"{metric.label}: {_figure(value, metric.unit, rule)} ({wanted})."
    return Finding(verdict=Verdict.PASS if met else Verdict.FAIL, reason=reason)


def _figure(value: float, unit: str, rule: MetricRule) -> str:
    bounds = [bound for bound in (rule.at_least, rule.at_most) if bound is not None]
    figure = shown(value, *bounds, digits=2 if unit == "0 to 1" else 1)
    return figure if unit in ("", "0 to 1") else f"{figure} {unit}"
