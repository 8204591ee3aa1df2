import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from config import settings
from pipeline.evaluators.claude.judge import Claude
from pipeline.evaluators.claude.prompt import DRAFT, ESTIMATED, GUESSED, RULES, UNKNOWN, version
from pipeline.evaluators.registry import evaluator
from pipeline.evaluators.unconnected import Unconnected
from records.statuses import CheckKind, Verdict
from tests.pipeline.evaluators.claude_judging import (
    FAIL,
    NOT_EVALUATED,
    PASS,
    call,
    check,
    judge,
    long_call,
    many,
    one,
    verdicts,
    wanting,
)
from tests.pipeline.made import case, conversation
from tests.simulators.claude import blocks


def test_words_that_were_said_pass_with_a_quote_and_others_fail(claude):
    judgement = judge(claude, call(), wanting("Don't worry", "a refund"))
    assert verdicts(judgement) == [PASS, FAIL]
    met, missed = judgement.findings[0], judgement.findings[1]
    assert [(piece.turn, piece.quote, piece.speaker) for piece in met.evidence] == [(2, "Don't worry", "agent")]
    assert met.evidence[0].start_ms == call().transcript.utterances[2].start_ms
    assert met.confidence == 0.9
    assert met.verified
    assert missed.evidence == ()
    assert missed.verified, "what was not said cannot be quoted"


def test_a_request_is_as_the_api_wants_it(claude):
    one(claude)
    (seen,), (body,) = claude.requests("/messages"), claude.bodies()
    assert seen.headers["authorization"] == f"Bearer {claude.key}"
    assert body["model"] == settings().anthropic_model
    assert {"temperature", "top_p", "top_k"}.isdisjoint(body)
    schema = body["output_config"]["format"]["schema"]
    assert schema["required"] == ["results"]
    assert "maxLength" not in schema["$defs"]["Quote"]["properties"]["quote"]


def test_rules_and_scorecard_come_first_then_the_call_then_the_question(claude):
    judge(claude, call(), many(13))
    first, second = claude.bodies()
    texts = [block["text"] for block in blocks(first)]
    assert texts[0] == RULES
    assert texts[1].count("<check number=") == 13, "the whole scorecard, whichever checks are asked about"
    assert texts[2].splitlines()[1] == "[1] agent 00:00: Thank you for calling Acme, how can I help?"
    assert texts[3] == (
        "Judge now, of the scorecard, checks 1, 2, 3, 4, 5, 6, and no other. Give exactly one result for each."
    )
    assert [block["text"] for block in blocks(second)][:3] == texts[:3]
    assert first["output_config"] == second["output_config"], "another schema would lose the cache"


def test_the_scorecard_is_kept_for_all_calls_and_the_transcript_for_its_groups(claude):
    judge(claude, call(), many(13))
    kept = [block.get("cache_control") for block in blocks(claude.bodies()[0])]
    assert kept == [None, {"type": "ephemeral", "ttl": "1h"}, {"type": "ephemeral", "ttl": "5m"}, None]


def test_a_single_request_pays_for_no_cache_of_a_transcript_that_nobody_reads(claude):
    one(claude)
    assert [bool(block.get("cache_control")) for block in blocks(claude.bodies()[0])] == [False, True, False, False]


def test_the_second_call_of_a_campaign_reads_the_scorecard_from_the_cache(claude):
    first, second = (judge(claude, call(), many(12)) for _ in range(2))
    assert first.usage.cached_tokens == 0
    assert second.usage.cached_tokens > 512


def test_a_hundred_checks_on_two_hours_get_a_hundred_findings_with_a_cached_transcript(claude):
    turns = [*long_call(1600), ("agent", "I can help with that.")]
    heard = case(conversation(*turns, pause_ms=1800), duration_s=7200)
    assert heard.transcript.utterances[-1].end_ms > 7_000_000
    judgement = judge(claude, heard, many(100))
    assert verdicts(judgement) == [PASS, FAIL] * 50
    assert judgement.findings[98].evidence[0].turn == 1600
    asked = claude.questions()
    assert len(asked) == 9
    assert [number for numbers in asked for number in numbers] == list(range(1, 101))
    usage = judgement.usage
    assert usage.cached_tokens > 0.85 * usage.input_tokens
    assert max(len(fact) for fact in heard.memory.facts.values()) < 20_000, "a run's memory stays small"


