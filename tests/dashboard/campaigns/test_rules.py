"""A check's rule in words, and between what is stored and what is typed."""

import pytest

from dashboard.campaigns import rule_form, rules
from pipeline.sound.figures import METRICS
from records.checks import AiRule, MetricRule, PhraseRule


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (AiRule(criterion=" The agent helps. "), "The agent helps."),
        (PhraseRule(any=("good day", "hello")), "Any of “good day”, “hello”"),
        (
            PhraseRule(all=("good day",), speaker="agent", within_first_s=30),
            "All of “good day” · by the agent · in the first 30 s",
        ),
        (PhraseRule(none=("no way",), within_last_s=2.5), "None of “no way” · in the last 2.5 s"),
        (MetricRule(metric="longest_silence_s", at_most=20), "Longest silence: at most 20 s"),
        (
            MetricRule(metric="agent_talk_share", at_least=0.25, at_most=0.8),
            "Agent's share of the talk: at least 25 % and at most 80 %",
        ),
        (MetricRule(metric="interruptions", at_most=4), "Interruptions by the agent: at most 4"),
    ],
)
def test_a_rule_reads_as_a_sentence(rule, said):
    assert rules.words(rule) == said


def test_every_figure_has_its_unit():
    assert {rules.metric_label(name) for name in METRICS} >= {
        "Longest silence (s)",
        "Share of silence (%)",
        "Interruptions by the agent",
    }


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("bound", [0.0, 0.07, 0.29, 1.0, 12.345])
def test_a_bound_comes_back_as_it_was_stored(metric, bound):
    assert rules.stored(metric, rules.shown(metric, bound)) == bound


@pytest.mark.parametrize(
    "rule",
    [
        AiRule(criterion="Helps."),
        PhraseRule(none=("a b", "c d"), speaker="customer", within_last_s=12.5),
        MetricRule(metric="dead_air_share", at_most=0.2),
    ],
)
def test_what_the_form_shows_of_a_rule_makes_the_same_rule(rule, monkeypatch):
    typed = {f"x-{name}": value for name, value in rule_form.values(rule).items()}
    monkeypatch.setattr("streamlit.session_state", typed)
    assert type(rule).model_validate(rule_form.written("x-", rule.kind)) == rule
