"""What is stuck, so that it does not go on by itself or goes on too late: in words, with what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from redis.exceptions import RedisError

from config import settings
from jobs import enqueue
from jobs.connection import shared
from jobs.enqueue import CLOCK
from jobs.overview import Overview, QueueState
from records import census, sftp_state
from records.census import LATE
from records.db import now, reading
from records.sftp_state import SftpState, is_long_ago, sweeping

BUSY_FOR_LONG = timedelta(minutes=10)  # the manual's word for a call that is stuck
HOURS_FROM = 120  # minutes


class What(StrEnum):
    """The kinds of it."""

    SCHEDULER = "scheduler"
    QUEUE = "queue"  # nobody takes jobs from it
    BUSY = "busy"  # all who do are at work
    RUNS = "runs"
    LEASES = "leases"
    SWEEP = "sweep"
    DELIVERIES = "deliveries"


@dataclass(frozen=True)
class Stuck:
    """One thing, and what to do about it."""

    what: What
    words: str
    advice: str


@dataclass(frozen=True)
class Seen:
    """What is judged. `queues` is None while Redis is away: then nothing can be said of jobs and schedulers."""

    queues: Overview | None
    lost: int  # runs due for over two minutes with no job
    abandoned: int  # runs whose worker's lease ran out as long ago
    sweep: SftpState | None  # None: there is no SFTP server
    delivery_due: datetime | None


def look(queues: Overview | None) -> list[Stuck]:
    """What is stuck now, causes first. None: Redis is away, which is said elsewhere."""
    with reading() as session:
        late = census.late_runs(session)
        abandoned = census.abandoned_runs(session)
        sweep = sftp_state.state(session) if settings().has_sftp else None
        due = census.delivery_due(session)
    return judge(Seen(queues, _without_job(late) if queues else 0, abandoned, sweep, due))


def judge(seen: Seen) -> list[Stuck]:
    """Pure, but for the clock and the settings."""
    found = []
    if seen.queues is not None:
        found += scheduler(seen.queues)
        found += [one for queue in seen.queues.queues for one in _queue(queue)]
    return [*found, *_runs(seen), *_sweep(seen.sweep), *_deliveries(seen.delivery_due)]


def _without_job(late: list[tuple[int, int]]) -> int:
    if not late:
        return 0
    try:
        return len(set(late) - enqueue.asked_for(shared()))
    except RedisError:
        return 0


def scheduler(found: Overview) -> list[Stuck]:
    """One thing where none was heard of for a while."""
    if any(now() - heard < LATE for heard in found.clocks):
        return []
    words = "No scheduler is running: what waits for its time waits on, and nothing is rescued."
    return [Stuck(What.SCHEDULER, words, "Start `totalview up` or `totalview scheduler`.")]


def _queue(queue: QueueState) -> list[Stuck]:
    if not queue.waiting:
        return []
    jobs = f"{queue.waiting:,} job{'s wait' if queue.waiting > 1 else ' waits'} in the queue '{queue.name}'"
    if not queue.threads:
        start = f"Start `totalview up`, or `totalview worker --queues {queue.name}`."
        nothing = " (rescues and sweeps)" if queue.name == CLOCK else ""
        return [Stuck(What.QUEUE, f"{jobs}{nothing}, and no worker takes jobs from it.", start)]
    if queue.oldest is None or now() - queue.oldest < BUSY_FOR_LONG or queue.working < queue.threads:
        return []
    words = f"{jobs}, the first for {_minutes(queue.oldest)}: all {queue.threads} threads are at work."
    more = "They come in turn. Start more workers, here or on another machine, or raise TOTALVIEW_WORKER_THREADS."
    return [Stuck(What.BUSY, words, more)]


def _runs(seen: Seen) -> list[Stuck]:
    found = []
    if seen.lost:
        words = f"{_count(seen.lost, 'run')} should have been looked at over two minutes ago, and no job stands for it."
        rescue = "The rescue job gives each a new one within a minute of a scheduler and a worker of 'clock' running."
        found.append(Stuck(What.RUNS, words, f"{rescue} If they stay, the log of these two says why."))
    if seen.abandoned:
        words = f"{_count(seen.abandoned, 'run')} had a worker that was not heard of for over two minutes."
        look = "Look whether its machine ran out of memory. The rescue job gives the work to another worker."
        found.append(Stuck(What.LEASES, words, look))
    return found


def _sweep(state: SftpState | None) -> list[Stuck]:
    """A sweep that is under way is not late, however long it takes."""
    if state is None or state.began_at is None or sweeping(state) or not is_long_ago(state.ended_at):
        return []
    last = f"for {_minutes(state.ended_at)}" if state.ended_at else "once"
    why = f" The last try: {state.words}" if state.words else ""
    test = "Run `totalview sftp test`; a worker of the queue 'sftp' and a scheduler must run."
    return [Stuck(What.SWEEP, f"The SFTP server has not been looked through {last}.{why}", test)]


def _deliveries(due: datetime | None) -> list[Stuck]:
    if due is None or now() - due < BUSY_FOR_LONG:
        return []
    words = f"A webhook delivery is due for {_minutes(due)}."
    return [
        Stuck(What.DELIVERIES, words, "A worker of the queue 'webhooks' must run; slow receivers hold its threads.")
    ]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _minutes(since: datetime) -> str:
    minutes = int((now() - since).total_seconds() // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}" if minutes < HOURS_FROM else f"{minutes // 60} hours"