def test_threads_of_one_process_share_a_client_and_mix_nothing_up(claude):
    checks = wanting(*(f"word{number:02}" for number in range(16)))
    calls = [call(("agent", f"I say word{number:02} only")) for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        judged = list(pool.map(lambda heard: judge(claude, heard, checks), calls))
    for number, judgement in enumerate(judged):
        assert [place for place in range(16) if judgement.findings[place].verdict is PASS] == [number]


def test_usage_names_judge_model_and_prompt_and_counts_every_token_and_dollar(claude):
    usage = judge(claude, call(), many(13)).usage
    assert (usage.analyzer, usage.model, usage.prompt_version) == ("claude", settings().anthropic_model, version())
    sizes = [sum(len(block["text"]) // 4 for block in blocks(body)) for body in claude.bodies()]
    assert usage.input_tokens == sum(sizes)
    assert 0 < usage.cached_tokens < sizes[1]
    assert usage.output_tokens > 0
    assert usage.asked_again == 0
    # $2 a million read anew, twice that written for an hour, 1.25 times for minutes; $0.10 read from the cache; $10 out
    system = sum(len(block["text"]) // 4 for block in claude.bodies()[0]["system"])
    transcript = len(blocks(claude.bodies()[0])[2]["text"]) // 4
    fresh = usage.input_tokens - 2 * (system + transcript)
    dollars = 2 * (fresh + 2 * system + 1.25 * transcript) + 0.1 * (system + transcript) + 10 * usage.output_tokens
    assert usage.cost_usd == pytest.approx(dollars / 1e6, abs=2e-6)


def test_an_empty_transcript_is_not_sent(claude):
    judgement = judge(claude, call(("agent", " … ")), many(3))
    assert set(verdicts(judgement)) == {NOT_EVALUATED}
    assert "empty" in judgement.findings[0].reason
    assert judgement.usage.analyzer == ""
    assert not claude.seen


def test_a_draft_that_is_too_unsure_of_its_words_is_not_sent(claude):
    judgement = judge(claude, call(draft=True, confidence=0.3), many(1))
    assert "unsure of its words" in judgement.findings[0].reason
    assert not claude.seen


def test_where_the_agent_is_unknown_the_model_is_told_to_find_out(claude):
    judgement = judge(claude, call(("speaker_1", "Hello there")), many(1))
    assert judgement.findings[0].verdict is not Verdict.NOT_EVALUATED
    assert blocks(claude.bodies()[0])[2]["text"].splitlines()[0] == UNKNOWN


@pytest.mark.parametrize(
    ("facts", "note"),
    [({"draft": True}, DRAFT), ({"speakers_by": "estimate"}, ESTIMATED), ({"roles_confidence": 0.6}, GUESSED)],
)
def test_the_model_is_told_what_of_the_transcript_is_unsure(claude, facts, note):
    judge(claude, call(**facts), many(1))
    judge(claude, call(roles_confidence=0.9), many(1))
    unsure, sure = (blocks(body)[2]["text"].splitlines()[0] for body in claude.bodies())
    assert unsure == note
    assert sure == '<transcript language="en">'


def test_a_thinking_block_first_is_no_answer(claude):
    claude.thinks = True
    assert one(claude).verdict is PASS


def test_blocks_of_a_kind_yet_unknown_are_no_answer(claude):
    aside = {"type": "aside", "text": '{"results": []}'}
    claude.dress = lambda message: {**message, "content": [aside, *message["content"], aside]}
    assert one(claude).verdict is PASS
    assert len(claude.paid) == 1


@pytest.mark.parametrize("variable", ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"])
def test_a_key_or_an_address_connects_the_judge(monkeypatch, variable):
    assert isinstance(evaluator(CheckKind.AI), Unconnected)
    monkeypatch.setenv(variable, "http://localhost:1")
    settings.cache_clear()
    assert isinstance(evaluator(CheckKind.AI), Claude)


def test_the_wording_that_results_name_is_this_one():
    """Whoever changes the prompt sees here that its name changes with it."""
    assert version() == "c7faca783c6f"


def test_not_applicable_is_a_verdict_of_its_own(claude):
    row = {"check": 1, "evidence": [], "reason": "R.", "verdict": "not_applicable", "confidence": 1}
    claude.dress = lambda message: {**message, "content": [{"type": "text", "text": json.dumps({"results": [row]})}]}
    finding = judge(claude, call(), [check("If the customer asks for a refund, ...")]).findings[0]
    assert (finding.verdict, finding.confidence) == (Verdict.NOT_APPLICABLE, 1.0)
