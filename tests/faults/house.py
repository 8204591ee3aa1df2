"""An installation to do harm to: its parts are started again when they end, as systemd would, or by `totalview up`."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread

import httpx
import pytest

from config import settings
from jobs import health
from jobs.connection import connect
from pipeline import clients
from records import api_keys, db
from records.access import COMMAND_LINE
from records.migrate import upgrade
from tests import postgres, realparts
from tests.installation import Installation, answers, descendants, kill, parts, until
from tests.ports import free_port
from tests.postgres import Cluster
from tests.simulators import s3
from tests.simulators.line import Line, line_to

WORKERS = 3
AGAIN_S = 1.0  # before a part that has ended is started again
STOPPING_S = 20.0
CLI = (sys.executable, "-m", "cli")
BUCKET = "calls"


@dataclass(frozen=True)
class Ground:
    """What all houses stand on: a PostgreSQL cluster with a migrated database to copy, and a folder."""

    cluster: Cluster
    migrated: str
    folder: Path


@dataclass
class House:
    """The running installation."""

    installation: Installation
    address: str
    keys: Mapping[str, str]
    line: Line | None = None  # to the bucket
    commands: dict[str, tuple[str, ...]] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)  # parts that are to stay down
    lock: Lock = field(default_factory=Lock)
    over: Event = field(default_factory=Event)

    def start(self, name: str, *command: str) -> None:
        """Run this part from now on."""
        with self.lock:
            self.commands[name] = command
            self.processes[name] = self.installation.start(*command)

    def pids(self, *kinds: str) -> list[int]:
        """The processes of these kinds (worker, redis-server), whoever started them; with none named, of all parts."""
        if not kinds:
            return [process.pid for process in self.processes.values()]
        return [pid for kind in kinds for pid in parts(os.getpid(), kind)]

    def replace(self, *names: str) -> None:
        """SIGTERM for these parts, as a deploy does; they are there again at once."""
        with self.lock:
            ending = [self.processes[name] for name in names]
            for process in ending:
                process.send_signal(signal.SIGTERM)
            for process in ending:
                process.wait(STOPPING_S)

    @contextmanager
    def down(self, name: str) -> Iterator[None]:
        """This part is killed, and stays away for as long as the block lasts."""
        self.held.add(name)
        kill_all(self.processes[name].pid)
        self.processes[name].wait(STOPPING_S)
        yield
        self.held.discard(name)

    def look_after(self) -> None:
        """Start again whatever ends, until this is over."""
        while not self.over.wait(AGAIN_S):
            with self.lock:
                ended = [name for name, process in self.processes.items() if process.poll() is not None]
                for name in ended:
                    if name not in self.held:
                        self.processes[name] = self.installation.start(*self.commands[name])


@contextmanager
def ground(folder: Path, binaries: Path) -> Iterator[Ground]:
    """A cluster of its own, so that nobody else's PostgreSQL is hit."""
    with postgres.cluster(binaries) as cluster, postgres.database(cluster.address) as migrated:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATABASE_URL", migrated)
            patch.setenv("TOTALVIEW_HOME", str(folder))
            settings.cache_clear()
            upgrade()
            db.forget_engines()
        yield Ground(cluster, migrated.rsplit("/", 1)[1], folder)


@contextmanager
def many(
    ground: Ground, home: Path, patch: pytest.MonkeyPatch, *, bucket: bool = True, clock: Path | None = None
) -> Iterator[House]:
    """PostgreSQL, a Redis apart, a bucket, a web process, three workers and a scheduler: on many machines, as it were.

    `clock`: the file that says what time it is, for workers and scheduler.
    """
    with ExitStack() as stack:
        patch.setenv("DATABASE_URL", stack.enter_context(postgres.database(ground.cluster.address, ground.migrated)))
        line = stack.enter_context(_bucket(patch)) if bucket else None
        house = stack.enter_context(_house(home, patch, line))
        redis_port = free_port()
        patch.setenv("REDIS_URL", f"redis://127.0.0.1:{redis_port}/0")
        settings.cache_clear()
        house.start("redis", *_redis(home, redis_port))
        until(answers, "Redis answers")
        house.start("web", *CLI, "web", "--api-only")
        by = _by_clock(clock)
        for number in range(WORKERS):
            house.start(f"worker {number}", *by, *CLI, "worker")
        house.start("scheduler", *by, *CLI, "scheduler")
        yield _ready(house)


@contextmanager
def up(home: Path, patch: pytest.MonkeyPatch) -> Iterator[House]:
    """`totalview up`, with nothing beside it: SQLite, its own Redis, a folder. It looks after its parts itself."""
    settings.cache_clear()
    upgrade()
    with _house(home, patch, None) as house:
        house.start("up", *CLI, "up", "--workers", "2", "--no-sample")
        yield _ready(house)


@contextmanager
def _house(home: Path, patch: pytest.MonkeyPatch, line: Line | None) -> Iterator[House]:
    """What all have: campaigns with their keys, an address, somebody who looks after the parts."""
    settings.cache_clear()
    realparts.campaigns()
    with db.writing() as session:
        keys = {name: api_keys.create(session, COMMAND_LINE, name)[1] for name in realparts.CAMPAIGNS}
    port = free_port()
    patch.setenv("TOTALVIEW_PORT", str(port))
    settings.cache_clear()
    house = House(Installation(home), f"http://127.0.0.1:{port}", keys, line)
    watch = Thread(target=house.look_after, daemon=True)
    watch.start()
    try:
        yield house
    finally:
        house.over.set()
        watch.join()
        house.installation.end()
        connect().close()
        db.forget_engines()
        clients.forget_all()
        settings.cache_clear()


@contextmanager
def _bucket(patch: pytest.MonkeyPatch) -> Iterator[Line]:
    with s3.started() as (endpoint, _process), line_to(endpoint) as line:
        s3.straight(endpoint).create_bucket(Bucket=BUCKET)
        s3.point_at(patch, line.url, BUCKET)
        yield line


def _redis(home: Path, port: int) -> tuple[str, ...]:
    program = shutil.which("redis-server") or shutil.which("valkey-server") or "redis-server"
    folder = home / "redis-apart"
    folder.mkdir(exist_ok=True)
    where = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder))
    return (program, *where, "--save", "", "--appendonly", "yes")


def _by_clock(clock: Path | None) -> tuple[str, ...]:
    """A command that makes another one go by the clock in this file."""
    if clock is None:
        return ()
    library = clock.with_suffix(".so")
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return ("env", f"LD_PRELOAD={library}", f"CLOCK_FILE={clock}")


def _ready(house: House) -> House:
    until(lambda: _answers(f"{house.address}/readyz"), "the web process is ready")
    until(health.pipeline_served, "workers serve every stage")
    return house


def _answers(address: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(address, timeout=5).status_code == 200
    return False


def kill_all(pid: int) -> None:
    for each in [*descendants(pid), pid]:
        kill(each)
