"""The judge of faults sees what it is there to see."""

from collections import Counter
from dataclasses import replace

from records.statuses import CallStatus
from tests.faults.verdict import CallFacts, judge

FINE = CallFacts("aa", CallStatus.COMPLETED)
TWO = (FINE, replace(FINE, recording="bb"))
PAID = {"ASSEMBLYAI": Counter("aa" for _ in range(1)), "DEEPGRAM": Counter(bb=1), "ANTHROPIC": Counter(aa=1, bb=1)}


def test_calls_that_are_completed_once_and_paid_once_break_nothing():
    told = judge({"aa", "bb"}, TWO, PAID)
    assert told.broken == []
    assert (told.accepted, told.completed, told.failed, told.paid_again) == (2, 2, 0, 0)


def test_an_accepted_recording_without_a_call_is_lost():
    assert judge({"aa", "bb"}, [FINE], PAID).lost == ("bb: no call",)


def test_an_unfinished_call_is_lost_and_without_a_job_it_is_forgotten():
    stuck = replace(FINE, status=CallStatus.TRANSCRIBING, versions=0)
    told = judge({"aa"}, [stuck], {})
    assert (told.lost, told.forgotten) == (("aa: transcribing",), ())
    told = judge({"aa"}, [replace(stuck, looked_after=False)], {})
    assert told.forgotten == ("aa: transcribing",)
    assert len(told.broken) == 2


def test_a_failure_counts_as_an_end_only_where_its_reason_is_true():
    failed = replace(FINE, status=CallStatus.FAILED, error_code="provider", error="It says no.", versions=0)
    told = judge({"aa"}, [failed], {}, may_fail={"provider"})
    assert (told.failed, told.lost, told.broken) == (1, (), [])
    assert judge({"aa"}, [failed], {}, may_fail={"storage"}).lost == ("aa: failed provider It says no.",)
    assert judge({"aa"}, [replace(failed, error="")], {}, may_fail={"provider"}).lost == ("aa: failed provider",)


def test_two_calls_of_one_recording_are_seen():
    assert judge({"aa"}, [FINE, FINE], {}).duplicated == ("aa: 2 calls",)


def test_what_a_call_has_twice_is_seen():
    for doubled in ("runs", "versions", "transcripts"):
        told = judge({"aa"}, [replace(FINE, **{doubled: 2})], {})
        assert f"'{doubled}': 2" in told.duplicated[0]
    assert judge({"aa"}, [replace(FINE, versions=0)], {}).duplicated, "Completed without a version"


def test_what_is_paid_twice_breaks_unless_the_call_shows_it():
    twice = {**PAID, "ANTHROPIC": Counter(aa=2, bb=1)}
    told = judge({"aa", "bb"}, TWO, twice)
    assert (told.paid_again, told.paid_twice) == (0, ("aa: 1 more than it shows",))
    told = judge({"aa", "bb"}, [replace(FINE, asked_again=1), TWO[1]], twice)
    assert (told.paid_again, told.paid_twice, told.broken) == (1, (), [])


def test_one_call_s_count_does_not_excuse_another_s_bill():
    twice = {**PAID, "ANTHROPIC": Counter(aa=1, bb=2)}
    told = judge({"aa", "bb"}, [replace(FINE, asked_again=1), TWO[1]], twice)
    assert told.paid_twice == ("bb: 1 more than it shows",)


def test_both_providers_of_a_call_are_held_to_one_payment():
    twice = {**PAID, "ASSEMBLYAI": Counter(aa=2), "ANTHROPIC": Counter(aa=2, bb=1)}
    told = judge({"aa", "bb"}, [replace(FINE, asked_again=1), TWO[1]], twice)
    assert (told.paid_again, told.paid_twice) == (1, ("aa: 1 more than it shows",))


def test_a_bill_for_what_nobody_knows_is_no_bill_that_passes():
    assert judge({"aa"}, [FINE], {"ANTHROPIC": Counter({"?": 2})}).paid_twice == ("?: 2 more than it shows",)


def test_wrong_answers_to_uploads_break():
    assert judge({"aa"}, [FINE], {}, wrong_answers=["aa: 500"]).broken == ["answered wrongly: 1 (aa: 500)"]
