"""The faults: what each does to an installation at work. An act returns when its fault is over."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis.exceptions import RedisError

from jobs.connection import connect
from tests.faults.house import Ground, House, kill_all
from tests.faults.providing import Pace
from tests.installation import answers, until
from tests.realparts import Providers
from tests.simulators.s3 import Refusing
from tests.simulators.server import Trouble, serving

HOUR_S = 3600
BALLAST = 1 << 20


@dataclass
class Scene:
    """What an act may lay hands on."""

    house: House
    providers: Providers
    ground: Ground
    home: Path
    clock: Path  # the file by which workers and scheduler know the time, where the fault is about that
    pace: Pace
    chance: random.Random

    def moments(self, times: int = 0) -> Iterator[None]:
        """So many moments (0: as many as the pace says) by chance; returns when the fault's time is over."""
        began = time.monotonic()
        for moment in sorted(self.chance.uniform(0, self.pace.fault_s) for _ in range(times or self.pace.times)):
            time.sleep(max(began + moment - time.monotonic(), 0.0))
            yield
        time.sleep(max(began + self.pace.fault_s - time.monotonic(), 0.0))


Act = Callable[[Scene], None]


def nothing(scene: Scene) -> None:
    """Without a fault: what all others are measured against."""
    time.sleep(scene.pace.fault_s)


def kill_one_of(*kinds: str) -> Act:
    """SIGKILL for one process of these kinds, and all below it, at moments by chance."""

    def act(scene: Scene) -> None:
        for _ in scene.moments():
            if pids := scene.house.pids(*kinds):
                kill_all(scene.chance.choice(pids))

    return act


def kill_everything(scene: Scene) -> None:
    """All processes in one moment, as when a machine goes down, twice."""
    for _ in scene.moments(2):
        for pid in scene.house.pids():
            kill_all(pid)


def empty_redis(scene: Scene) -> None:
    """Everything that Redis knows, gone."""
    for _ in scene.moments():
        client = connect()
        try:
            client.flushall()
        except RedisError:
            continue
        finally:
            client.close()


def redis_away(scene: Scene) -> None:
    """Redis is killed, stays away, and comes back with nothing."""
    with scene.house.down("redis"):
        for kept in (scene.home.parent / "redis-apart").rglob("*"):
            if kept.is_file():
                kept.unlink()
        time.sleep(scene.pace.fault_s / 2)
    until(answers, "Redis answers")


def postgres_stops(how: signal.Signals) -> Act:
    """PostgreSQL is stopped and started, twice."""

    def act(scene: Scene) -> None:
        for _ in scene.moments(2):
            scene.ground.cluster.stop(how)
            time.sleep(scene.pace.fault_s / 20)
            scene.ground.cluster.start()

    return act


def storage_away(scene: Scene) -> None:
    """Nobody answers where the bucket was."""
    with _no_bucket(scene):
        time.sleep(scene.pace.fault_s)


def storage_busy(scene: Scene) -> None:
    """The bucket's server answers everything with 503."""
    with serving(Refusing(503, "SlowDown")) as busy, _no_bucket(scene):
        scene.house.line.mend(busy.url)
        time.sleep(scene.pace.fault_s)
        scene.house.line.cut()


@contextmanager
def _no_bucket(scene: Scene) -> Iterator[None]:
    assert scene.house.line
    leads_to = scene.house.line.leads_to
    scene.house.line.cut()
    yield
    scene.house.line.mend(leads_to)


def providers_say(trouble: Trouble, *, silent: bool = False) -> Act:
    """All three providers answer everything like this."""

    def act(scene: Scene) -> None:
        for simulator in scene.providers.all.values():
            simulator.out_of_order = trouble
        time.sleep(scene.pace.silence_s if silent else scene.pace.fault_s)
        for simulator in scene.providers.all.values():
            simulator.out_of_order = None

    return act


def disk_full(scene: Scene) -> None:
    """Every free byte below TOTALVIEW_HOME is taken, and so is each that becomes free."""
    ballast = scene.home / "ballast"
    end = time.monotonic() + scene.pace.fault_s
    with ballast.open("wb", buffering=0) as file:
        while time.monotonic() < end:
            try:
                file.write(bytes(BALLAST))
            except OSError:
                time.sleep(0.1)
    ballast.unlink()


def clock_jumps(seconds: int) -> Act:
    """The clock of workers and scheduler is another from one moment to the next, and stays so."""

    def act(scene: Scene) -> None:
        time.sleep(scene.pace.fault_s / 2)  # by then calls wait for their next look
        tell_time(scene.clock, seconds)
        time.sleep(scene.pace.fault_s / 2)

    return act


def tell_time(clock: Path, seconds: int) -> None:
    """How far the clock is from the true time, for whoever goes by it."""
    fresh = clock.with_suffix(".new")
    fresh.write_text(f"{seconds}\n", encoding="ascii")
    fresh.replace(clock)


def deploy(scene: Scene) -> None:
    """All processes are told to stop, and new ones started, twice."""
    for _ in scene.moments(2):
        scene.house.replace(*(name for name in scene.house.processes if name != "redis"))
