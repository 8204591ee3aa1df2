"""A healthy installation, and the ways in which its parts really break, as data."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from redis import Redis
from rq import Queue
from rq.cron import CronScheduler
from sqlalchemy import text

from config import settings
from jobs.connection import connect
from jobs.enqueue import QUEUES
from jobs.worker import InThread
from records import db
from tests.conftest import missing
from tests.ports import free_port
from tests.simulators.s3 import Refusing
from tests.simulators.server import Simulator, serving


@dataclass
class Patient:
    """An installation: its home, its Redis, and what is to be undone at the end."""

    home: Path
    patch: pytest.MonkeyPatch
    request: pytest.FixtureRequest
    undo: ExitStack

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self.patch.setenv(name, value)
        settings.cache_clear()
        db.forget_engines()

    def sql(self, words: str) -> None:
        with db.writing() as session:
            session.execute(text(words))
        db.forget_engines()

    @property
    def redis(self) -> Redis:
        return connect()

    def nowhere(self) -> str:
        """Host and port where nobody listens."""
        return f"127.0.0.1:{free_port()}"

    def silent(self) -> str:
        """Host and port where a line is taken, and nothing is ever said."""
        listener = self.undo.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100))
        return f"127.0.0.1:{listener.getsockname()[1]}"

    def served(self, simulator: Simulator) -> str:
        return self.undo.enter_context(serving(simulator)).url


class Case(NamedTuple):
    """What is done to a healthy installation; the parts that the doctor is to name, and words of what it says."""

    breaks: Callable[[Patient], object]
    parts: str
    says: str


def in_service(*queues: str, clock: bool = True) -> None:
    """Workers and a scheduler stand in RQ's books, as living ones do."""
    connection = connect()
    for name in queues:
        InThread([Queue(name, connection=connection)], name=f"{name}.1", connection=connection).register_birth()
    if clock:
        CronScheduler(connection=connection).register_birth()


def only(*queues: str, clock: bool = True) -> Callable[[Patient], None]:
    def begin(patient: Patient) -> None:
        patient.redis.flushall()
        in_service(*queues, clock=clock)

    return begin


