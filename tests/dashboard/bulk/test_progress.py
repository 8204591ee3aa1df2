"""How far, how fast and how long, in words; and that counting stays cheap however many look."""

from datetime import timedelta

import pytest

from dashboard.bulk import progress, tallies
from records import bulk_counts, db
from records.bulk import BulkJob
from records.bulk_counts import Counts, Tally
from records.statuses import CallStatus

PENDING, COMPLETED = CallStatus.PENDING, CallStatus.COMPLETED


def job(minutes: float = 10, **facts) -> BulkJob:
    return BulkJob(id=1, campaign_id=1, expected=100, created_at=db.now() - timedelta(minutes=minutes), **facts)


def tally(lately: int = 0, *, expected: int = 100, pending: int = 40, done: int = 60) -> Tally:
    return Tally(Counts(expected, pending + done, calls={PENDING: pending, COMPLETED: done}), done_lately=lately)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute left"),
        (29, "less than a minute left"),
        (31, "about 1 minute left"),
        (170, "about 3 minutes left"),
        (3700, "about 1 hour left"),
        (40 * 3600, "about 40 hours left"),
        (9 * 86400, "about 9 days left"),
    ],
)
def test_time_left_is_told_no_more_exactly_than_it_is_known(seconds, words):
    assert progress.left(seconds) == words


@pytest.mark.parametrize(
    ("minutes", "counted", "words"),
    [
        (10, tally(50), "10 recordings a minute, about 4 minutes left"),
        (10, tally(5), "1 recording a minute, about 40 minutes left"),
        (10, tally(1), "12 recordings an hour, about 3 hours left"),
        (1, tally(30), "30 recordings a minute, about 1 minute left"),
        (10, tally(50, expected=200), "10 recordings a minute, about 14 minutes left"),
        (0.2, tally(5), ""),
        (0.5, tally(0), ""),
        (10, tally(0), "Nothing was finished lately"),
        (10, tally(0, pending=0, done=0), "Waiting for the first file"),
    ],
)
def test_the_speed_is_that_of_the_last_minutes(minutes, counted, words):
    assert progress.pace(job(minutes), counted) == words


def test_what_a_cancelled_job_waits_for_will_not_come():
    counts = Counts(100, 60, cancelled=20, calls={COMPLETED: 40})
    assert progress.done(counts, cancelled=False) == "60 of 100"
    assert progress.done(counts, cancelled=True) == "60 of 60"
    assert (progress.share(counts, cancelled=False), progress.share(counts, cancelled=True)) == (0.6, 1.0)
    assert progress.share(Counts(0), cancelled=False) == 0.0


@pytest.fixture
def counted(monkeypatch) -> list[int]:
    """How many jobs were counted, look by look."""
    looks: list[int] = []

    def count(_session: object, jobs: list[BulkJob]) -> dict[int, Tally]:
        looks.append(len(jobs))
        return {each.id or 0: tally() for each in jobs}

    monkeypatch.setattr(bulk_counts, "tallies", count)
    tallies.forget()
    return looks


def test_many_who_look_at_once_cost_one_count(counted, monkeypatch):
    one = job()
    for _ in range(20):
        tallies.of(None, [one])  # type: ignore[arg-type]
    assert counted == [1]
    monkeypatch.setattr(tallies, "monotonic", lambda: 1e9)
    tallies.of(None, [one])  # type: ignore[arg-type]
    assert counted == [1, 1]


def test_only_what_is_not_known_is_counted_and_an_act_counts_anew(counted):
    one, other = job(), job(20)
    other.id = 2
    tallies.of(None, [one])  # type: ignore[arg-type]
    assert set(tallies.of(None, [one, other])) == {1, 2}  # type: ignore[arg-type]
    one.cancelled_at = db.now()
    tallies.of(None, [one, other])  # type: ignore[arg-type]
    tallies.forget()
    tallies.of(None, [one, other])  # type: ignore[arg-type]
    assert counted == [1, 1, 1, 2]
    assert tallies.of(None, []) == {}  # type: ignore[arg-type]


def test_no_more_jobs_are_remembered_than_there_is_room_for(counted, monkeypatch):
    monkeypatch.setattr(tallies, "MOST", 3)
    for number in range(1, 8):
        one = job()
        one.id = number
        assert tallies.of(None, [one])[number] == tally()  # type: ignore[arg-type]
    assert len(tallies._kept) <= 3


def test_a_cancelled_job_moves_until_what_had_begun_is_done():
    off = job(cancelled_at=db.now())
    assert tallies.moving(off, tally(pending=1))
    assert not tallies.moving(off, tally(pending=0))
    assert not tallies.moving(job(), tally(expected=60, pending=0))
