"""What was seen on an SFTP server, for tests, straight into the database."""

from datetime import timedelta
from itertools import count

from sqlmodel import Session

from pipeline.sftp.matching import name_key, stem_key
from records.campaigns import Campaign
from records.db import now, stored_id
from records.sftp import FileKind, SftpBatch, SftpFile, SftpRow, key_of
from records.sftp_folders import SftpFolder
from records.statuses import SFTP_OPEN, SftpBatchStatus, SftpFileStatus

_serial = count(1)
OPEN = (SftpBatchStatus.DETECTING, SftpBatchStatus.WAITING_FOR_CSV, SftpBatchStatus.WAITING_FOR_FILES)
_ENDED = (SftpBatchStatus.COMPLETED, SftpBatchStatus.INCOMPLETE, SftpBatchStatus.FAILED)


def stored_batch(session: Session, campaign: Campaign, status: SftpBatchStatus, **facts) -> SftpBatch:
    """A batch that was opened ten minutes ago, with a window of a quarter of an hour."""
    opened = facts.pop("opened_at", now() - timedelta(minutes=10))
    given = {
        "opened_at": opened,
        "closes_at": opened + timedelta(minutes=15),
        "closed_at": None if status in OPEN else opened + timedelta(minutes=5),
        "ended_at": opened + timedelta(minutes=6) if status in _ENDED else None,
        **facts,
    }
    row = SftpBatch(campaign_id=stored_id(campaign.id), status=status, **given)
    session.add(row)
    session.flush()
    return row


def new_file(campaign: Campaign | None, status: SftpFileStatus, path: str = "", **facts) -> SftpFile:
    """A file that no database has seen."""
    number = next(_serial)
    place = path or f"{campaign.slug if campaign else 'nobody'}/{number}.wav"
    given = {
        "size": 1_000_000 + number,
        "modified": now() - timedelta(minutes=12),
        "kind": FileKind.RECORDING,
        "ended_at": None if status in SFTP_OPEN else now(),
        **facts,
    }
    keys = {"path_key": key_of(f"{place} {number}".encode()), "name_key": name_key(place), "stem_key": stem_key(place)}
    return SftpFile(campaign_id=campaign.id if campaign else None, status=status, path=place, **keys, **given)


def stored_file(
    session: Session,
    campaign: Campaign | None,
    status: SftpFileStatus,
    path: str = "",
    batch: SftpBatch | None = None,
    **facts,
) -> SftpFile:
    row = new_file(campaign, status, path, batch_id=batch.id if batch else None, **facts)
    session.add(row)
    session.flush()
    return row


def stored_row(session: Session, sheet: SftpFile, line: int, name: str, **facts) -> SftpRow:
    """A line of a CSV."""
    key = "" if facts.get("words") else name_key(name)
    row = SftpRow(
        campaign_id=sheet.campaign_id or 0, sheet_id=stored_id(sheet.id), line=line, name=name, name_key=key, **facts
    )
    session.add(row)
    session.flush()
    return row


def stored_folder(session: Session, campaign: Campaign, **facts) -> SftpFolder:
    """A campaign's settings, enabled."""
    row = SftpFolder(campaign_id=stored_id(campaign.id), **{"folder": campaign.slug, "enabled": True, **facts})
    session.add(row)
    session.flush()
    return row
