"""Judged checks for Hypothesis."""

from hypothesis import strategies as st

from pipeline.scoring import Judged
from records.statuses import Verdict

verdicts = st.sampled_from(Verdict)
# As people type them, and as arithmetic makes them; tiny ones would be lost beside 100 in any float.
weights = (
    st.integers(0, 100).map(float) | st.decimals(0, 100, places=1).map(float) | st.floats(0.001, 100) | st.just(0.0)
)
sections = st.sampled_from(["", "Opening", "Handling", "Closing"])
scorable = st.sampled_from([Verdict.PASS, Verdict.FAIL])


def checks(
    *, verdict: st.SearchStrategy[Verdict] = verdicts, weight: st.SearchStrategy[float] = weights
) -> st.SearchStrategy[Judged]:
    return st.builds(
        Judged,
        name=st.text(min_size=1, max_size=8),
        section=sections,
        weight=weight,
        critical=st.booleans(),
        verdict=verdict,
        confidence=st.none() | st.floats(0, 1),
    )


def scorecards(**kwargs: object) -> st.SearchStrategy[list[Judged]]:
    return st.lists(checks(**kwargs), max_size=12)


def check(verdict: Verdict, weight: float = 10, *, name: str = "A", section: str = "", **facts: object) -> Judged:
    return Judged(name, section, weight, facts.pop("critical", False), verdict, **facts)
