"""Whatever arrives in whatever order: no file is ever without a status, and none is imported twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select, update

from pipeline import children
from pipeline.sftp import importing, sightings, sweep
from pipeline.sftp.connection.listing import Entry, Kind
from pipeline.sftp.connection.server import FileChanged, NotReadable, SftpAway
from pipeline.sftp.sweep import TakenOver
from records import db
from records.calls import Call
from records.db import now
from records.sftp import FileKind, SftpBatch, SftpFile
from records.statuses import SFTP_OPEN
from records.statuses import SftpFileStatus as Status
from tests.pipeline.arriving import here, wav
from tests.pipeline.sftp.yard import Yard, nobody
from tests.sshd import SftpServer

NAMES = ("a.wav", "a.wav", "deep/a.wav")
BYTES = {number: wav(number, seconds=0.1) for number in range(4)}
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Fake:
    """A server in memory: its files, with a clock of its own; it breaks off when it is told to."""

    files: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    clock: datetime = START
    breaks: int = 0  # readings that break off

    def put(self, path: str, content: bytes) -> None:
        self.clock += timedelta(seconds=1)
        self.files[path] = (content, self.clock)

    def walk(self, _folder: str, **_how: object) -> Iterator[Entry]:
        yield from [self._entry(path) for path in sorted(self.files)]

    def stat(self, raw: bytes) -> Entry:
        if raw.decode() not in self.files:
            raise NotReadable("vanished", "It is gone.")
        return self._entry(raw.decode())

    def read(self, raw: bytes, *, size: int, modified: datetime | None = None) -> Iterator[bytes]:
        found = self.stat(raw)
        if modified is not None and (found.size, found.modified) != (size, modified):
            raise FileChanged("It has changed.")
        content = self.files[raw.decode()][0]
        assert size == len(content)
        yield content[:100]
        if self.breaks:
            self.breaks -= 1
            raise SftpAway("It broke off.")
        yield content[100:]

    def _entry(self, path: str) -> Entry:
        content, modified = self.files[path]
        return Entry(path.encode(), path, len(content), modified, Kind.FILE)


ACTS = (
    *("put", "put", "put", "put", "grow", "delete", "rename", "csv", "csv"),
    *("rest", "rest", "rest", "rest", "sweep", "import", "window", "break", "die"),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from(sorted(BYTES))),
    min_size=4,
    max_size=16,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, required=st.booleans())
def test_no_order_of_arrivals_loses_a_file_or_imports_one_twice(home, steps, required: bool):
    fake = Fake()
    folder = f"f{uuid4().hex[:12]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sightings, "STILL", timedelta(0))
        patch.setattr(children, "run", here)
        for module in (sweep, importing):
            patch.setattr(module, "connection", lambda: standing(fake))
        yard = Yard(SftpServer.__new__(SftpServer))
        yard.campaign(folder, folder=folder, csv="required" if required else "optional")
        for act, name, other, number in steps:
            act_out(act, fake, f"{folder}/{name}", f"{folder}/{other}", BYTES[number])
            each_has_one_row(fake, folder, seen=act == "sweep")
        for _ in range(3):
            come_to_rest()
    check(fake, folder)


@contextmanager
def standing(fake: Fake) -> Iterator[Fake]:
    yield fake


def act_out(act: str, fake: Fake, path: str, other: str, content: bytes) -> None:
    match act:
        case "put":
            fake.put(path, content)
        case "grow":
            fake.put(path, content[:200])
        case "delete":
            fake.files.pop(path, None)
        case "rename" if path in fake.files and path != other:
            fake.files[other] = fake.files.pop(path)
        case "csv":
            folder, _, name = path.partition("/")
            fake.put(f"{folder}/day.csv", f"file,agent\n{name},Ada\nnowhere.wav,Bob\n".encode())
        case "sweep":
            sweep.sweep()
        case "break":
            fake.breaks += 1
        case _:
            {"import": bring_in, "window": window_over, "die": die, "rest": come_to_rest}.get(act, list)()


def bring_in() -> None:
    importing.work(nobody, 10)


def die() -> None:
    """Whoever sweeps is overtaken in the middle of it."""

    def overtaken(entries: object, *_about: object) -> object:
        next(iter(entries), None)
        raise TakenOver

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep.looking, "look", overtaken)
        sweep.sweep()


def window_over() -> None:
    with db.writing() as session:
        waiting = update(SftpBatch).where(col(SftpBatch.closed_at).is_(None))
        session.exec(waiting.values(closes_at=now() - timedelta(seconds=1)))
        later = update(SftpFile).where(col(SftpFile.due_at).is_not(None))
        session.exec(later.values(due_at=now()))


def come_to_rest() -> None:
    """Time passes: all that lies there settles, every window ends, and what is due is imported."""
    for _ in range(2):
        window_over()
        sweep.sweep()
        bring_in()
    sweep.sweep()


def each_has_one_row(fake: Fake, folder: str, *, seen: bool) -> None:
    paths = [file.path for file in current(folder)]
    assert len(paths) == len(set(paths))
    assert not seen or set(fake.files) <= set(paths)


def check(fake: Fake, folder: str) -> None:
    files = current(folder)
    assert set(fake.files) <= {file.path for file in files}
    assert not [file for file in files if file.status in SFTP_OPEN]
    assert all(file.reason for file in files if file.status is not Status.COMPLETED)
    with db.reading() as session:
        number = files[0].campaign_id if files else None
        batches = session.exec(select(SftpBatch).where(SftpBatch.campaign_id == number)).all()
        imported = select(SftpFile.call_id).where(
            SftpFile.campaign_id == number, SftpFile.status == Status.COMPLETED, SftpFile.kind == FileKind.RECORDING
        )
        calls = session.exec(select(Call.id).where(Call.campaign_id == number)).all()
        assert sorted(session.exec(imported)) == sorted(calls)  # one call a file, one file a call
    assert not [batch for batch in batches if batch.closed_at is not None and batch.ended_at is None]


def current(folder: str) -> list[SftpFile]:
    with db.reading() as session:
        mine = select(SftpFile).where(
            col(SftpFile.superseded_at).is_(None), col(SftpFile.path).startswith(f"{folder}/")
        )
        return list(session.exec(mine))
