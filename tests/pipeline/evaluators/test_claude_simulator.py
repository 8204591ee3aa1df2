"""The simulator refuses what the real API refuses, so that tests against it mean something."""

import anthropic
import pytest

from pipeline.evaluators.claude.prompt import Prompt
from pipeline.evaluators.claude.requests import body
from tests.simulators.claude import MODELS

PROMPT = Prompt("Rules.", "<scorecard>\n</scorecard>", "Material.", "A question.", kept=True)


def request(**changed) -> dict:
    return {**body(MODELS[1], PROMPT, 1000), **changed}


@pytest.fixture
def client(claude) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key=claude.key, base_url=claude.url, max_retries=0)


def cached(*ttls: str) -> list[dict]:
    return [{"type": "text", "text": "T", "cache_control": {"type": "ephemeral", "ttl": ttl}} for ttl in ttls]


def test_our_request_is_taken_and_answered_in_the_sdk_s_own_form(client):
    message = client.messages.create(**request())
    assert message.stop_reason == "end_turn"
    assert message.usage.cache_read_input_tokens == 0


def test_the_models_are_listed_with_their_lifecycle(client):
    assert {(model.id, model.lifecycle) for model in client.models.list()} == {(name, "active") for name in MODELS}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"extra_body": {"temperature": 0}}, "temperature: Extra inputs are not permitted"),
        ({"max_tokens": 1_000_000}, "max_tokens"),
        ({"system": cached("1h", "1h", "1h", "5m")}, "maximum of 4 blocks"),
        ({"system": cached("5m", "1h")}, "must not come after"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]}, "non-whitespace"),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object", "properties": {}}}}},
            "additionalProperties",
        ),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "string", "maxLength": 3}}}},
            "'maxLength' is not supported",
        ),
    ],
)
def test_a_request_that_the_api_would_refuse_is_refused(client, claude, changed, words):
    with pytest.raises(anthropic.BadRequestError, match=words):
        client.messages.create(**request(**changed), timeout=30)
    assert not claude.paid


def test_the_cache_is_read_only_where_everything_before_it_is_the_same(client):
    long = {"type": "text", "text": "word " * 1000, "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    first = client.messages.create(**request(system=[long])).usage
    same = client.messages.create(**request(system=[long])).usage
    other = client.messages.create(**request(system=[{"type": "text", "text": "!"}, long])).usage
    assert first.cache_creation.ephemeral_1h_input_tokens == 1250
    assert first.cache_creation_input_tokens == same.cache_read_input_tokens == 1252
    assert same.cache_creation_input_tokens == other.cache_read_input_tokens == 0
