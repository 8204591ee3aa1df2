import json

import pytest

from pipeline.evaluators.claude.answers import LONGEST_REASON, Unusable, read

GOOD = {"check": 1, "evidence": [{"turn": 1, "quote": "Hello"}], "reason": "R.", "verdict": "pass", "confidence": 0.5}


def answer(*results: object, **more: object) -> str:
    return json.dumps({"results": results, **more})


def test_a_proper_answer_is_read():
    reading = read(answer(GOOD, GOOD | {"check": 2, "verdict": "fail"}), (1, 2))
    assert {number: result.verdict for number, result in reading.results.items()} == {1: "pass", 2: "fail"}
    assert reading.missing == ()


def test_what_nobody_knows_yet_is_ignored():
    assert read(answer(GOOD | {"mood": "good"}, yet="unknown"), (1,)).missing == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "excellent"},
        {"verdict": "not_evaluated"},
        {"verdict": None},
        {"confidence": 1.01},
        {"confidence": -0.1},
        {"confidence": float("nan")},
        {"confidence": "0.5"},
        {"confidence": 95},
        {"check": "1"},
        {"check": True},
        {"check": 1.5},
        {"reason": ""},
        {"reason": " \u0000 "},
        {"reason": "half a character \ud800"},
        {"reason": "R" * 8001},
        {"evidence": None},
        {"evidence": [{"turn": "1", "quote": "Hello"}]},
        {"evidence": [{"turn": 1}]},
        {"evidence": [{"turn": 1, "quote": "Hello"}] * 101},
    ],
)
def test_a_result_out_of_bounds_is_no_result_and_the_others_stay(wrong):
    reading = read(answer(GOOD | wrong, GOOD | {"check": 2}), (1, 2))
    assert list(reading.results) == [2]
    assert reading.missing == (1,)


def test_a_check_answered_twice_counts_as_not_answered():
    assert read(answer(GOOD, GOOD | {"verdict": "fail"}), (1,)).missing == (1,)


def test_checks_not_asked_about_are_ignored():
    assert set(read(answer(GOOD, GOOD | {"check": 7}), (1,)).results) == {1}


@pytest.mark.parametrize(
    "dressed",
    [
        "```json\n{}\n```",
        "```\n{}\n```",
        "Here is what I found:\n\n{}\n\nLet me know if you need more {{braces}}.",
        "As asked {{gladly}}: {}",
        "\n\n  {}  ",
    ],
)
def test_fences_and_talk_around_the_answer_do_no_harm(dressed):
    assert read(dressed.format(answer(GOOD)), (1,)).results[1].verdict == "pass"


@pytest.mark.parametrize(
    "text",
    [
        *("", "All checks pass.", "{}", "[]", "null", '{"results": {"1": "pass"}}', '{"results": null}'),
        *(answer(GOOD)[:-5], "[" * 100_000, '{"a":' * 5000, "{" * 5000, "pass pass pass"),
    ],
)
def test_anything_else_is_unusable(text):
    with pytest.raises(Unusable):
        read(text, (1,))


def test_a_reason_is_one_line_of_what_screens_and_databases_take():
    reading = read(answer(GOOD | {"reason": "A\n\u0000b\u202e  c " + "d" * 900}), (1,))
    reason = reading.results[1].reason
    assert reason.startswith("A b c dd")
    assert len(reason) == LONGEST_REASON
    assert reason.endswith("d…")
