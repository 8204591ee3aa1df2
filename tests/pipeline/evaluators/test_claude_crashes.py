import json

import pytest

from pipeline.evaluators.claude.judge import Claude
from pipeline.evaluators.claude.notebook import FACT
from tests.pipeline.evaluators.claude_judging import (
    FAIL,
    PASS,
    Dies,
    Mortal,
    call,
    error,
    judge,
    many,
    server,
    verdicts,
    wanting,
)
from tests.simulators.claude import says
from tests.simulators.server import Trouble


def die(claude, heard, checks, at: int) -> None:
    with pytest.raises(Dies):
        Claude(Mortal(server(claude), at)).evaluate(heard, checks)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_crash_between_groups_pays_only_the_one_in_flight_again(claude, at):
    heard, checks = call(), many(30)
    die(claude, heard, checks, at)
    judgement = judge(claude, heard, checks)
    assert verdicts(judgement) == [PASS, FAIL] * 15
    assert len(claude.paid) == 4, "three groups, and the one whose answer was lost once more"
    assert judgement.usage.asked_again == 1
    assert judgement.findings[0].evidence[0].quote == "help"


def test_two_crashes_are_counted_as_two(claude):
    heard, checks = call(), many(30)
    die(claude, heard, checks, 2)
    die(claude, heard, checks, 1)
    assert judge(claude, heard, checks).usage.asked_again == 2
    assert len(claude.paid) == 5


def test_what_was_judged_before_a_crash_stays_counted(claude):
    heard, checks = call(), many(30)
    die(claude, heard, checks, 3)
    after_crash = judge(claude, heard, checks).usage
    whole = judge(claude, call(), checks).usage
    assert after_crash.input_tokens == whole.input_tokens
    assert after_crash.output_tokens == whole.output_tokens
    assert whole.asked_again == 0


def test_a_run_that_was_through_asks_nothing_again(claude):
    heard, checks = call(), many(30)
    first = judge(claude, heard, checks)
    assert judge(claude, heard, checks) == first
    assert len(claude.paid) == 3


def test_a_refusal_is_no_lost_answer(claude):
    heard = call()
    claude.troubles.append(Trouble(529))
    error(claude, heard)
    assert judge(claude, heard, wanting("thank you")).usage.asked_again == 0


def test_an_unreachable_server_is_no_lost_answer(claude):
    heard = call()
    error(claude, heard, address="http://127.0.0.1:1")
    assert judge(claude, heard, wanting("thank you")).usage.asked_again == 0


def test_an_answer_that_broke_off_may_have_been_paid_and_is_counted(claude):
    heard = call()
    claude.troubles.append(Trouble(200, b"{", {"content-type": "application/json"}, half=True, after=True))
    error(claude, heard)
    assert judge(claude, heard, wanting("thank you")).usage.asked_again == 1
    assert len(claude.paid) == 2


def test_tries_after_a_useless_answer_keep_their_bill(claude):
    heard = call()
    claude.acts += [says("?"), says("?")]
    error(claude, heard)
    usage = judge(claude, heard, wanting("thank you")).usage
    assert len(claude.paid) == 3
    assert usage.output_tokens == sum(int(line.split()[-2]) for line in claude.paid)
    assert usage.asked_again == 0


def test_answers_to_other_checks_are_of_no_use_but_were_paid(claude):
    heard, checks = call(), many(30)
    die(claude, heard, checks, 2)
    edited = [*checks[1:], *wanting("goodbye")]
    judgement = judge(claude, heard, edited)
    assert verdicts(judgement) == [FAIL, PASS] * 14 + [FAIL, PASS]
    assert claude.questions()[2:] == [*claude.questions()[:2], tuple(range(21, 31))]
    fresh = judge(claude, call(), edited).usage
    assert judgement.usage.input_tokens > fresh.input_tokens
    assert judgement.usage.asked_again == 1


@pytest.mark.parametrize(
    "fact", ["", "?", "[]", '{"question": 3}', '{"question": "x", "found": {"call": {"1": ["no"]}}}']
)
def test_a_memory_that_cannot_be_read_is_begun_anew(claude, fact):
    heard = call()
    heard.memory.remember(**{FACT: fact})
    assert verdicts(judge(claude, heard, wanting("thank you"))) == [PASS]


def test_memory_is_one_small_fact_that_holds_no_words_of_the_transcript(claude):
    heard = call()
    judge(claude, heard, many(12))
    (fact,) = heard.memory.facts.values()
    assert len(json.loads(fact)["found"]["call"]) == 12
    assert "help" not in fact
    assert len(fact) < 2500


def test_the_marker_stands_while_a_request_is_in_flight_and_never_after(claude):
    heard = call()
    flags: list[bool] = []

    class Watching:
        model = server(claude).model

        def ask(self, prompt, room):
            flags.append(json.loads(heard.memory.facts[FACT]).get("sent", False))
            return server(claude).ask(prompt, room)

    Claude(Watching()).evaluate(heard, many(30))
    assert flags == [True] * 3
    assert "sent" not in json.loads(heard.memory.facts[FACT])
