"""What runs on a clock: RQ moves jobs whose time has come, and periodic jobs are asked for."""

import logging
import signal
import time
from collections.abc import Callable
from types import FrameType

from redis.exceptions import RedisError
from rq import Queue
from rq.cron import CronScheduler
from rq.scheduler import RQScheduler

from config import settings
from jobs import tasks
from jobs.connection import connect
from jobs.enqueue import CLOCK, QUEUES, SFTP

log = logging.getLogger(__name__)

TICK_S = 1.0
SWEEP_EVERY_S = 3600
STEP_S = 5.0


class Steps:
    """Sees when this machine's clock is set back: everything that waits for a time would wait that much longer."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._apart = wall() - steady()

    def back(self) -> bool:
        """Whether the clock was set back since the last look, by more than one that is kept right is drawn."""
        before, self._apart = self._apart, self._wall() - self._steady()
        return self._apart < before - STEP_S


class Clock:
    """One scheduler process. Several may run: RQ's locks let one move jobs, and periodic jobs do no harm twice."""

    def __init__(self) -> None:
        self._connection = connect()
        self._stopped = False
        self._steps, self._went_back = Steps(), False
        self._mover = RQScheduler(QUEUES, connection=self._connection, interval=int(TICK_S), logging_level="WARNING")
        self._cron = self._periodic()

    def _periodic(self) -> CronScheduler:
        """The jobs that are asked for again and again; each is first due at once."""
        cron = CronScheduler(connection=self._connection)
        for task, queue, seconds in (
            (tasks.rescue, CLOCK, settings().rescue_seconds),
            (tasks.sweep_orphans, CLOCK, SWEEP_EVERY_S),
            (tasks.index_texts, CLOCK, tasks.INDEX_EVERY_S),
            *([(tasks.sweep_sftp, SFTP, settings().sftp_sweep_seconds)] if settings().has_sftp else []),
        ):
            cron.register(task, queue, interval=seconds, result_ttl=0, ttl=seconds, failure_ttl=3600)
        return cron

    def run(self) -> None:
        """Tick until told to stop. Redis being away is waited out."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        log.info("The scheduler has started.")
        self._begin()
        while not self._stopped:
            try:
                self._tick()
            except RedisError as error:
                log.warning("Redis is away: %s", error)
            time.sleep(TICK_S)
        self._end()

    def _begin(self) -> None:
        try:
            self._mover.register_birth()
            self._cron.register_birth()
        except RedisError as error:
            log.warning("Redis is away: %s", error)

    def _tick(self) -> None:
        self._went_back = self._steps.back() or self._went_back
        if self._went_back:
            self._begin_anew()
        if self._mover.should_reacquire_locks or not self._mover.acquired_locks:
            self._mover.acquire_locks()
        self._mover.heartbeat()
        self._mover.enqueue_scheduled_jobs()
        if self._cron.enqueue_jobs():
            self._cron.save()
        self._cron.heartbeat()

    def _begin_anew(self) -> None:
        """Nothing waits for a time that has moved away: neither the periodic jobs, nor the calls."""
        log.warning("The clock was set back; what waits for its time is looked at now.")
        Queue(CLOCK, connection=self._connection).enqueue(tasks.clock_went_back, result_ttl=0, failure_ttl=3600)
        self._cron.register_death()
        self._cron = self._periodic()
        self._cron.register_birth()
        self._went_back = False

    def _end(self) -> None:
        try:
            self._mover.stop()
            self._cron.register_death()
        except RedisError as error:
            log.warning("Redis is away: %s", error)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopped = True
