"""The web process's log: requests and Streamlit's own words in our form, and no secret of an address."""

import json
import logging

import httpx
import pytest
from streamlit import logger as loggers

from dashboard import streamlit_log
from tests.website import page_socket, run_page, website

SECRET = "s" * 43


@pytest.mark.parametrize("options", [[], pytest.param(["--api-only"], marks=pytest.mark.long)])
def test_requests_are_logged_without_what_only_their_sender_may_know(home, options):
    asked = {"TOTALVIEW_LOG_FORMAT": "json", "TOTALVIEW_ACCESS_LOG": "true"}
    with website(home, options=options, **asked) as site:
        httpx.get(f"{site.address}/welcome?token={SECRET}")
        httpx.post(f"{site.address}/api/v1/callbacks/7/{SECRET}")
        httpx.get(f"{site.address}/call%0Aforged")
        if not options:
            with page_socket(site) as opened:
                run_page(opened)
        text = site.said.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    requests = [line for line in lines if line["logger"] == "uvicorn.access"]
    assert [line["path"] for line in requests][:3] == ["/welcome", "/api/v1/callbacks/7/***", "/call%0Aforged"]
    assert {(line["method"], line["client"].split(":")[0]) for line in requests} >= {("GET", "127.0.0.1")}
    assert requests[1]["status"] in {404, 410}
    assert SECRET not in text


def test_without_the_setting_requests_are_not_logged(home):
    with website(home) as site:
        httpx.get(f"{site.address}/healthz")
        assert site.said.read_text() == ""


def test_streamlits_loggers_speak_through_ours(monkeypatch):
    monkeypatch.setattr(loggers, "setup_formatter", loggers.setup_formatter)
    before = {name: (logger.propagate, logger.handlers[:], logger.level) for name, logger in loggers._loggers.items()}
    try:
        streamlit_log.join()
        late = loggers.get_logger("streamlit.made_later")
        for logger in (late, *loggers._loggers.values()):
            assert logger.propagate, logger.name
            assert getattr(logger, "streamlit_console_handler", None) not in logger.handlers
        assert logging.getLogger("uvicorn.error").level == logging.WARNING
    finally:
        for name, (propagate, handlers, level) in before.items():
            logger = logging.getLogger(name)
            logger.propagate, logger.handlers[:] = propagate, handlers
            logger.setLevel(level)
