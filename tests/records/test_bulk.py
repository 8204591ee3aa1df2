"""Bulk jobs: what came of their recordings, and where they stand by that."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import select

from pipeline.webhooks import events
from records import access, bulk, bulk_counts, db
from records.bulk import BulkItem, BulkJob, JobCancelled
from records.bulk_counts import Counts, standing
from records.calls import Call
from records.campaigns import Campaign, NotUsable
from records.identity import COMMAND_LINE, NotAllowed, NotFound
from records.roles import Role
from records.statuses import BulkStatus, CallStatus
from tests.records.made import person, stored_call

COMPLETED, FAILED, PENDING = CallStatus.COMPLETED, CallStatus.FAILED, CallStatus.PENDING


@pytest.fixture
def job(database, campaign: Campaign) -> BulkJob:
    """Five recordings were announced."""
    with db.writing() as session:
        return bulk.create(session, COMMAND_LINE, campaign.slug, expected=5, name="March")


def arrived(job: BulkJob, name: str = "", *, duplicate: bool = False, **facts) -> str:
    """A call that came in by the job; its id."""
    with db.writing() as session:
        call = stored_call(session, session.get_one(Campaign, job.campaign_id), **facts)
        bulk.note_call(session, job.id or 0, name or call.filename, call.id, duplicate=duplicate)
        return call.id


def refused(job: BulkJob, name: str, code: str = "not_audio", words: str = "This is no sound.") -> None:
    with db.writing() as session:
        bulk.note_refusal(session, job.id or 0, name, code, words)


def counted(job: BulkJob) -> Counts:
    with db.reading() as session:
        return bulk_counts.tally(session, job).counts


def failures(job: BulkJob) -> list[tuple[str, str, int]]:
    with db.reading() as session:
        found = bulk_counts.tally(session, job).failures
        return [(failure.code, failure.words, failure.count) for failure in found]


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, "queued"),
        ({"arrived": 1, "calls": {PENDING: 1}}, "processing"),
        ({"arrived": 1, "calls": {COMPLETED: 1}}, "processing"),
        ({"arrived": 2, "calls": {COMPLETED: 1, CallStatus.ANALYZING: 1}}, "processing"),
        ({"refused": 1}, "processing"),
        ({"arrived": 2, "calls": {COMPLETED: 2}}, "completed"),
        ({"arrived": 2, "duplicates": 2}, "completed"),
        ({"arrived": 3, "calls": {COMPLETED: 3}}, "completed"),
        ({"arrived": 2, "calls": {COMPLETED: 1, FAILED: 1}}, "failed"),
        ({"arrived": 1, "refused": 1, "calls": {COMPLETED: 1}}, "failed"),
        ({"arrived": 2, "calls": {COMPLETED: 1, PENDING: 1}, "refused": 1}, "processing"),
        ({"arrived": 2, "calls": {COMPLETED: 1}, "cancelled": 1}, "completed"),
    ],
)
def test_a_job_stands_where_its_recordings_stand(facts, status):
    assert standing(Counts(2, **facts), cancelled=False, overdue=False) == status


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, "failed"),
        ({"arrived": 1, "calls": {COMPLETED: 1}}, "failed"),
        ({"arrived": 1, "calls": {PENDING: 1}}, "processing"),
        ({"arrived": 2, "calls": {COMPLETED: 2}}, "completed"),
    ],
)
def test_what_has_not_come_after_a_day_has_failed(facts, status):
    assert standing(Counts(2, **facts), cancelled=False, overdue=True) == status


numbers = st.integers(0, 3)


@given(
    expected=st.integers(1, 5),
    calls=st.dictionaries(st.sampled_from(CallStatus), numbers),
    duplicates=numbers,
    refused=numbers,
    cancelled=numbers,
    overdue=st.booleans(),
)
def test_a_job_is_completed_only_when_nothing_is_on_its_way_missing_refused_or_failed(  # noqa: PLR0917  hypothesis
    expected, calls, duplicates, refused, cancelled, overdue
):
    arrived = sum(calls.values()) + duplicates + cancelled
    counts = Counts(expected, arrived, duplicates, refused, cancelled, calls)
    status = standing(counts, cancelled=False, overdue=overdue)
    fine = not refused and not calls.get(FAILED) and arrived >= expected
    done = all(not number for state, number in calls.items() if state not in {COMPLETED, FAILED})
    assert (status is BulkStatus.COMPLETED) == (fine and done)
    if status is BulkStatus.FAILED:
        assert done
    assert standing(counts, cancelled=True, overdue=overdue) is BulkStatus.CANCELLED


def test_what_came_is_counted_by_what_became_of_it(job):
    arrived(job)
    arrived(job, status=COMPLETED)
    arrived(job, status=FAILED, error_code="no_speech", error="Nobody speaks.")
    arrived(job, status=FAILED, error_code="cancelled", error="Cancelled by ann.")
    arrived(job, duplicate=True, status=FAILED, error_code="no_speech", error="Nobody speaks.")
    refused(job, "notes.txt")
    found = counted(job)
    assert (found.expected, found.arrived, found.duplicates, found.refused, found.cancelled) == (5, 5, 1, 1, 1)
    assert dict(found.calls) == {PENDING: 1, COMPLETED: 1, FAILED: 1}
    assert (found.missing, found.on_their_way, found.failed) == (0, 1, 1)


def test_a_job_of_which_nothing_came_counts_nothing(job):
    assert counted(job) == Counts(5)
    assert failures(job) == []


def test_failures_are_grouped_by_kind_with_the_words_of_one(job):
    for number in range(3):
        refused(job, f"{number}.txt")
    arrived(job, status=FAILED, error_code="no_speech", error="Nobody speaks.")
    arrived(job, status=FAILED, error_code="cancelled", error="Cancelled by ann.")
    arrived(job, status=COMPLETED)
    assert failures(job) == [("not_audio", "This is no sound.", 3), ("no_speech", "Nobody speaks.", 1)]


def test_no_more_kinds_of_failure_are_told_than_anybody_reads(job):
    for number in range(30):
        refused(job, f"{number}.txt", code=f"code_{number}")
    assert len(failures(job)) == bulk_counts.MOST_FAILURES


def test_recordings_that_never_came_are_a_failure_after_a_day(job):
    arrived(job, status=COMPLETED)
    with db.writing() as session:
        session.get_one(BulkJob, job.id).created_at -= timedelta(hours=25)
        job = session.get_one(BulkJob, job.id)
    assert bulk_counts.overdue(job)
    assert [(code, count) for code, _words, count in failures(job)] == [("never_came", 4)]


def test_a_file_that_was_refused_and_then_taken_is_no_failure_any_more(job):
    refused(job, "a.wav")
    refused(job, "b.wav")
    arrived(job, "a.wav")
    assert (counted(job).arrived, counted(job).refused) == (1, 1)


def test_files_of_one_name_from_several_folders_are_refused_each_for_itself(job):
    refused(job, "Thumbs.db")
    refused(job, "Thumbs.db")
    assert counted(job).refused == 2


def test_a_file_sent_twice_because_its_answer_was_lost_counts_once(job):
    call = arrived(job, "a.wav")
    with db.writing() as session:
        bulk.note_call(session, job.id or 0, "a.wav", call, duplicate=True)
        bulk.note_call(session, job.id or 0, "copy of a.wav", call, duplicate=True)
    assert (counted(job).arrived, counted(job).duplicates) == (2, 1)


def test_a_cancelled_job_takes_no_recordings_and_the_call_does_not_enter(job):
    with db.writing() as session:
        session.get_one(BulkJob, job.id).cancelled_at = db.now()
    with pytest.raises(JobCancelled, match="was cancelled"):
        arrived(job)
    with db.reading() as session:
        assert (session.exec(select(BulkItem)).all(), session.exec(select(Call)).all()) == ([], [])


def test_ten_thousand_recordings_cost_as_many_queries_as_one(job):
    def queries() -> int:
        asked: list[str] = []
        with db.reading() as session:
            event.listen(session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2]))
            bulk_counts.tally(session, job)
        return len(asked)

    arrived(job)
    before = queries()
    for number in range(20):
        refused(job, f"{number}.txt")
        arrived(job, status=FAILED, error_code=f"code_{number}", error="Broken.")
    assert queries() == before == 1


def test_a_job_is_there_for_those_who_may_see_its_campaign(job):
    with db.writing() as session:
        campaign = session.get_one(Campaign, job.campaign_id)
        mine = access.identity(session, person(session, Role.MANAGER, campaign))
        strangers = access.identity(session, person(session, Role.MANAGER))
    with db.reading() as session:
        assert bulk.job(session, mine, job.id or 0).name == "March"
        for who, number in ((strangers, job.id or 0), (mine, 99), (mine, 0), (mine, -(10**30)), (mine, 10**30)):
            with pytest.raises(NotFound, match="There is no such bulk job"):
                bulk.job(session, who, number)


def test_who_may_not_upload_makes_no_job_and_a_name_must_be_one_line(database, campaign):
    with db.writing() as session:
        outsider = access.identity(session, person(session, Role.MANAGER))
        agent = access.identity(session, person(session, Role.AGENT))
    for who in (outsider, agent):
        with db.reading() as session, pytest.raises((NotFound, NotAllowed)):
            bulk.create(session, who, campaign.slug, expected=1)
    with db.reading() as session, pytest.raises(NotUsable, match="A bulk job's name"):
        bulk.create(session, COMMAND_LINE, campaign.slug, expected=1, name="two\nlines")


def test_calls_called_off_bear_the_code_that_webhooks_leave_out():
    assert bulk_counts.CANCELLED == events.CANCELLED
