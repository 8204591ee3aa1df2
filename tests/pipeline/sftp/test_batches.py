"""When a batch is closed and how it ends, for every way in which it may stand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sftp.batches import Close, Hold, Outcome, Standing, Take, decide, ended
from pipeline.sftp.usual import Share, alarm
from records.statuses import SftpBatchStatus as Status

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
OPEN = Standing(
    csv_required=True,
    forced=False,
    closes_at=NOW + timedelta(minutes=1),
    unsettled=0,
    recordings=3,
    sheets=0,
    named=0,
    missing=0,
)
OVER = replace(OPEN, closes_at=NOW)


def held(batch: Standing) -> Status:
    decision = decide(batch, NOW)
    assert isinstance(decision, Hold)
    return decision.status


def taken(batch: Standing) -> Take:
    decision = decide(batch, NOW)
    assert isinstance(decision, Close)
    return decision.take


def test_what_is_only_watched_holds_its_batch_even_over_its_window():
    assert held(replace(OVER, recordings=0, unsettled=2)) is Status.DETECTING
    assert held(replace(OVER, recordings=0, unsettled=2, forced=True)) is Status.DETECTING


def test_within_the_window_a_batch_says_what_it_waits_for():
    assert held(OPEN) is Status.WAITING_FOR_CSV
    assert held(replace(OPEN, csv_required=False)) is Status.DETECTING
    assert held(replace(OPEN, sheets=1, named=2, missing=1)) is Status.WAITING_FOR_FILES
    assert held(replace(OPEN, csv_required=False, sheets=1, missing=1)) is Status.WAITING_FOR_FILES


def test_a_csv_whose_recordings_are_all_there_closes_the_batch_early():
    assert taken(replace(OPEN, sheets=1, named=2)) is Take.NAMED
    assert held(replace(OPEN, sheets=1, named=0)) is Status.WAITING_FOR_CSV  # it names nothing


def test_at_the_end_of_the_window_the_rule_about_csvs_decides():
    assert taken(OVER) is Take.CSV_ONLY
    assert taken(replace(OVER, csv_required=False)) is Take.ALL
    assert taken(replace(OVER, sheets=1, named=1, missing=1)) is Take.CSV_ONLY


def test_a_person_may_end_the_window_and_then_needs_no_csv():
    assert taken(replace(OPEN, forced=True)) is Take.ALL


@pytest.mark.parametrize(
    ("outcome", "status", "words"),
    [
        (Outcome(completed=3, duplicates=1, skipped=2), Status.COMPLETED, "Every file was processed."),
        (Outcome(completed=2, failed=1), Status.INCOMPLETE, "1 failed."),
        (Outcome(failed=2, left_out=1), Status.FAILED, "2 failed; 1 left out, since no CSV names them."),
        (Outcome(left_out=1200), Status.INCOMPLETE, "1,200 left out, since no CSV names them."),
        (Outcome(completed=1, missing=2), Status.INCOMPLETE, "2 named by a CSV and never found."),
        (Outcome(completed=1, gone=1), Status.INCOMPLETE, "1 gone from the server before their import."),
        (Outcome(completed=1, bad_rows=1), Status.INCOMPLETE, "1 line of a CSV could not be used."),
        (Outcome(), Status.COMPLETED, "Every file was processed."),
    ],
)
def test_how_a_batch_ended(outcome: Outcome, status: Status, words: str):
    assert ended(outcome) == (status, words)


standings = st.builds(
    Standing,
    csv_required=st.booleans(),
    forced=st.booleans(),
    closes_at=st.sampled_from([NOW, NOW + timedelta(minutes=1)]),
    **{name: st.integers(0, 3) for name in ("unsettled", "recordings", "sheets", "named", "missing", "others")},
)


@given(standings)
def test_no_batch_waits_for_ever_and_none_takes_unnamed_recordings_where_a_csv_is_required(batch: Standing):
    decision = decide(batch, NOW)
    something = batch.recordings or batch.sheets or batch.others or not batch.unsettled
    if something and batch.closes_at <= NOW:
        assert isinstance(decision, Close)
    if isinstance(decision, Close):
        assert something
        if batch.csv_required and not batch.forced:
            assert decision.take is not Take.ALL
    else:
        assert decision.words


def test_the_alarm_is_raised_where_names_match_far_less_often_than_was_usual():
    usual = Share().with_more(100, 97)
    assert alarm(usual, 20, 19) == ""
    assert alarm(usual, 4, 0) == ""  # too few to say anything
    assert alarm(Share(10, 10), 20, 0) == ""  # nothing is usual yet
    assert alarm(usual, 20, 2).startswith("Of the last 20 file names only 10% matched the pattern; 97% was usual.")


def test_older_names_count_less():
    share = Share().with_more(2000, 2000).with_more(2000, 0)
    assert share.matched / share.seen < 0.2
