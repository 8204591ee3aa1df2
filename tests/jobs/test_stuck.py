"""What counts as stuck, and what does not; and that the words say what to do."""

from datetime import timedelta

import pytest

from config import settings
from jobs import enqueue, overview, stuck
from jobs.connection import connect
from jobs.overview import Overview, QueueState
from jobs.stuck import Seen, What
from records import db
from records.db import now
from records.runs import Run
from records.sftp_state import SftpState
from records.statuses import RunReason
from tests.installation import installed
from tests.records.made import stored_call

LONG = timedelta(minutes=15)


def queue(name: str = "analysis", **facts) -> QueueState:
    given = {"waiting": 0, "working": 0, "later": 0, "failed": 0, "threads": 4, "oldest": None, **facts}
    return QueueState(name=name, **given)


def seen(*queues: QueueState, clock: timedelta | None = timedelta(), **facts) -> Seen:
    clocks = () if clock is None else (now() - clock,)
    given = {"lost": 0, "abandoned": 0, "sweep": None, "delivery_due": None, **facts}
    return Seen(queues=Overview(queues, (), clocks), **given)


def swept(began: timedelta, ended: timedelta | None, **facts) -> SftpState:
    return SftpState(began_at=now() - began, ended_at=None if ended is None else now() - ended, **facts)


# Staged when its test runs: ages grow.
FINE = {
    "nothing": seen,
    "a queue that is worked on": lambda: seen(queue(waiting=900, working=4, oldest=now() - timedelta(minutes=9))),
    "a long queue with a thread to spare": lambda: seen(queue(waiting=900, working=3, oldest=now() - LONG)),
    "an empty queue without threads": lambda: seen(queue(threads=0)),
    "a scheduler that was heard of a minute ago": lambda: seen(clock=timedelta(seconds=60)),
    "no sweep yet": lambda: seen(sweep=SftpState()),
    "a sweep that takes long": lambda: seen(
        sweep=swept(LONG, LONG * 4, claim="x", claim_until=now() + timedelta(minutes=1))
    ),
    "a sweep of late": lambda: seen(sweep=swept(timedelta(seconds=70), timedelta(seconds=60))),
    "a delivery that is just due": lambda: seen(delivery_due=now() - timedelta(minutes=1)),
}
NOT_FINE = {
    What.SCHEDULER: (lambda: seen(clock=None), "No scheduler is running", "totalview scheduler"),
    What.QUEUE: (
        lambda: seen(queue(waiting=2, threads=0)),
        "2 jobs wait in the queue 'analysis', and no",
        "--queues analysis",
    ),
    What.BUSY: (
        lambda: seen(queue(waiting=1, working=4, oldest=now() - LONG)),
        "the first for 15 minutes: all 4",
        "more workers",
    ),
    What.RUNS: (lambda: seen(lost=1_200), "1,200 runs should have been looked at", "rescue job"),
    What.LEASES: (lambda: seen(abandoned=1), "1 run had a worker that was not heard of", "memory"),
    What.SWEEP: (
        lambda: seen(sweep=swept(timedelta(minutes=1), LONG * 20, words="Nobody answers.")),
        "has not been looked through for 5 hours. The last try: Nobody answers.",
        "totalview sftp test",
    ),
    What.DELIVERIES: (lambda: seen(delivery_due=now() - LONG), "due for 15 minutes", "webhooks"),
}


@pytest.mark.parametrize("case", FINE)
def test_what_is_not_stuck(case):
    assert stuck.judge(FINE[case]()) == []


@pytest.mark.parametrize("what", What)
def test_what_is_stuck_says_so_and_what_to_do(what):
    given, words, advice = NOT_FINE[what]
    (found,) = stuck.judge(given())
    assert found.what is what
    assert words in found.words
    assert advice in found.advice


def test_a_scheduler_from_long_ago_is_none():
    assert [one.what for one in stuck.judge(seen(clock=LONG))] == [What.SCHEDULER]


def test_without_redis_nothing_is_said_of_jobs():
    bare = Seen(queues=None, lost=0, abandoned=1, sweep=None, delivery_due=None)
    assert [one.what for one in stuck.judge(bare)] == [What.LEASES]


def test_a_rare_sweep_has_more_patience(monkeypatch):
    monkeypatch.setenv("SFTP_SWEEP_SECONDS", "3600")
    settings.cache_clear()
    assert stuck.judge(seen(sweep=swept(LONG * 4, LONG * 4))) == []
    assert stuck.judge(seen(sweep=swept(LONG * 4, LONG * 13))) != []


def run(campaign, **facts) -> Run:
    """Due for three minutes."""
    with db.writing() as session:
        call = stored_call(session, campaign)
        due = now() - timedelta(minutes=3)
        row = Run(call_id=call.id, number=1, reason=RunReason.FIRST_RUN, stage="analysis", due_at=due, **facts)
        session.add(row)
    return row


def test_a_late_run_is_stuck_only_while_no_job_stands_for_it(home, campaign):
    late = run(campaign)
    run(campaign, claim="a", lease_until=now() - timedelta(minutes=3))
    run(campaign, waits_at="claude")
    run(campaign, ended_at=now())
    with installed(home):
        found = {one.what: one.words for one in stuck.look(overview.look())}
        assert found[What.RUNS].startswith("1 run should")
        assert found[What.LEASES].startswith("1 run had")
        enqueue.Queue("analysis", connection=connect()).enqueue(enqueue.TASK, job_id=enqueue.job_id(late.id, 1))
        assert What.RUNS not in {one.what for one in stuck.look(overview.look())}
