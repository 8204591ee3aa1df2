"""A yard for tests of sweeps: campaigns with folders on a real server, sweeps, and what came of them."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from pipeline.sftp import configuring, importing, sightings
from pipeline.sftp.sweep import Swept, sweep
from records import campaigns, db, sftp_folders
from records.access import COMMAND_LINE
from records.calls import Call, CallEvent
from records.campaigns import Campaign
from records.db import now
from records.sftp import FileKind, SftpBatch, SftpFile, SftpRow
from records.statuses import SftpFileStatus
from tests.pipeline.arriving import wav
from tests.sshd import SftpServer


def nobody(_call: Call, _run: object) -> None:
    """Asked for a first run, where a test has no workers."""


@dataclass
class Yard:
    """The server, and what the database says of it."""

    server: SftpServer

    def campaign(self, name: str, **settings: object) -> Campaign:
        """A campaign that takes what lies in its folder."""
        with db.writing() as session:
            campaign = campaigns.create(session, COMMAND_LINE, name)
        self.configure(campaign.slug, enabled=True, **settings)
        return campaign

    def configure(self, slug: str, **settings: object) -> None:
        configuring.configure(COMMAND_LINE, slug, sftp_folders.folder_changes(**settings))

    def recordings(self, *paths: str, seed: int = 1) -> None:
        """Real recordings, each with bytes of its own."""
        for number, path in enumerate(paths):
            self.server.put(path, wav(seed * 1000 + number, seconds=1), modified=1_760_000_000 + number)

    def sweep(self, times: int = 1) -> Swept:
        """So many looks, and the import of what is due after each."""
        for _ in range(times):
            swept = sweep()
            assert swept is not None
            importing.work_all(nobody)
        return swept

    def window_over(self) -> None:
        """Every open batch has waited for long enough."""
        with db.writing() as session:
            these = update(SftpBatch).where(col(SftpBatch.closed_at).is_(None))
            session.exec(these.values(closes_at=now() - timedelta(seconds=1)))

    def files(self) -> dict[str, str]:
        """The verdict of every file, as 'status' or 'status: code', by its path."""
        with db.reading() as session:
            current = session.exec(select(SftpFile).where(col(SftpFile.superseded_at).is_(None)))
            return {file.path: ": ".join(filter(None, (file.status.value, file.code))) for file in current}

    def verdicts(self) -> Counter[str]:
        return Counter(self.files().values())

    def file(self, path: str) -> SftpFile:
        with db.reading() as session:
            return session.exec(
                select(SftpFile).where(SftpFile.path == path, col(SftpFile.superseded_at).is_(None))
            ).one()

    def call(self, path: str) -> Call:
        """The call that a file became."""
        with db.reading() as session:
            return session.exec(select(Call).where(Call.id == self.file(path).call_id)).one()

    def calls(self) -> list[str]:
        with db.reading() as session:
            return sorted(session.exec(select(Call.filename)))

    def batches(self) -> list[tuple[str, str]]:
        """Status and words of each batch, in order."""
        with db.reading() as session:
            return [
                (each.status.value, each.words) for each in session.exec(select(SftpBatch).order_by(col(SftpBatch.id)))
            ]

    def all_well(self) -> None:
        """Every file on the server has one verdict that is final, and every recording that was imported one call."""
        lying = {str(path.relative_to(self.server.root)) for path in self.server.root.rglob("*") if path.is_file()}
        lying = {path for path in lying if "/processed/" not in path}
        verdicts = self.files()
        assert lying <= verdicts.keys()
        assert not {path for path in lying if verdicts[path].split(":")[0] in {"detected", "matched", "processing"}}
        with db.reading() as session:
            imported = session.exec(
                select(SftpFile.call_id).where(
                    SftpFile.status == SftpFileStatus.COMPLETED, SftpFile.kind == FileKind.RECORDING
                )
            ).all()
            calls = session.exec(select(Call.id)).all()
        assert sorted(filter(None, imported)) == sorted(calls)

    def links(self) -> list[int | None]:
        """Of each batch, the one whose late files it holds."""
        with db.reading() as session:
            return list(session.exec(select(SftpBatch.after_id).order_by(col(SftpBatch.id))))

    def timeline(self, call_id: str) -> list[str]:
        with db.reading() as session:
            return list(
                session.exec(select(CallEvent.words).where(CallEvent.call_id == call_id).order_by(col(CallEvent.id)))
            )

    def rows(self) -> list[SftpRow]:
        with db.reading() as session:
            return list(session.exec(select(SftpRow).order_by(col(SftpRow.sheet_id), col(SftpRow.line))))


@pytest.fixture
def yard(home, sshd: SftpServer, monkeypatch: pytest.MonkeyPatch) -> Yard:
    """A server that is swept at will: what did not change between two looks has held still."""
    monkeypatch.setattr(sightings, "STILL", timedelta(0))
    return Yard(sshd)
