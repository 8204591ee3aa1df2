"""The inputs of a check's rule, by its kind: between what is stored and what is typed."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.campaigns import rules
from pipeline.sound.figures import METRICS
from records.checks import AiRule, AnyRule, MetricRule, PhraseRule
from records.statuses import CheckKind

WHEN: Mapping[str, str] = {
    "any": "Anywhere in the call",
    "first": "In the first seconds",
    "last": "In the last seconds",
}
_CRITERION_LONGEST = 4000


def values(rule: AnyRule | None) -> dict[str, Any]:
    """What the inputs show of a rule; those of the other kinds begin empty."""
    shown: dict[str, Any] = {
        "criterion": "",
        "how": "any",
        "phrases": "",
        "speaker": "agent",
        "when": "any",
        "seconds": 30.0,
        "metric": "longest_silence_s",
        "at_least": None,
        "at_most": None,
    }
    match rule:
        case AiRule():
            shown["criterion"] = rule.criterion
        case PhraseRule():
            shown |= {"how": rules.how(rule), "phrases": "\n".join(rule.phrases), "speaker": rule.speaker}
            if rule.within_first_s is not None:
                shown |= {"when": "first", "seconds": rule.within_first_s}
            if rule.within_last_s is not None:
                shown |= {"when": "last", "seconds": rule.within_last_s}
        case MetricRule():
            shown["metric"] = rule.metric
            for bound in ("at_least", "at_most"):
                value = getattr(rule, bound)
                shown[bound] = None if value is None else float(rules.shown(rule.metric, value))
    return shown


def show(pre: str, kind: CheckKind, wrong: Mapping[str, str]) -> None:
    """The inputs of this kind; `pre` begins their keys."""
    match kind:
        case CheckKind.AI:
            _ai(pre, wrong)
        case CheckKind.PHRASE:
            _phrase(pre, wrong)
        case CheckKind.METRIC:
            _metric(pre, wrong)


def written(pre: str, kind: CheckKind) -> dict[str, Any]:
    """The rule as it is typed, for CheckSpec to look through."""
    typed = {name: st.session_state.get(pre + name) for name in values(None)}
    match kind:
        case CheckKind.AI:
            return {"kind": kind.value, "criterion": (typed["criterion"] or "").strip()}
        case CheckKind.PHRASE:
            lines = [" ".join(line.split()) for line in (typed["phrases"] or "").splitlines()]
            window = {"first": "within_first_s", "last": "within_last_s"}.get(typed["when"] or "")
            rule = {"kind": kind.value, typed["how"] or "any": [line for line in lines if line]}
            rule["speaker"] = typed["speaker"] or "either"
            seconds = "" if typed["seconds"] is None else typed["seconds"]  # emptied: no number, and not no window
            return rule | ({window: seconds} if window else {})
        case CheckKind.METRIC:
            metric = typed["metric"] or ""
            given = ((name, typed[name]) for name in ("at_least", "at_most"))
            stored = {name: rules.stored(metric, value) for name, value in given if value is not None}
            return {"kind": kind.value, "metric": metric} | stored


def reworded(kind: CheckKind, wrong: dict[str, str]) -> dict[str, str]:
    """What is wrong with all of a rule, beside the input that mends it and without the words of a file."""
    if "" not in wrong:
        return wrong
    words = wrong.pop("")
    if kind is CheckKind.PHRASE:
        return wrong | {"any": "Type at least one phrase."}
    return wrong | {
        "at_least": "The lower bound is above the upper one."
        if "above" in words
        else "Give at least one of the two bounds."
    }


def _ai(pre: str, wrong: Mapping[str, str]) -> None:
    st.text_area(
        "Criterion",
        key=f"{pre}criterion",
        height=150,
        max_chars=_CRITERION_LONGEST,
        placeholder="The agent solves the customer's problem, or says clearly what happens next and when.",
        help="Say what a call that passes holds, one thing at a time, and when the check is not applicable. "
        "Claude answers pass, fail or not applicable, with the words it rests on.",
    )
    _beside(wrong, "criterion")


def _phrase(pre: str, wrong: Mapping[str, str]) -> None:
    st.selectbox("The call passes when", list(rules.HOW), format_func=rules.HOW.__getitem__, key=f"{pre}how")
    st.text_area(
        "Phrases, one a line",
        key=f"{pre}phrases",
        height=150,
        placeholder="thank you for calling\nthanks for calling",
        help="Case and punctuation do not matter, and small slips of the recogniser are forgiven.",
    )
    _beside(wrong, "any", "all", "none")
    by, when, seconds = st.columns([3, 3, 2], vertical_alignment="bottom")
    by.selectbox("Said by", list(rules.WHO), format_func=rules.WHO.__getitem__, key=f"{pre}speaker")
    when.selectbox("When", list(WHEN), format_func=WHEN.__getitem__, key=f"{pre}when")
    seconds.number_input(
        "Seconds",
        min_value=1.0,
        value=None,
        step=5.0,
        format="%g",
        key=f"{pre}seconds",
        disabled=st.session_state[f"{pre}when"] == "any",
    )
    _beside(wrong, "within_first_s", "within_last_s")


def _metric(pre: str, wrong: Mapping[str, str]) -> None:
    st.selectbox("Figure", list(METRICS), format_func=rules.metric_label, key=f"{pre}metric")
    low, high = st.columns(2)
    low.number_input("At least", value=None, format="%g", key=f"{pre}at_least", placeholder="No bound")
    high.number_input("At most", value=None, format="%g", key=f"{pre}at_most", placeholder="No bound")
    _beside(wrong, "at_least", "at_most", "metric")


def _beside(wrong: Mapping[str, str], *fields: str) -> None:
    for name in fields:
        if name in wrong:
            st.error(wrong[name], icon=":material/error:")
