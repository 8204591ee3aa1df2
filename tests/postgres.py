"""A real PostgreSQL server for tests: its own folder, its own port, gone at the end."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.ports import free_port


def programs() -> Path | None:
    """The folder of the newest installed server's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


@dataclass
class Cluster:
    """A server that can be stopped and started again on its port."""

    binaries: Path
    folder: Path
    port: int
    user: str | None  # PostgreSQL refuses to be run by root
    host: str = "127.0.0.1"
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"postgresql://tester@{self.host}:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                self.binaries / "postgres",
                "-D",
                self.folder / "data",
                "-p",
                str(self.port),
                "-k",
                self.folder,
                "-c",
                f"listen_addresses={self.host}",
                *("-c", "fsync=off", "-c", "full_page_writes=off"),  # nothing here must outlive a power cut
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            user=self.user,
        )
        _wait_for(self.address)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: its fast shutdown, which waits for nobody. SIGQUIT: the immediate one, as after a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)


@contextmanager
def cluster(binaries: Path, host: str = "127.0.0.1") -> Iterator[Cluster]:
    """Start one in a folder of its own, for this machine or for a test's own network."""
    folder = Path(tempfile.mkdtemp(prefix="totalview-postgres-"))
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    made = Cluster(binaries, folder, free_port(), user, host)
    subprocess.run(
        [binaries / "initdb", "-D", folder / "data", "-U", "tester", "--auth=trust", "-E", "UTF8", "--no-sync"],
        check=True,
        capture_output=True,
        cwd="/",
        user=user,
    )
    with (folder / "data" / "pg_hba.conf").open("a") as rules:
        rules.write("host all all samenet trust\n")
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server(binaries: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """Start one; yields its address without a database's name."""
    with cluster(binaries, host) as running:
        yield running.address


@contextmanager
def database(address: str, like: str = "template1") -> Iterator[str]:
    """A fresh database on the server, a copy of another; yields its address."""
    name = f"test_{time.monotonic_ns()}_{os.getpid()}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        files = (
            "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
        )  # half the time, without fsync
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like} {files}".encode())
    yield f"{address}/{name}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def close(address: str) -> None:
    """Let the server turn away whoever wants this database, and throw out whoever is in it."""
    server, name = address.rsplit("/", 1)
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            psycopg.connect(f"{address}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("PostgreSQL did not come up.")
