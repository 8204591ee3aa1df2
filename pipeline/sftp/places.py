"""The campaigns' folders on the server, with what a sweep needs to know of each."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from pipeline.sftp.claims import Folder
from pipeline.sftp.facts import names
from pipeline.sftp.facts.names import BadPattern, NamePattern
from pipeline.sftp.facts.told import Told
from records.campaigns import Campaign
from records.db import stored_id
from records.sftp import SftpBatch
from records.sftp_folders import CsvRule, SftpFolder

log = logging.getLogger(__name__)
NO_MATCH = "The name does not match the file-name pattern of the campaign."


@dataclass(frozen=True)
class Place:
    """A campaign, its settings, and its file-name pattern, ready to be used."""

    campaign: Campaign
    folder: SftpFolder
    pattern: NamePattern | None

    @property
    def id(self) -> int:
        """The campaign's."""
        return stored_id(self.campaign.id)

    @property
    def csv_required(self) -> bool:
        return self.folder.csv is CsvRule.REQUIRED

    @property
    def claim(self) -> Folder:
        """What the place claims."""
        on = self.folder.enabled and self.campaign.active
        return Folder(self.id, self.campaign.slug, self.folder.folder, on, self.folder.subfolders)

    def told_by_name(self, within: str) -> tuple[Told, bool]:
        """What a path below the folder tells, and whether it matches; without a pattern none tells anything."""
        if self.pattern is None:
            return Told(), True
        told = self.pattern.read(within, zone=self.campaign.time_zone, day_first=self.campaign.day_first)
        return (told, True) if told is not None else (Told(notes=(NO_MATCH,)), False)


def places(session: Session) -> Mapping[int, Place]:
    """Every campaign that ever had a folder, by its id."""
    pairs = session.execute(rows_of(Campaign, SftpFolder).join(SftpFolder, col(SftpFolder.campaign_id) == Campaign.id))
    return {stored_id(campaign.id): Place(campaign, folder, _pattern(campaign, folder)) for campaign, folder in pairs}


def open_batch(session: Session, place: Place, since: datetime, *, after_id: int | None = None) -> int:
    """The campaign's open batch; a new one, whose window begins at `since`, where there is none."""
    found = session.exec(
        select(SftpBatch.id).where(SftpBatch.campaign_id == place.id, col(SftpBatch.closed_at).is_(None))
    ).first()
    if found is not None:
        return found
    closes_at = since + timedelta(minutes=place.folder.window_minutes)
    batch = SftpBatch(campaign_id=place.id, opened_at=since, closes_at=closes_at, after_id=after_id)
    session.add(batch)
    session.flush()
    return stored_id(batch.id)


def _pattern(campaign: Campaign, folder: SftpFolder) -> NamePattern | None:
    """A pattern that was good when it was saved, and is not any more, keeps no recording away."""
    try:
        return names.pattern(folder.preset, folder.pattern, folder.called_at_format)
    except BadPattern as error:
        log.warning("The file-name pattern of '%s' is not used: %s", campaign.slug, error)
        return None
