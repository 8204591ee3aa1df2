from datetime import UTC, datetime
from math import inf

import pytest

from pipeline.outcome import Fault
from pipeline.refusals import broken_off, refused, retry_after, unreachable

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def answer(status: int, said: str = "", **headers: str):
    return refused(
        "Deepgram", "DEEPGRAM_API_KEY", status, said, {name.replace("_", "-"): headers[name] for name in headers}
    )


@pytest.mark.parametrize("status", [401, 402, 403])
def test_what_is_the_account_s_is_waited_out(status):
    assert answer(status).fault is Fault.ACCOUNT


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_what_passes_is_tried_again(status):
    assert answer(status).fault is Fault.PASSING


@pytest.mark.parametrize("status", [400, 404, 411, 413, 415, 422])
def test_what_is_wrong_with_the_recording_fails_at_once(status):
    assert answer(status).fault is Fault.RECORDING


def test_the_words_name_the_provider_the_key_and_what_it_said():
    said = str(answer(401, "Invalid\ncredentials."))
    assert (
        said
        == "Deepgram refuses the key (401: Invalid credentials). Check DEEPGRAM_API_KEY; calls wait until it is right."
    )


def test_a_provider_s_own_words_are_kept_short():
    assert len(str(answer(500, "x" * 10_000))) < 400


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7.0),
        ("Wed, 25 Nov 2026 12:01:00 GMT", 60.0),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("\u00b2", None),
        ("9" * 400, inf),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(given, seconds):
    assert retry_after({"Retry-After": given}, NOON) == seconds


def test_no_header_is_no_wish():
    assert retry_after({}, NOON) is None
    assert answer(429).retry_after is None


def test_a_wish_travels_with_the_error_whatever_the_case_of_its_header():
    assert answer(429, RETRY_AFTER="12").retry_after == 12.0


def test_nobody_there_and_a_broken_answer_are_told_apart():
    assert unreachable("Claude", "Connection refused").fault is Fault.AWAY
    assert broken_off("Claude", "").fault is Fault.PASSING