@contextmanager
def mounted(folder: Path, *how: str) -> Iterator[None]:
    """Something mounted on a folder: what only root may do, and nothing else does to root."""
    if os.getuid() != 0:
        missing("only root can mount a disk")
    subprocess.run(["mount", *how, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def read_only(patient: Patient, folder: str = "") -> None:
    place = patient.home / folder
    place.mkdir(exist_ok=True)
    db.forget_engines()
    patient.undo.enter_context(mounted(place, "-o", "bind,ro", str(place)))


def full(patient: Patient) -> None:
    place = patient.home / "storage"
    place.mkdir()
    patient.undo.enter_context(mounted(place, "-t", "tmpfs", "-o", "size=64k", "tmpfs"))
    with pytest.raises(OSError, match="No space left"):
        (place / "much").write_bytes(bytes(100_000))


def postgres(patient: Patient) -> str:
    """The installation on PostgreSQL; its address."""
    address = str(patient.request.getfixturevalue("on_postgres"))
    db.forget_engines()
    return address


def locked_out(patient: Patient) -> None:
    """Somebody whom the server asks for a password, with another one."""
    address = postgres(patient)
    with db.reading() as session:
        rules = Path(session.execute(text("SHOW hba_file")).scalar_one())
    rules.write_text(f"host all locked 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    patient.sql("DO $$ BEGIN CREATE ROLE locked LOGIN PASSWORD 'right'; EXCEPTION WHEN duplicate_object THEN END $$")
    patient.sql("SELECT pg_reload_conf()")
    patient.set(DATABASE_URL=address.replace("tester@", "locked:wrong-secret@"))


def kept_read_only(patient: Patient) -> None:
    name = postgres(patient).rsplit("/", 1)[1]
    patient.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")


def no_such_database(patient: Patient) -> None:
    patient.set(DATABASE_URL=f"{postgres(patient)}_gone")


def damaged(patient: Patient) -> None:
    db.forget_engines()
    (patient.home / "totalview.db").write_bytes(b"no database" * 1000)


def new_password(patient: Patient) -> None:
    patient.redis.config_set("requirepass", "another-secret")


def evicting(patient: Patient) -> None:
    patient.redis.config_set("maxmemory", "100mb")
    patient.redis.config_set("maxmemory-policy", "allkeys-lru")


def replica(patient: Patient) -> None:
    patient.redis.replicaof(*patient.nowhere().split(":"))


def bucket(patient: Patient, **changed: str) -> None:
    patient.request.getfixturevalue("bucket")
    patient.set(**changed)


def skewed(patient: Patient) -> None:
    bucket(patient, S3_ENDPOINT_URL=patient.served(Refusing(403, "RequestTimeTooSkewed")))


def sftp(patient: Patient, **changed: str) -> None:
    patient.set(**(patient.request.getfixturevalue("sshd").environment | changed))


VERSION = "UPDATE alembic_version SET version_num = "
SETTINGS = {
    "a number too large": Case(lambda p: p.set(TOTALVIEW_PORT="99999"), "settings", "TOTALVIEW_PORT: Input should be"),
    "a number that is none": Case(lambda p: p.set(TOTALVIEW_LEASE_SECONDS="soon"), "settings", "LEASE_SECONDS: Input"),
    "another database": Case(lambda p: p.set(DATABASE_URL="mysql://h/d"), "settings", "DATABASE_URL: Write it as"),
    "half an address": Case(lambda p: p.set(REDIS_URL="h:6379"), "settings", "REDIS_URL: Write it as redis://"),
    "no such file": Case(lambda p: p.set(OIDC_CLIENT_SECRET_FILE="/nowhere"), "settings", "which cannot be read"),
    "half of SFTP": Case(lambda p: p.set(SFTP_USERNAME="u"), "settings", "SFTP_USERNAME is set and SFTP_HOST is not"),
    "SFTP without a user": Case(lambda p: p.set(SFTP_HOST="h"), "sftp", "SFTP_USERNAME is needed too"),
    "half of OIDC": Case(lambda p: p.set(OIDC_CLIENT_ID="tv"), "settings", "OIDC_CLIENT_ID is set and OIDC_ISSUER"),
    "OIDC without a client": Case(lambda p: p.set(OIDC_ISSUER="https://i"), "settings", "OIDC_CLIENT_ID: OIDC_ISSUER"),
    "half of S3": Case(lambda p: p.set(S3_ENDPOINT_URL="http://h"), "settings", "S3_BUCKET is not"),
}
DATABASE = {
    "an older schema": Case(lambda p: p.sql(f"{VERSION}'0001'"), "database", "Run `totalview migrate`"),
    "a newer schema": Case(lambda p: p.sql(f"{VERSION}'9999'"), "database", "newer version (9999) than this program"),
    "no tables": Case(lambda p: p.sql("DROP TABLE alembic_version"), "database", "has no tables yet"),
    "a damaged file": Case(damaged, "database", "file is not a database. Check that TOTALVIEW_HOME"),
    "a disk that is read only": Case(read_only, "settings database storage", "cannot be written"),
    "away": Case(lambda p: p.set(DATABASE_URL=f"postgresql://u@{p.nowhere()}/d"), "database", "Check DATABASE_URL"),
    "a wrong password": Case(locked_out, "database", "password authentication failed"),
    "no such database": Case(no_such_database, "database", "does not exist. Check DATABASE_URL"),
    "a standby": Case(kept_read_only, "database", "takes no writing"),
}
QUEUE = {
    "away": Case(lambda p: p.set(REDIS_URL=f"redis://{p.nowhere()}"), "queue", "Check REDIS_URL and that the server"),
    "a wrong password": Case(new_password, "queue", "Check the password in REDIS_URL"),
    "a replica": Case(replica, "queue", "Set REDIS_URL to the primary"),
    "throws away": Case(evicting, "queue", "allkeys-lru). Set it to noeviction"),
    "full": Case(lambda p: p.redis.config_set("maxmemory", "1"), "queue", "takes no writing"),
    "no workers": Case(only(), "workers", "Start `totalview up` or `totalview worker`"),
    "a queue that nobody serves": Case(only(*QUEUES[1:]), "workers", "No worker takes jobs from transcription."),
    "no scheduler": Case(only(*QUEUES, clock=False), "scheduler", "`totalview scheduler`"),
}
STORAGE = {
    "a folder that is read only": Case(lambda p: read_only(p, "storage"), "storage", "Read-only file system"),
    "something else in its place": Case(lambda p: (p.home / "storage").write_text(""), "storage", "Not a directory"),
    "full": Case(full, "storage", "No space left on device. Check that TOTALVIEW_HOME"),
    "a wrong key": Case(lambda p: bucket(p, AWS_ACCESS_KEY_ID="AKIANOBODY"), "storage", "Check AWS_ACCESS_KEY_ID"),
    "a wrong secret": Case(lambda p: bucket(p, AWS_SECRET_ACCESS_KEY="other"), "storage", "AWS_SECRET_ACCESS_KEY"),
    "no such bucket": Case(lambda p: bucket(p, S3_BUCKET="gone"), "storage", "There is no bucket 'gone'"),
    "away": Case(lambda p: bucket(p, S3_ENDPOINT_URL=f"http://{p.nowhere()}"), "storage", "Check S3_ENDPOINT_URL"),
    "a clock that is wrong": Case(skewed, "storage", "Set this one right (NTP)"),
}
SFTP = {
    "away": Case(lambda p: sftp(p, SFTP_PORT=p.nowhere()[10:]), "sftp", "Check SFTP_HOST, SFTP_PORT and that it runs"),
    "another server": Case(lambda p: sftp(p, SFTP_HOST_KEY="SHA256:" + "A" * 43), "sftp", "SFTP_HOST_KEY"),
    "no host key": Case(lambda p: sftp(p, SFTP_HOST_KEY=""), "sftp", "SFTP_HOST_KEY is not set"),
    "no private key": Case(lambda p: sftp(p, SFTP_PRIVATE_KEY="rubbish"), "sftp", "is no private key"),
    "a user unknown": Case(lambda p: sftp(p, SFTP_USERNAME="stranger"), "sftp", "Check SFTP_USERNAME"),
    "no such folder": Case(lambda p: sftp(p, SFTP_ROOT="/gone"), "sftp", "Check SFTP_ROOT"),
}
CASES = {"settings": SETTINGS, "database": DATABASE, "queue": QUEUE, "storage": STORAGE, "sftp": SFTP}
