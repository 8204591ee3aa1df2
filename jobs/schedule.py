"""What runs on a clock: RQ moves jobs whose time has come, and periodic jobs are asked for."""

import logging
import signal
import time
from types import FrameType

from redis.exceptions import RedisError
from rq.cron import CronScheduler
from rq.scheduler import RQScheduler

from config import settings
from jobs import tasks
from jobs.connection import connect
from jobs.enqueue import CLOCK, QUEUES, SFTP
from pipeline.sftp.connection import server

log = logging.getLogger(__name__)

TICK_S = 1.0
SWEEP_EVERY_S = 3600


class Clock:
    """One scheduler process. Several may run: RQ's locks let one move jobs, and periodic jobs do no harm twice."""

    def __init__(self) -> None:
        connection = connect()
        self._stopped = False
        self._mover = RQScheduler(QUEUES, connection=connection, interval=int(TICK_S), logging_level="WARNING")
        self._cron = CronScheduler(connection=connection)
        for task, queue, seconds in (
            (tasks.rescue, CLOCK, settings().rescue_seconds),
            (tasks.sweep_orphans, CLOCK, SWEEP_EVERY_S),
            (tasks.index_texts, CLOCK, tasks.INDEX_EVERY_S),
            *([(tasks.sweep_sftp, SFTP, settings().sftp_sweep_seconds)] if server.configured() else []),
        ):
            self._cron.register(task, queue, interval=seconds, result_ttl=0, ttl=seconds, failure_ttl=3600)

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
        if self._mover.should_reacquire_locks or not self._mover.acquired_locks:
            self._mover.acquire_locks()
        self._mover.heartbeat()
        self._mover.enqueue_scheduled_jobs()
        if self._cron.enqueue_jobs():
            self._cron.save()
        self._cron.heartbeat()

    def _end(self) -> None:
        try:
            self._mover.stop()
            self._cron.register_death()
        except RedisError as error:
            log.warning("Redis is away: %s", error)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopped = True
