"""How a version of a call was made: who transcribed and judged, for how much."""

import json
from typing import Any

import pytest

from tests.pages.one_call import component, with_version

CLAUDE = {"analyzer": "claude", "analyzer_model": "claude-sonnet-5-5"}


@pytest.fixture
def details(cast, see):
    """`details(**facts)`: names and values as the page of a call with such a version gives them."""

    def look(**facts: Any) -> dict[str, str]:
        call = with_version(cast, **facts)
        return dict(json.loads(component(see(cast.olivia, "call.py", id=call.id), "facts", "SHA-256"))["pairs"])

    return look


@pytest.mark.parametrize(
    ("facts", "transcriber", "analysis"),
    [
        (
            {"transcriber": "assemblyai", "transcriber_model": "universal-2", **CLAUDE},
            "AssemblyAI universal-2",
            "Claude",
        ),
        ({"transcriber": "deepgram", "transcriber_model": "", "analyzer": "claude"}, "Deepgram", "Claude"),
        ({"transcriber": "local", "transcriber_model": "draft"}, "Offline draft (English) draft", "Rules only"),
        ({"transcriber": "<b>**gone**</b>", "transcriber_model": ""}, "<b>**gone**</b>", "Rules only"),
    ],
)
def test_makers_bear_the_names_that_people_know_them_by(details, facts, transcriber, analysis):
    said = details(**facts)
    model = facts.get("analyzer_model", "")
    assert (said["Transcriber"], said["Analysis"]) == (transcriber, f"{analysis} {model}".strip())


@pytest.mark.parametrize(
    ("cost", "shown"), [(None, "Not known"), (0.0, "$0.0000"), (0.02044, "$0.0204"), (1234.5, "$1,234.5000")]
)
def test_a_cost_that_nobody_knows_is_not_nothing(details, cost, shown):
    assert details(cost_usd=cost)["Cost"] == shown


def test_tokens_are_told_with_what_the_cache_held_of_them(details):
    said = details(**CLAUDE, input_tokens=12_318, cached_tokens=8_220, output_tokens=196)
    assert said["Tokens"] == "12,318 in (8,220 from the cache), 196 out"


def test_rules_alone_used_no_tokens(details):
    assert "Tokens" not in details()


@pytest.mark.parametrize(("times", "words"), [(1, "1 request, under way"), (3, "3 requests, under way")])
def test_what_may_have_been_paid_twice_is_said(details, times, words):
    assert details(asked_again=times)["Perhaps paid twice"].startswith(words)


def test_what_was_paid_once_is_not_made_a_topic(details):
    assert "Perhaps paid twice" not in details(asked_again=0)


def test_each_stage_says_how_long_it_took(details):
    said = details(stage_seconds={"transcription": 4.23, "analysis": 75.0})
    assert (said["Time for transcription"], said["Time for analysis"]) == ("4.2 s", "1:15")
