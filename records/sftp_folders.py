"""A campaign's SFTP settings: which folder is its own, and what is expected there."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Setting
from sqlalchemy import JSON, Column, Text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col, select

from records import access, audit
from records.campaigns import Campaign, NotUsable
from records.db import now, stored_as_value, stored_id
from records.identity import Identity, require
from records.roles import Permission

WINDOW_MINUTES = 15
LONGEST_WINDOW = 7 * 24 * 60  # minutes
LONGEST_FOLDER = 200
LONGEST_PATTERN = 4000


class AfterImport(StrEnum):
    """What becomes of a file on the server once its call is in."""

    LEAVE = "leave"
    MOVE = "move"  # into processed/ of the campaign's folder
    DELETE = "delete"


class CsvRule(StrEnum):
    """Whether recordings wait for a CSV."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class SftpFolder(SQLModel, table=True):
    """The settings of one campaign. A campaign without a row, or one that is not enabled, takes nothing from SFTP."""

    __tablename__ = "sftp_folder"

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    enabled: bool = False
    folder: str = Field(max_length=LONGEST_FOLDER, unique=True)  # below SFTP_ROOT
    csv: CsvRule = Field(default=CsvRule.OPTIONAL, sa_type=stored_as_value(CsvRule))
    window_minutes: int = WINDOW_MINUTES
    preset: str = Field(default="", max_length=40)  # a file-name pattern that ships with the product
    pattern: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))  # an own one
    called_at_format: str = Field(default="", max_length=80)  # of the own pattern's called_at
    column_map: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    subfolders: bool = True
    after_import: AfterImport = Field(default=AfterImport.LEAVE, sa_type=stored_as_value(AfterImport))
    create_agents: bool = False
    names_seen: float = 0.0  # recordings whose names were held against the pattern, the older the less they count
    names_matched: float = 0.0
    alarm: str = Field(
        default="", sa_column=Column(Text, nullable=False, default="")
    )  # the names stopped matching: a sentence
    alarm_at: datetime | None = None
    updated_at: datetime = Field(default_factory=now)


class FolderChanges(BaseModel):
    """What is to be changed; None leaves it as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool | None = None
    folder: str | None = Setting(default=None, min_length=1, max_length=LONGEST_FOLDER)
    csv: CsvRule | None = None
    window_minutes: int | None = Setting(default=None, ge=1, le=LONGEST_WINDOW)
    preset: str | None = Setting(default=None, max_length=40)
    pattern: str | None = Setting(default=None, max_length=LONGEST_PATTERN)
    called_at_format: str | None = Setting(default=None, max_length=80)
    column_map: dict[str, str] | None = None
    subfolders: bool | None = None
    after_import: AfterImport | None = None
    create_agents: bool | None = None


def folder_changes(**wanted: object) -> FolderChanges:
    """What is wanted, looked through. Raises NotUsable with a sentence."""
    try:
        return FolderChanges.model_validate(wanted)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first["loc"][0])
        words = f"The {field.replace('_', ' ')} cannot be used: {first['msg'].removeprefix('Value error, ')}."
        raise NotUsable(words, field=field) from error


def folder_of(session: Session, campaign: Campaign) -> SftpFolder:
    """A campaign's settings; those it would begin with, where it has none. Not stored by this."""
    found = session.exec(select(SftpFolder).where(SftpFolder.campaign_id == campaign.id)).first()
    return found or SftpFolder(campaign_id=stored_id(campaign.id), folder=campaign.slug)


def configure(session: Session, who: Identity, slug: str, changes: FolderChanges) -> SftpFolder:
    """Change a campaign's settings; what is None stays.

    The folder and the pattern have been looked through: `pipeline.sftp.configuring` is the door. Raises NotUsable for a
    folder that is another campaign's, within one or around one, NotFound, NotAllowed.
    """
    require(who, Permission.SFTP_CONFIGURE)
    campaign = access.campaign(session, who, slug, Permission.SFTP_CONFIGURE)
    # Two campaigns that take folders within each other at the same time would each miss the other.
    everybody = session.exec(select(SftpFolder).order_by(col(SftpFolder.campaign_id)).with_for_update()).all()
    folder = next((each for each in everybody if each.campaign_id == campaign.id), None)
    if folder is None:
        folder = SftpFolder(campaign_id=stored_id(campaign.id), folder=campaign.slug)
    wanted = changes.model_dump(exclude_none=True)
    _expect_own(session, folder, str(wanted.get("folder", folder.folder)), everybody)
    before = {name: getattr(folder, name) for name in wanted}
    after = {name: value for name, value in wanted.items() if value != before[name]}
    folder.sqlmodel_update(after)
    if {"preset", "pattern", "called_at_format"} & after.keys():  # what was usual says nothing of another pattern
        folder.names_seen, folder.names_matched, folder.alarm, folder.alarm_at = 0.0, 0.0, "", None
    folder.updated_at = now()
    session.add(folder)
    try:
        session.flush()
    except IntegrityError as error:  # another campaign took it between our look and our write
        raise _taken(folder.folder, "another campaign") from error
    if after:
        shown = {name: f"{before[name]} -> {value}" for name, value in after.items()}
        audit.log(session, who, "sftp.configure", campaign.name, campaign_id=campaign.id, **shown)
    return folder


def quiet(session: Session, who: Identity, slug: str) -> None:
    """Take the alarm about names that stopped matching away: from now on what comes is usual."""
    require(who, Permission.SFTP_CONFIGURE)
    campaign = access.campaign(session, who, slug, Permission.SFTP_CONFIGURE)
    folder = session.exec(select(SftpFolder).where(SftpFolder.campaign_id == campaign.id).with_for_update()).first()
    if folder is not None and folder.alarm:
        folder.names_seen, folder.names_matched, folder.alarm, folder.alarm_at = 0.0, 0.0, "", None
        session.add(folder)
        audit.log(session, who, "sftp.quiet", campaign.name, campaign_id=campaign.id)


def _expect_own(session: Session, own: SftpFolder, wanted: str, everybody: Sequence[SftpFolder]) -> None:
    """Whether a folder is within another's is asked without case: some servers make no difference."""
    for other in everybody:
        if other.campaign_id != own.campaign_id and _nested(other.folder, wanted):
            name = session.exec(select(Campaign.name).where(Campaign.id == other.campaign_id)).one()
            raise _taken(other.folder, f"the campaign '{name}'")


def _nested(one: str, other: str) -> bool:
    first, second = (f"{each.casefold()}/" for each in (one, other))
    return first.startswith(second) or second.startswith(first)


def _taken(folder: str, by: str) -> NotUsable:
    words = f"The folder '{folder}' is used by {by}, and no folder may be within another's. Choose one beside it."
    return NotUsable(words, field="folder")
