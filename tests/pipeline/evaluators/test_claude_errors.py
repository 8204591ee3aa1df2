import json
import logging
import socket

import pytest

from config import settings
from pipeline.evaluators.claude import configured
from pipeline.outcome import Fault
from tests.pipeline.evaluators.claude_judging import PASS, call, error, judge, one, server, verdicts, wanting
from tests.simulators.server import Trouble


def trouble(status: int, kind: str, words: str, **facts) -> Trouble:
    body = {"type": "error", "error": {"type": kind, "message": words, "details": None}, "request_id": "r"}
    headers = {"content-type": "application/json", "request-id": "r", **facts.pop("headers", {})}
    return Trouble(status, json.dumps(body).encode(), headers, **facts)


def test_a_wrong_key_is_the_account_s_and_is_repeated_nowhere(claude, caplog):
    caplog.set_level(logging.DEBUG, logger="pipeline")
    failure = error(claude, key="sk-wrong-1234")
    assert failure.fault is Fault.ACCOUNT
    assert str(failure) == (
        "Claude refuses the key (401: invalid x-api-key). Check ANTHROPIC_API_KEY; calls wait until it is right."
    )
    assert "sk-wrong" not in caplog.text
    assert not claude.paid


def test_a_server_that_repeats_the_key_is_not_quoted_with_it(claude):
    claude.troubles.append(trouble(403, "permission_error", f"{claude.key} may not do this"))
    assert "(403: *** may not do this)" in str(error(claude))


@pytest.mark.parametrize("key", ["sk-ü", "sk a", "sk\nb"])
def test_a_key_with_characters_that_no_key_has_is_never_sent(claude, key):
    failure = error(claude, key=key)
    assert failure.fault is Fault.ACCOUNT
    assert "ANTHROPIC_API_KEY" in str(failure)
    assert key not in str(failure)
    assert not claude.seen


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (402, "billing_error", "Payment required"),
        (400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    ],
)
def test_an_account_without_credit_is_waited_out(claude, status, kind, words):
    claude.troubles.append(trouble(status, kind, words))
    failure = error(claude)
    assert failure.fault is Fault.ACCOUNT
    assert "no credit left" in str(failure)


def test_a_model_that_does_not_exist_is_named_with_its_setting(claude):
    failure = error(claude, model="claude-sonet-5")
    assert failure.fault is Fault.ACCOUNT
    assert "no model 'claude-sonet-5'" in str(failure)
    assert "Check ANTHROPIC_MODEL" in str(failure)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((408, "timeout_error"), (409, "conflict_error"), (429, "rate_limit_error"), (500, "api_error")),
        *((503, "api_error"), (504, "timeout_error"), (529, "overloaded_error")),
    ],
)
def test_what_passes_is_a_passing_error_and_the_sdk_does_not_try_again_itself(claude, status, kind):
    claude.troubles.append(trouble(status, kind, "Not now", headers={"retry-after": "7"}))
    failure = error(claude)
    assert failure.fault is Fault.PASSING
    assert failure.retry_after == 7
    assert len(claude.seen) == 1


@pytest.mark.parametrize("status", [400, 422])
def test_a_request_that_will_never_be_accepted_fails_at_once_in_words(claude, status):
    claude.troubles.append(trouble(status, "invalid_request_error", "output_config: not supported by this model"))
    failure = error(claude)
    assert failure.permanent
    assert f"({status}: output_config: not supported by this model)" in str(failure)
    assert "ANTHROPIC_MODEL" in str(failure)
    assert "recording" not in str(failure), "it is not the recording's fault"


def test_an_error_that_is_no_json_is_told_in_short(claude):
    claude.troubles.append(Trouble(502, b"<html>" + b"Bad gateway " * 500, {"content-type": "text/html"}))
    failure = error(claude)
    assert failure.fault is Fault.PASSING
    assert len(str(failure)) < 400


def test_nobody_at_the_address_is_an_outage(claude):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        failure = error(claude, address=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert failure.fault is Fault.AWAY


@pytest.mark.parametrize(
    "address",
    [
        "no-such-host.invalid",
        "http://no-such-host.invalid",
        "ftp://localhost",
        "http://a:b:c",
        "http://[::1",
        "http://h:99999999",
    ],
)
def test_an_address_that_is_none_is_an_outage_too(claude, address):
    assert error(claude, address=address).fault is Fault.AWAY


def test_an_answer_that_does_not_come_in_time_is_a_passing_error(claude):
    claude.troubles.append(Trouble(wait_s=0.3))
    failure = error(claude, seconds=0.1)
    assert failure.fault is Fault.PASSING
    assert "nothing came for 0.1 s" in str(failure)


def test_an_answer_that_breaks_off_is_a_passing_error(claude):
    claude.troubles.append(Trouble(200, b'{"content": [', {"content-type": "application/json"}, half=True))
    assert error(claude).fault is Fault.PASSING


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"{}", b"[1]", b"\xff\xfe", b'{"content": 3}', b'{"content": ["text"]}', b"<html></html>"),
        b'{"content": [], "usage": {"input_tokens": "many"}}',
        b'{"content": [], "usage": {"input_tokens": -1}}',
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_an_answer_that_is_none_is_a_passing_error(claude, body, kind):
    claude.troubles.append(Trouble(200, body, {"content-type": kind}))
    failure = error(claude)
    assert failure.fault is Fault.PASSING
    assert str(failure).startswith("Claude did not answer in full: ")


def test_a_server_without_key_schema_cache_and_usage_is_judged_by_as_well(claude):
    """As Ollama: JSON in a fence with talk around it, any model's name, and hardly a count of tokens."""
    claude.bare = True
    claude.dress = lambda message: {
        "content": [
            {"type": "thinking", "thinking": "Hm."},
            {"type": "text", "text": f"Sure!\n```json\n{message['content'][0]['text']}\n```\nAnything else?"},
        ],
        "role": "assistant",
    }
    judgement = judge(claude, call(), wanting("thank you", "refund"), key="none", model="qwen3:8b")
    assert [verdict.value for verdict in verdicts(judgement)] == ["pass", "fail"]
    usage = judgement.usage
    assert (usage.model, usage.input_tokens, usage.output_tokens, usage.cost_usd) == ("qwen3:8b", 0, 0, None)


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
def test_the_address_may_end_as_people_write_it(claude, monkeypatch, ending):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", claude.url + ending)
    monkeypatch.setenv("ANTHROPIC_API_KEY", f"{claude.key}\n")
    settings.cache_clear()
    finding = configured().evaluate(call(), wanting("thank you")).value.findings[0]
    assert finding.verdict is PASS


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": 5}, {"input_tokens": 5, "cache_read_input_tokens": None}])
def test_counts_that_are_left_out_are_zero(claude, usage):
    claude.dress = lambda message: {**message, "usage": usage}
    assert one(claude).verdict is PASS


def test_the_key_is_in_no_representation(claude):
    assert claude.key not in repr(server(claude))
