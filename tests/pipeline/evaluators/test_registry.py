import pytest

from pipeline.evaluators.registry import EVALUATORS, evaluator
from pipeline.evaluators.unconnected import Unconnected
from records.checks import AiRule, CheckSpec, MetricRule, PhraseRule
from records.statuses import CheckKind, Verdict
from tests.pipeline.made import case, conversation

RULES = {
    CheckKind.AI: AiRule(criterion="Was the agent kind?"),
    CheckKind.PHRASE: PhraseRule(any=("hello",)),
    CheckKind.METRIC: MetricRule(metric="duration_s", at_most=5),
}


def test_every_kind_of_check_has_its_judge():
    assert set(EVALUATORS) == set(CheckKind)


@pytest.mark.parametrize("kind", CheckKind)
def test_each_judge_answers_every_check_it_is_asked(kind: CheckKind):
    checks = [CheckSpec(name=f"{number}", rule=RULES[kind]) for number in range(3)]
    outcome = evaluator(kind).evaluate(case(conversation(("agent", "hello"))), checks)
    assert set(outcome.value.findings) == {0, 1, 2}
    assert all(finding.reason for finding in outcome.value.findings.values())


def test_without_a_model_ai_checks_are_not_evaluated_and_say_what_to_do():
    outcome = Unconnected().evaluate(case(), [CheckSpec(name="A", rule=RULES[CheckKind.AI])] * 2)
    assert {finding.verdict for finding in outcome.value.findings.values()} == {Verdict.NOT_EVALUATED}
    assert "no model is connected" in outcome.value.findings[0].reason
    assert outcome.value.usage.analyzer == ""
