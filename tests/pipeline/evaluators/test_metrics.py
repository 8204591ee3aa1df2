import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluators.contract import Case, Finding
from pipeline.evaluators.metrics import Metrics
from pipeline.sound.figures import METRICS, Figures
from records.checks import CheckSpec, MetricRule
from records.statuses import Verdict
from tests.pipeline.made import NoMemory, conversation, measured, transcript

PASS, FAIL, NOT_EVALUATED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_EVALUATED
CALL = conversation(("agent", "Thank you for calling."), ("customer", "Hello."))
FULL = measured(
    120,
    longest_silence_s=20.0,
    dead_air_share=0.25,
    agent_talk_share=0.6,
    agent_interruptions=3,
    overlap_s=1.5,
    words_per_minute={"agent": 150.0, "customer": 90.0},
    hold_s=12.0,
    longest_hold_s=12.0,
)
# What each metric reads from FULL, and how its sentence begins.
READS = {
    "duration_s": (120, "Duration: 120 s"),
    "longest_silence_s": (20, "Longest silence: 20 s"),
    "dead_air_share": (0.25, "Share of silence: 0.25"),
    "hold_s": (12, "Time on hold: 12 s"),
    "longest_hold_s": (12, "Longest hold: 12 s"),
    "overlap_s": (1.5, "Time that both speak at once: 1.5 s"),
    "agent_talk_share": (0.6, "Agent's share of the talk: 0.60"),
    "interruptions": (3, "Interruptions by the agent: 3"),
    "words_per_minute": (150, "Agent's words a minute: 150 a minute"),
}


def judge(
    figures: Figures, metric: str, *, speech_s: float = 300, call=CALL, at_most=None, at_least=None, **facts
) -> Finding:
    case = Case(transcript(call, **facts), figures, speech_s, NoMemory())
    rule = MetricRule(metric=metric, at_most=at_most, at_least=at_least)
    return Metrics().evaluate(case, [CheckSpec(name="A", rule=rule)]).value.findings[0]


def test_every_metric_is_tried_here():
    assert set(READS) == set(METRICS)


@pytest.mark.parametrize("metric", READS)
def test_a_bound_is_met_by_the_bound_itself(metric: str):
    value, sentence = READS[metric]
    for bounds, verdict in [
        ({"at_most": value}, PASS),
        ({"at_least": value}, PASS),
        ({"at_most": value, "at_least": value}, PASS),
        ({"at_most": value - 0.01}, FAIL),
        ({"at_least": value + 0.01}, FAIL),
        ({"at_least": value - 1, "at_most": value + 1}, PASS),
        ({"at_least": value + 1, "at_most": value + 2}, FAIL),
    ]:
        finding = judge(FULL, metric, **bounds)
        assert finding.verdict is verdict, bounds
        assert finding.reason.startswith(sentence)
        assert (finding.confidence, finding.evidence) == (None, ())


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"at_most": 20}, "Longest silence: 20 s (at most 20)."),
        ({"at_least": 5}, "Longest silence: 20 s (at least 5)."),
        ({"at_least": 5, "at_most": 30.5}, "Longest silence: 20 s (at least 5, at most 30.5)."),
        ({"at_most": 1234567}, "Longest silence: 20 s (at most 1234567)."),
    ],
)
def test_the_reason_names_figure_and_bounds(bounds: dict, words: str):
    assert judge(FULL, "longest_silence_s", **bounds).reason == words


@pytest.mark.parametrize(
    ("metric", "figures", "bounds", "words"),
    [
        ("longest_silence_s", {"longest_silence_s": 20.04}, {"at_most": 20}, "Longest silence: 20.04 s (at most 20)."),
        (
            "agent_talk_share",
            {"agent_talk_share": 0.3004},
            {"at_most": 0.3},
            "Agent's share of the talk: 0.3004 (at most 0.3).",
        ),
    ],
)
def test_a_figure_that_misses_its_bound_by_a_hair_does_not_look_like_it(metric, figures, bounds, words):
    finding = judge(FULL.model_copy(update=figures), metric, **bounds)
    assert (finding.verdict, finding.reason) == (FAIL, words)


@pytest.mark.parametrize(
    ("metric", "update", "label"),
    [
        ("dead_air_share", {"dead_air_share": None}, "share of silence"),
        ("overlap_s", {"overlap_s": None}, "time that both speak at once"),
        ("agent_talk_share", {"agent_talk_share": None}, "agent's share of the talk"),
        ("interruptions", {"agent_interruptions": None}, "interruptions by the agent"),
        ("words_per_minute", {"words_per_minute": {}}, "agent's words a minute"),
    ],
)
def test_what_could_not_be_measured_is_not_evaluated(metric: str, update: dict, label: str):
    finding = judge(FULL.model_copy(update=update), metric, at_most=1)
    assert finding.verdict is NOT_EVALUATED
    assert finding.reason == f"Not evaluated: {label} could not be measured in this recording."


def test_a_figure_of_zero_is_a_figure():
    assert judge(measured(0), "duration_s", at_most=0).verdict is PASS
    assert judge(FULL.model_copy(update={"agent_interruptions": 0}), "interruptions", at_most=0).verdict is PASS


@pytest.mark.parametrize("metric", READS)
def test_only_figures_of_one_speaker_need_speakers_that_are_known(metric: str):
    by_speaker = metric in {"agent_talk_share", "interruptions", "words_per_minute"}
    few = judge(FULL, metric, at_most=999, speakers_by="estimate", speech_s=29)
    assert (few.verdict is NOT_EVALUATED) == by_speaker
    nobody = judge(FULL, metric, at_most=999, call=conversation(("speaker_1", "hello")))
    assert (nobody.verdict is NOT_EVALUATED) == by_speaker
    assert judge(FULL, metric, at_most=999, speakers_by="estimate", speech_s=30).verdict is PASS


@pytest.mark.parametrize("metric", READS)
def test_only_the_pace_needs_words(metric: str):
    draft = judge(FULL, metric, at_most=999, draft=True, confidence=0.2)
    assert (draft.verdict is NOT_EVALUATED) == (metric == "words_per_minute")


@pytest.mark.parametrize("metric", ["duration_s", "longest_silence_s", "dead_air_share", "hold_s", "longest_hold_s"])
def test_a_silent_call_still_has_its_lengths(metric: str):
    assert judge(measured(60), metric, call=(), speech_s=0, at_least=0).verdict is PASS


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_check_passes_exactly_within_its_bounds_and_says_no_other_thing(value: float, one: float, other: float):
    low, high = sorted([one, other])
    finding = judge(
        FULL.model_copy(update={"longest_silence_s": value}), "longest_silence_s", at_least=low, at_most=high
    )
    assert (finding.verdict is PASS) == (low <= value <= high)
    shown = float(finding.reason.removeprefix("Longest silence: ").split(" ")[0])
    assert (low <= shown <= high) == (low <= value <= high)
