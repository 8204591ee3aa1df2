"""Metadata that can be kept by every database and answered by the API, and the rest."""

import pytest

from api.answers import CallList
from api.facts import LARGEST_METADATA
from pipeline.details import DEEPEST, LARGEST, deeper, trouble
from pipeline.intake import Facts, Refused, check


def nested(levels: int) -> object:
    """Objects within one another."""
    value: object = 1
    for _level in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("details", [{}, {"team": "north"}, {"a": [1, None, {"b": 1.5}]}, nested(DEEPEST)])
def test_what_can_be_kept_is_no_trouble(details):
    assert trouble(details) == ""
    check(Facts(details=details))


@pytest.mark.parametrize(
    ("details", "words"),
    [
        (nested(DEEPEST + 1), "within one another"),
        (nested(900), "within one another"),
        ({"a": float("nan")}, "as JSON"),
        ({"a": "\ud800"}, "as JSON"),
        ({"a": object()}, "as JSON"),
        ({"a": "x" * LARGEST}, "characters"),
    ],
)
def test_what_cannot_is_refused_in_words_whoever_brings_it(details, words):
    assert words in trouble(details)
    with pytest.raises(Refused, match=words) as refused:
        check(Facts(details=details))
    assert refused.value.code == "bad_metadata"


def test_whatever_is_kept_the_api_can_answer():
    found = CallList.model_construct(items=[nested(DEEPEST)], next_cursor=None)  # type: ignore[list-item]
    assert found.model_dump_json(warnings=False).count("{") == DEEPEST + 1


def test_depth_is_counted_from_the_outside():
    assert deeper([[[]]], 2)
    assert not deeper([[[]]], 3)
    assert not deeper("text", 0)
    assert deeper({"a": [1]}, 1)


def test_an_upload_refuses_early_what_would_be_refused_later():
    assert LARGEST == LARGEST_METADATA
