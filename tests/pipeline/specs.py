"""Any check that can be written, for Hypothesis."""

from typing import get_args

from hypothesis import strategies as st

from records.checks import METRIC_NAMES, AiRule, CheckSpec, MetricRule, PhraseRule

# What people type, and what they paste: no surrogates, control characters or line separators.
characters = st.characters(
    exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufffe\uffff\u202a\u202b\u202c\u202d\u202e"
)
texts = st.text(characters, min_size=3, max_size=60)
bounds = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)
seconds = st.none() | st.floats(min_value=0.1, max_value=1e5)


@st.composite
def phrases(draw: st.DrawFn) -> PhraseRule:
    which = draw(st.sampled_from(["any", "all", "none"]))
    first = draw(seconds)
    return PhraseRule(
        **{which: tuple(draw(st.lists(texts.map(lambda text: f"a{text}"), min_size=1, max_size=4)))},
        speaker=draw(st.sampled_from(["agent", "customer", "either"])),
        within_first_s=first,
        within_last_s=None if first else draw(seconds),
    )


@st.composite
def metrics(draw: st.DrawFn) -> MetricRule:
    low, high = sorted([draw(bounds), draw(bounds)])
    which = draw(st.sampled_from(["low", "high", "both"]))
    return MetricRule(
        metric=draw(st.sampled_from(get_args(METRIC_NAMES))),
        at_least=None if which == "high" else low,
        at_most=None if which == "low" else high,
    )


def specs() -> st.SearchStrategy[CheckSpec]:
    return st.builds(
        CheckSpec,
        name=st.text(characters, min_size=1, max_size=60).filter(str.strip),
        section=st.text(characters, max_size=40),
        weight=st.floats(0, 100),
        critical=st.booleans(),
        active=st.booleans(),
        rule=st.builds(AiRule, criterion=texts) | phrases() | metrics(),
    )
