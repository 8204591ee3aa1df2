from collections.abc import Sequence

import pytest
from sqlmodel import select

from pipeline.conductor import step
from pipeline.evaluators import registry
from pipeline.evaluators.contract import Case, Evidence, Finding, Judgement, Usage, not_evaluated
from pipeline.outcome import Done, Fault, ProviderError, Wait
from records import db
from records.campaigns import Campaign
from records.checks import AiRule, Check, CheckSpec, MetricRule, PhraseRule
from records.results import CheckResult
from records.runs import Run
from records.statuses import CallStatus, CheckKind, Verdict
from tests.pipeline.staging import (
    Killed,
    Play,
    call_of,
    count,
    drive,
    enter,
    expire,
    put_stage,
    results,
    run_of,
    versions,
)

PASS, FAIL, NOT_EVALUATED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_EVALUATED
AI = AiRule(criterion="Was the agent kind?")


class Judge:
    """An AI judge who answers what it is told to."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[list[str]] = []
        self.cases: list[Case] = []

    def evaluate(self, case: Case, checks: Sequence[CheckSpec]) -> Done[Judgement] | Wait:
        self.asked.append([check.name for check in checks])
        self.cases.append(case)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer(case) if callable(answer) else answer


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    chosen, real = Judge(), registry.evaluator
    monkeypatch.setattr(registry, "evaluator", lambda kind: chosen if kind is CheckKind.AI else real(kind))
    return chosen


def add(campaign: Campaign, position: int, spec: CheckSpec) -> None:
    with db.writing() as session:
        session.add(Check.of(spec, campaign_id=campaign.id, position=position))


def to_analysis(campaign: Campaign) -> object:
    first = enter(campaign)
    return step(first.run_id, first.ticket)


def test_each_check_gets_its_result_in_the_order_of_the_campaign(store: Campaign, play: Play):
    look = to_analysis(store)
    drive(look)
    kept = results(look.run_id)
    assert [(each.position, each.name, each.kind, each.verdict) for each in kept] == [
        (0, "Greeting", CheckKind.PHRASE, PASS),
        (1, "Disclosure", CheckKind.PHRASE, PASS),
        (2, "No long silence", CheckKind.METRIC, PASS),
    ]
    assert kept[0].evidence == [{"turn": 0, "quote": "Thank you for calling", "speaker": "agent", "start_ms": 0}]
    assert kept[2].reason == "Longest silence: 4 s (at most 20)."


def test_a_result_keeps_its_own_whole_copy_of_the_check(desk: Campaign, play: Play):
    spec = CheckSpec(
        name="Closing", section="End", weight=2.5, critical=True, rule=PhraseRule(all=("goodbye",), within_last_s=20)
    )
    add(desk, 9, spec)
    look = to_analysis(desk)
    drive(look)
    kept = results(look.run_id)[-1]
    copied = CheckSpec.model_validate(kept.model_dump(include={"name", "section", "weight", "critical", "rule"}))
    assert copied == spec
    with db.reading() as session:
        assert kept.check_id == session.exec(select(Check.id).where(Check.name == "Closing")).one()


def test_inactive_checks_and_other_campaigns_checks_are_not_judged(desk: Campaign, play: Play):
    with db.writing() as session:
        session.exec(select(Check).where(Check.name == "Greeting")).one().active = False
        other = Campaign(slug="other", name="Other")
        session.add(other)
        session.flush()
        session.add(Check.of(CheckSpec(name="Theirs", rule=AI), campaign_id=other.id, position=1))
    look = to_analysis(desk)
    drive(look)
    assert [each.name for each in results(look.run_id)] == ["Disclosure", "No long silence"]


def test_a_campaign_without_checks_gives_a_version_without_score(home, play: Play):
    with db.writing() as session:
        empty = Campaign(slug="empty", name="Empty")
        session.add(empty)
    look = to_analysis(empty)
    drive(look)
    call = call_of(look.run_id)
    assert (call.status, call.score, call.flagged, results(look.run_id)) == (CallStatus.COMPLETED, None, False, [])


def test_kinds_are_judged_together_and_put_back_in_their_places(desk: Campaign, play: Play, judge: Judge):
    add(desk, 0, CheckSpec(name="Kindness", rule=AI))  # after Greeting, which has the same position and came first
    add(desk, 5, CheckSpec(name="Empathy", rule=AI))
    found = [Finding(verdict=verdict, reason="r", confidence=0.9) for verdict in (FAIL, PASS)]
    usage = Usage(analyzer="claude", model="m", prompt_version="1", input_tokens=10, output_tokens=2, cost_usd=0.01)
    judge.answers.append(Done(Judgement(dict(enumerate(found)), usage)))
    look = to_analysis(desk)
    drive(look)
    assert judge.asked == [["Kindness", "Empathy"]]
    assert [(each.name, each.verdict) for each in results(look.run_id)] == [
        ("Greeting", PASS),
        ("Kindness", FAIL),
        ("Disclosure", PASS),
        ("No long silence", PASS),
        ("Empathy", PASS),
    ]
    (version,) = versions(call_of(look.run_id))
    assert (version.analyzer, version.analyzer_model, version.prompt_version) == ("claude", "m", "1")
    assert (version.input_tokens, version.output_tokens, version.cost_usd) == (10, 2, pytest.approx(0.03))


def test_a_finding_is_stored_whole(desk: Campaign, play: Play, judge: Judge):
    add(desk, 9, CheckSpec(name="Kindness", rule=AI))
    evidence = (Evidence(turn=1, quote="Hello", speaker="customer", start_ms=5), Evidence(quote="élan 🎧"))
    finding = Finding(verdict=FAIL, reason="Was short.", confidence=0.25, evidence=evidence, verified=False)
    judge.answers.append(Done(Judgement({0: finding})))
    look = to_analysis(desk)
    drive(look)
    kept = results(look.run_id)[-1]
    assert (kept.verdict, kept.reason, kept.confidence, kept.verified) == (FAIL, "Was short.", 0.25, False)
    assert [Evidence.model_validate(piece) for piece in kept.evidence] == list(evidence)
    assert [reason["code"] for reason in versions(call_of(look.run_id))[0].flag_reasons] == ["confidence_under_bound"]


def test_the_judge_sees_transcript_figures_and_a_memory_that_lasts(desk: Campaign, play: Play, judge: Judge):
    add(desk, 9, CheckSpec(name="Kindness", rule=AI))

    def submit(case: Case) -> Wait:
        case.memory.remember(batch="7")
        return Wait(5)

    judge.answers.extend([submit, Done(Judgement({0: not_evaluated("Not evaluated: x.")}))])
    look = to_analysis(desk)
    again = step(look.run_id, look.ticket)
    case = judge.cases[0]
    assert (case.transcript.utterances[0].speaker, case.speech_s, case.figures.duration_s) == ("agent", 10, 60)
    assert (again.seconds, count(CheckResult)) == (5, 0), "nothing is stored while a judge is at work"
    drive(again)
    assert judge.cases[1].memory.facts == {"batch": "7"}
    assert results(look.run_id)[-1].verdict is NOT_EVALUATED


def test_a_judge_that_is_out_waits_and_one_that_forgets_a_check_is_tried_again(
    desk: Campaign, play: Play, judge: Judge
):
    add(desk, 9, CheckSpec(name="Kindness", rule=AI))
    out = ProviderError("No credit.", fault=Fault.ACCOUNT)
    judge.answers.extend([out, Done(Judgement({})), Done(Judgement({0: Finding(verdict=PASS, reason="r")}))])
    look = to_analysis(desk)
    again = step(look.run_id, look.ticket)
    assert (again.seconds, run_of(look.run_id).waiting_for) == (60, "No credit.")
    again = step(again.run_id, again.ticket)
    assert (count(CheckResult), run_of(look.run_id).attempts) == (0, 1)
    drive(again)
    assert results(look.run_id)[-1].verdict is PASS


def test_analysing_again_replaces_what_there_was(desk: Campaign, play: Play):
    look = to_analysis(desk)
    verdict = step(look.run_id, look.ticket)
    with db.writing() as session:
        for result in session.exec(select(CheckResult)):
            result.reason = "of before"
        session.get_one(Run, look.run_id).stage = "analysis"
    drive(verdict)
    assert [result.position for result in results(look.run_id)] == [0, 1, 2]
    assert "of before" not in {result.reason for result in results(look.run_id)}


def test_a_death_while_judging_stores_nothing_and_is_judged_anew(desk: Campaign, play: Play, monkeypatch):
    def die(_work: object) -> None:
        raise Killed

    look = to_analysis(desk)
    with monkeypatch.context() as patch:
        put_stage(patch, "analysis", die)
        with pytest.raises(Killed):
            step(look.run_id, look.ticket)
    assert count(CheckResult) == 0
    expire(look.run_id)
    drive(look)
    assert len(results(look.run_id)) == 3


def test_without_a_model_ai_checks_stay_out_of_the_score(desk: Campaign, play: Play):
    add(desk, 9, CheckSpec(name="Kindness", weight=100, rule=AI))
    look = to_analysis(desk)
    drive(look)
    call = call_of(look.run_id)
    assert (call.score, call.flagged, results(look.run_id)[-1].verdict) == (100, False, NOT_EVALUATED)


def test_a_metric_of_a_silent_call_is_still_judged(desk: Campaign, play: Play):
    add(desk, 9, CheckSpec(name="Length", rule=MetricRule(metric="duration_s", at_least=30)))
    look = to_analysis(desk)
    drive(look)
    assert results(look.run_id)[-1].verdict is PASS
