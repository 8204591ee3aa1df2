"""What every answer tells the browser to refuse."""

import re

import pytest


@pytest.mark.parametrize("path", ["/login", "/healthz", "/calls", "/api/v1/x", "/setup"])
def test_every_answer_carries_the_headers(visitor, path):
    headers = visitor().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"
    assert "microphone=()" in headers["permissions-policy"]


def test_pages_may_load_nothing_from_elsewhere_and_run_no_script_written_into_them(visitor, ann):
    policy = visitor(ann).get("/calls").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["connect-src"] == "'self'"
    assert "'unsafe-inline'" not in rules["script-src"]
    assert re.search(r"'sha256-[\w+/=]{44}'", rules["script-src"]), "Streamlit's own inline script, by hash"
    assert not re.search(r"https?:|\*", policy)


def test_an_answers_own_header_is_kept(visitor):
    policy = visitor().get("/login").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert policy.count("default-src") == 1
