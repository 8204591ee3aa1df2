"""A conversation, and phrase checks judged on it."""

from pipeline.evaluators.contract import Case, Evidence, Finding
from pipeline.evaluators.phrases import Phrases
from pipeline.outcome import Done
from records.checks import CheckSpec, PhraseRule
from records.statuses import Verdict
from tests.pipeline.made import case, conversation

PASS, FAIL, NOT_EVALUATED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_EVALUATED
CALL = conversation(
    ("agent", "Thank you for calling Acme, this call may be recorded."),
    ("customer", "Hello, I'd like to cancel."),
    ("agent", "I'm sorry to hear that. Don't worry, I can help."),
    ("customer", "Thank you, goodbye!"),
)


def judge(heard: Case, **rule) -> Finding:
    outcome = Phrases().evaluate(heard, [CheckSpec(name="A", rule=PhraseRule(**rule))])
    assert isinstance(outcome, Done)
    return outcome.value.findings[0]


def said(phrase: str, utterances=CALL, **rule) -> Evidence | None:
    finding = judge(case(utterances), any=(phrase,), **rule)
    assert finding.verdict is (PASS if finding.evidence else FAIL)
    return finding.evidence[0] if finding.evidence else None
