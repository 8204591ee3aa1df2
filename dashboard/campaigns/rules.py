"""What a check's rule says, in words."""

from collections.abc import Mapping

from pipeline.sound.figures import METRICS
from records.checks import AiRule, AnyRule, MetricRule, PhraseRule

SHARE = "0 to 1"  # the unit of what people read as percent
HOW: Mapping[str, str] = {
    "any": "At least one phrase is said",
    "all": "Every phrase is said",
    "none": "None of the phrases is said",
}
WHO: Mapping[str, str] = {"either": "Agent or customer", "agent": "The agent", "customer": "The customer"}
_LISTS = {"any": "Any of", "all": "All of", "none": "None of"}


def words(rule: AnyRule) -> str:
    """One line, or what a person wrote."""
    match rule:
        case AiRule():
            return rule.criterion.strip()
        case PhraseRule():
            said = ", ".join(f"“{phrase}”" for phrase in rule.phrases)
            by = "" if rule.speaker == "either" else f"by the {rule.speaker}"
            return " · ".join(filter(None, (f"{_LISTS[how(rule)]} {said}", by, _window(rule))))
        case MetricRule():
            bounds = (("at least", rule.at_least), ("at most", rule.at_most))
            wanted = " and ".join(f"{name} {amount(rule.metric, bound)}" for name, bound in bounds if bound is not None)
            return f"{METRICS[rule.metric].label}: {wanted}"


def how(rule: PhraseRule) -> str:
    """'any', 'all' or 'none'."""
    return "any" if rule.any else "all" if rule.all else "none"


def metric_label(name: str) -> str:
    """'Longest silence (s)'."""
    metric = METRICS[name]
    unit = "%" if metric.unit == SHARE else metric.unit
    return f"{metric.label} ({unit})" if unit else metric.label


def amount(metric: str, bound: float) -> str:
    """'20 s', '70 %', '4'."""
    unit = METRICS[metric].unit
    return f"{shown(metric, bound):g} {'%' if unit == SHARE else unit}".strip()


def shown(metric: str, bound: float) -> float:
    """A stored bound as people type it: shares in percent."""
    return round(bound * 100, 6) if METRICS[metric].unit == SHARE else bound


def stored(metric: str, typed: float) -> float:
    """The other way round."""
    return round(typed / 100, 8) if METRICS[metric].unit == SHARE else typed


def _window(rule: PhraseRule) -> str:
    if rule.within_first_s is not None:
        return f"in the first {rule.within_first_s:g} s"
    return f"in the last {rule.within_last_s:g} s" if rule.within_last_s is not None else ""
