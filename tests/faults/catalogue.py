"""Every fault that there is a row for."""

import os
import shutil
import signal
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from tests.faults import acts
from tests.faults.acts import HOUR_S, Act
from tests.simulators.server import Trouble

GARBAGE = b"<html><body>It works!</body></html>"
HALF = b'{"id": "t1", "resu'
FOR_EVER_S = 86_400.0


class Place(Enum):
    """Which kind of installation is hit."""

    BUCKET = "PostgreSQL, Redis, S3"
    FOLDER = "PostgreSQL, Redis, a folder"
    UP = "`totalview up`"


@dataclass(frozen=True)
class Fault:
    """A row's name, what it does, and where."""

    name: str
    act: Act
    place: Place = Place.BUCKET
    may_fail: Collection[str] = ()  # codes of failures that are true here
    small_disk: bool = False
    own_clock: bool = False

    @property
    def lacks(self) -> str:
        """What this machine has not, and the fault needs; mostly nothing."""
        if self.small_disk and os.getuid() != 0:
            return "only root may mount a small disk"
        if self.own_clock and shutil.which("cc") is None:
            return "no C compiler is installed (apt-get install gcc)"
        return ""


FAULTS = (
    Fault("no fault", acts.nothing),
    Fault("no fault, up", acts.nothing, Place.UP),
    Fault("workers killed", acts.kill_one_of("worker")),
    Fault("scheduler killed", acts.kill_one_of("scheduler")),
    Fault("web process killed", acts.kill_one_of("web")),
    Fault("own Redis killed", acts.kill_one_of("redis-server"), Place.UP),
    Fault("any part killed", acts.kill_one_of("web", "worker", "scheduler", "redis-server"), Place.UP),
    Fault("everything killed at once", acts.kill_everything, Place.UP),
    Fault("Redis emptied", acts.empty_redis),
    Fault("Redis away, back empty", acts.redis_away),
    Fault("PostgreSQL crashes", acts.postgres_stops(signal.SIGQUIT)),
    Fault("PostgreSQL restarted", acts.postgres_stops(signal.SIGINT)),
    Fault("storage away", acts.storage_away),
    Fault("storage answers 503", acts.storage_busy),
    Fault("providers answer 429", acts.providers_say(Trouble(429, headers={"Retry-After": "5"}))),
    Fault("providers answer 500", acts.providers_say(Trouble(500, b"oh no"))),
    Fault("providers answer garbage", acts.providers_say(Trouble(200, GARBAGE, {"content-type": "text/html"}))),
    Fault("providers answer half", acts.providers_say(Trouble(200, HALF, half=True, after=True))),
    Fault("providers say nothing", acts.providers_say(Trouble(wait_s=FOR_EVER_S), silent=True)),
    Fault("storage folder full", acts.disk_full, Place.FOLDER, small_disk=True),
    Fault("disk full, all on it", acts.disk_full, Place.UP, small_disk=True),
    Fault("clock an hour forward", acts.clock_jumps(HOUR_S), own_clock=True),
    Fault("clock an hour back", acts.clock_jumps(-HOUR_S), own_clock=True),
    Fault("deploys", acts.deploy),
)
