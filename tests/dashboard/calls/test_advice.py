"""What a call that failed or waits for long says to try."""

from datetime import timedelta

import pytest

from dashboard.calls import advice
from dashboard.calls.advice import after_failure, while_pending
from pipeline import conductor
from pipeline.children import ChildFailed
from pipeline.outcome import Fault, ProviderError
from pipeline.sound.contract import Flaw, NotARecording
from pipeline.storage import StorageAway
from records.bulk_counts import CANCELLED
from records.calls import CallEvent
from records.db import now
from records.statuses import CallStatus

KNOWN = {"recording", "provider", "unreadable", "storage", CANCELLED, *Flaw}


def event(became: CallStatus, minutes: float, was: CallStatus | None = None) -> CallEvent:
    return CallEvent(call_id="x", run_number=1, was=was, became=became, at=now() - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "error",
    [
        NotARecording(Flaw.EMPTY, "x"),
        ProviderError("x"),
        ProviderError("x", fault=Fault.RECORDING),
        ChildFailed("x"),
        StorageAway("x"),
        FileNotFoundError("x"),
    ],
)
def test_every_way_to_fail_has_advice_of_its_own(error):
    told = after_failure(conductor.code_for(error), has_transcript=False, may_rerun=True)
    assert told != list(advice._ELSE)


@pytest.mark.parametrize("code", sorted(KNOWN))
def test_what_is_known_has_words(code):
    assert after_failure(code, has_transcript=False, may_rerun=True)


@pytest.mark.parametrize("code", ["internal", "worker", "what nobody has heard of", None])
def test_what_is_not_known_is_tried_again(code):
    assert "try again" in after_failure(code, has_transcript=False, may_rerun=True)[0]


def test_with_a_transcript_the_analysis_goes_on_unless_the_file_is_at_fault():
    assert after_failure("provider", has_transcript=True, may_rerun=True)[0] == advice.GOES_ON
    assert after_failure("empty", has_transcript=True, may_rerun=True) == [advice.OTHER_FILE]


def test_who_may_not_rerun_is_told_whom_to_ask():
    assert after_failure("provider", has_transcript=True, may_rerun=False) == [advice.ASK]
    late = [event(CallStatus.PENDING, 11)]
    assert while_pending(CallStatus.PENDING, late, may_rerun=False) == [advice.WAIT, advice.THEN_ASK]


@pytest.mark.parametrize(
    ("status", "came", "late"),
    [
        (CallStatus.PENDING, [(11, None)], True),
        (CallStatus.PENDING, [(9, None)], False),
        (CallStatus.PENDING, [], False),
        (CallStatus.TRANSCRIBING, [(60, None)], False),
        (CallStatus.PENDING, [(60, None), (2, CallStatus.FAILED)], False),
        (CallStatus.PENDING, [(60, None), (2, CallStatus.PENDING)], True),
    ],
)
def test_pending_for_more_than_ten_minutes_since_it_last_became_so_is_long(status, came, late):
    events = [event(CallStatus.PENDING, minutes, was) for minutes, was in came]
    assert bool(while_pending(status, events, may_rerun=True)) is late
