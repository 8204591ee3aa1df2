import pytest

from pipeline.evaluators.claude import groups
from pipeline.evaluators.claude.groups import MORE_ROOM, MOST_CHECKS, ROOM, tasks
from pipeline.outcome import Fault
from tests.pipeline.evaluators.claude_judging import (
    FAIL,
    NOT_EVALUATED,
    PASS,
    call,
    error,
    judge,
    many,
    one,
    verdicts,
    wanting,
)
from tests.simulators.claude import Asked, Said, blocks, cut_off, declines, instead, result, says, stops
from tests.simulators.claude import judge as judged


@pytest.mark.parametrize("count", [1, 11, 12, 13, 25, 99, 100])
def test_groups_are_few_even_and_in_order(count):
    made = [task.numbers for task in tasks(range(1, count + 1))]
    assert [number for numbers in made for number in numbers] == list(range(1, count + 1))
    assert len(made) == -(-count // MOST_CHECKS)
    assert max(map(len, made)) - min(map(len, made)) <= 1


def test_no_checks_are_no_requests(claude):
    assert judge(claude, call(), []).findings == {}
    assert not claude.seen


def test_an_answer_that_was_cut_off_is_asked_for_in_two_halves(claude):
    claude.acts.append(cut_off)
    assert verdicts(judge(claude, call(), many(4))) == [PASS, FAIL] * 2
    assert claude.questions() == [(1, 2, 3, 4), (1, 2), (3, 4)]
    assert len(claude.paid) == 3


def test_halves_share_a_cached_transcript(claude):
    claude.acts.append(cut_off)
    judge(claude, call(), many(4))
    assert ["cache_control" in blocks(body)[2] for body in claude.bodies()] == [False, True, True]


def test_a_single_answer_that_was_cut_off_gets_more_room_once(claude):
    claude.acts.append(cut_off)
    assert one(claude).verdict is PASS
    assert [body["max_tokens"] for body in claude.bodies()] == [ROOM, MORE_ROOM]


def test_an_answer_without_end_is_not_evaluated_in_words(claude):
    claude.usual = cut_off
    finding = one(claude)
    assert finding.verdict is NOT_EVALUATED
    assert "longer than it may be" in finding.reason
    assert len(claude.paid) == 2


def test_a_cut_off_answer_counts_for_nothing_even_where_it_parses(claude):
    claude.usual = stops("max_tokens")
    assert one(claude).verdict is NOT_EVALUATED


def test_one_check_that_is_declined_does_not_spoil_the_others(claude):
    claude.usual = lambda asked: declines(asked) if 2 in asked.numbers else judged(asked)
    judgement = judge(claude, call(), many(4))
    assert verdicts(judgement) == [PASS, NOT_EVALUATED, PASS, FAIL]
    assert "the model declined" in judgement.findings[1].reason
    assert claude.questions() == [(1, 2, 3, 4), (1,), (2,), (3,), (4,)]


def test_many_declined_checks_do_not_spoil_those_that_are_not(claude):
    claude.usual = lambda asked: declines(asked) if set(asked.numbers) & {2, 3, 4, 5} else judged(asked)
    assert verdicts(judge(claude, call(), many(7))) == [PASS, *[NOT_EVALUATED] * 4, FAIL, PASS]


def test_a_call_that_is_declined_whatever_the_check_is_not_paid_for_check_by_check(claude):
    claude.usual = declines
    assert set(verdicts(judge(claude, call(), many(30)))) == {NOT_EVALUATED}
    assert claude.questions() == [tuple(range(1, 11)), (1,), (2,), (3,), tuple(range(11, 21)), tuple(range(21, 31))]


def test_only_what_is_missing_is_asked_for_again(claude):
    claude.acts.append(lambda asked: Said(judged(asked).results[:2]))
    assert verdicts(judge(claude, call(), many(4))) == [PASS, FAIL] * 2
    assert claude.questions() == [(1, 2, 3, 4), (3, 4)]


def test_foreign_and_doubled_numbers_are_asked_for_again(claude):
    def wrong(asked: Asked) -> Said:
        first, second = judged(asked).results
        return Said([first, first | {"verdict": "fail"}, second | {"check": 40}])

    claude.acts.append(wrong)
    assert verdicts(judge(claude, call(), many(2))) == [PASS, FAIL]
    assert claude.questions() == [(1, 2), (1, 2)]


def test_what_is_left_out_three_times_is_not_evaluated_in_words(claude):
    claude.usual = lambda asked: Said([result(number, asked) for number in asked.numbers if number != 2])
    judgement = judge(claude, call(), many(3))
    assert verdicts(judgement) == [PASS, NOT_EVALUATED, PASS]
    assert "no usable verdict" in judgement.findings[1].reason
    assert claude.questions() == [(1, 2, 3), (2,), (2,)]


def test_confidence_out_of_bounds_is_asked_for_again(claude):
    claude.acts.append(instead(confidence=97))
    assert one(claude).confidence == 0.9


@pytest.mark.parametrize("act", [says("All fine!"), says(""), stops("pause_turn"), stops("tool_use"), stops("new_one")])
def test_an_answer_of_another_kind_is_asked_for_once_more(claude, act):
    claude.acts.append(act)
    assert one(claude).verdict is PASS
    assert len(claude.paid) == 2


@pytest.mark.parametrize("act", [says("All fine!"), says(""), stops("pause_turn"), stops("tool_use"), stops("new_one")])
def test_answers_of_another_kind_twice_are_a_passing_error(claude, act):
    claude.usual = act
    failure = error(claude)
    assert failure.fault is Fault.PASSING
    assert str(failure).startswith("Claude did not answer in full: ")
    assert len(claude.paid) == 2


def test_what_a_useless_answer_cost_is_counted_too(claude):
    claude.acts.append(says("All fine!"))
    twice = judge(claude, call(), wanting("thank you")).usage
    once = judge(claude, call(), wanting("thank you")).usage
    assert twice.input_tokens == 2 * once.input_tokens
    assert twice.cost_usd > once.cost_usd


@pytest.mark.parametrize("why", [None, "stop_sequence"])
def test_servers_that_name_no_reason_or_a_harmless_one_are_believed(claude, why):
    claude.usual = stops(why)
    assert one(claude).verdict is PASS
    assert len(claude.paid) == 1


def test_halves_of_one_check_are_none():
    assert groups.halves(groups.Task((1,))) == ()
