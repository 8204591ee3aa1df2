"""What was seen on the SFTP server: files with their verdicts, the batches they came in, the rows of their CSVs."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Text, text
from sqlmodel import Field, Session, SQLModel, select
from sqlmodel.sql.expression import SelectOfScalar, col

from records import access
from records.campaigns import Campaign
from records.db import LARGEST_ID, now, stored_as_value
from records.identity import Identity, NotFound
from records.roles import Permission, Scope, scope_of
from records.statuses import SftpBatchStatus, SftpFileStatus

LONGEST_NAME = 400  # characters of a folded name: a name has at most 255 bytes, and folding may lengthen it


class FileKind(StrEnum):
    """What a file is taken for, by its name alone."""

    RECORDING = "recording"
    SHEET = "sheet"  # a CSV
    OTHER = "other"  # left out whatever is in it


class Tidying(StrEnum):
    """Whether the file on the server is still to be moved or deleted after its import."""

    NONE = "none"
    WANTED = "wanted"
    DONE = "done"
    FAILED = "failed"  # the reason says why; the import stands


def _where(words: str) -> Mapping[str, Any]:
    return {"sqlite_where": text(words), "postgresql_where": text(words)}


class SftpBatch(SQLModel, table=True):
    """What arrived in a campaign's folder within its window. One of a campaign's is open (not closed) at a time."""

    __tablename__ = "sftp_batch"
    __table_args__ = (
        Index("uq_sftp_batch_open", "campaign_id", unique=True, **_where("closed_at IS NULL")),
        Index("ix_sftp_batch_unfinished", "id", **_where("ended_at IS NULL")),
        Index("ix_sftp_batch_campaign", "campaign_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    status: SftpBatchStatus = Field(default=SftpBatchStatus.DETECTING, sa_type=stored_as_value(SftpBatchStatus))
    # What it waits for, or how it ended.
    words: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    after_id: int | None = Field(default=None, foreign_key="sftp_batch.id", index=True)  # whose late files these are
    opened_at: datetime = Field(default_factory=now)
    closes_at: datetime  # the end of its window
    forced: bool = False  # a person said: process now
    by: str = Field(default="", max_length=320)  # who said so
    closed_at: datetime | None = None  # nothing joins it any more
    ended_at: datetime | None = None


class SftpFile(SQLModel, table=True):
    """One sighting of a file. The current one of a path is what lies there now, or was imported from there."""

    __tablename__ = "sftp_file"
    __table_args__ = (
        Index("uq_sftp_file_current", "path_key", unique=True, **_where("superseded_at IS NULL")),
        Index("ix_sftp_file_batch", "batch_id", "status", "id"),
        Index("ix_sftp_file_campaign", "campaign_id", "status", "id"),
        Index("ix_sftp_file_status", "status", "id"),
        Index("ix_sftp_file_name", "campaign_id", "name_key"),
        Index("ix_sftp_file_stem", "campaign_id", "stem_key"),
        Index("ix_sftp_file_due", "due_at", "id", **_where("status IN ('matched', 'processing')")),
        Index("ix_sftp_file_tidying", "id", **_where("tidying = 'wanted'")),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")  # None: no campaign claims its folder
    batch_id: int | None = Field(default=None, foreign_key="sftp_batch.id")
    # Below SFTP_ROOT, as text (pipeline/sftp/connection/paths.py); empty once its call was deleted. Never a local path.
    path: str = Field(sa_column=Column(Text, nullable=False))
    path_key: str = Field(max_length=64)
    name_key: str = Field(max_length=LONGEST_NAME)  # as CSVs' names are compared with it
    stem_key: str = Field(max_length=LONGEST_NAME)  # the same without extension
    kind: FileKind = Field(sa_type=stored_as_value(FileKind))
    size: int = Field(sa_type=BigInteger)  # bytes
    modified: datetime  # as the server says
    seen_at: datetime = Field(default_factory=now)
    still_since: datetime = Field(default_factory=now)  # since when size and time are as they are
    superseded_at: datetime | None = None  # when another file was found in its place
    status: SftpFileStatus = Field(default=SftpFileStatus.DETECTED, sa_type=stored_as_value(SftpFileStatus))
    code: str = Field(default="", max_length=40)
    reason: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    call_id: str | None = Field(default=None, foreign_key="call.id", index=True, max_length=32)
    told: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    agent_id: int | None = None  # no foreign key: who was merged into another since is found by intake
    # Why nobody is linked, and who may be meant.
    agent_note: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    accept_truncated: bool = False
    due_at: datetime | None = None  # from when a worker may import it; None: its batch holds it
    tries: int = 0
    claim: str | None = Field(default=None, max_length=32)
    claim_until: datetime | None = None
    tidying: Tidying = Field(default=Tidying.NONE, sa_type=stored_as_value(Tidying))
    ended_at: datetime | None = None


class SftpRow(SQLModel, table=True):
    """One line of a CSV: what it says of the recording that it names, and which file that is, once it is there."""

    __tablename__ = "sftp_row"
    __table_args__ = (
        Index("ix_sftp_row_sheet", "sheet_id", "id"),
        Index("ix_sftp_row_missing", "campaign_id", "name_key", **_where("file_id IS NULL")),
        Index("ix_sftp_row_file", "file_id", "id"),
        Index("ix_sftp_row_unapplied", "file_id", **_where("applied_at IS NULL AND file_id IS NOT NULL")),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    sheet_id: int = Field(foreign_key="sftp_file.id")
    line: int
    name: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))  # as the CSV has it
    name_key: str = Field(default="", max_length=LONGEST_NAME)  # empty where the line could not be used
    told: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    words: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))  # what is wrong with it
    file_id: int | None = Field(default=None, foreign_key="sftp_file.id")
    applied_at: datetime | None = None  # when what it says went into the file's facts, or into its call


def key_of(raw: bytes) -> str:
    """By what a path is found again, whatever its length and its bytes."""
    return hashlib.sha256(raw).hexdigest()


def batches(who: Identity) -> SelectOfScalar[SftpBatch]:
    """The batches of the campaigns whose SFTP this person may see."""
    mine = access.campaigns(who, Permission.SFTP_READ).with_only_columns(col(Campaign.id))
    return select(SftpBatch).where(col(SftpBatch.campaign_id).in_(mine))


def batch(session: Session, who: Identity, number: int) -> SftpBatch:
    """One of them; else NotFound."""
    found = session.exec(batches(who).where(SftpBatch.id == number)).first() if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound("There is no such batch.")
    return found


def files(who: Identity) -> SelectOfScalar[SftpFile]:
    """The files of those campaigns; whoever may see every campaign sees those that no campaign claims, too."""
    if scope_of(who.role, Permission.SFTP_READ) is Scope.ALL:
        return select(SftpFile)
    mine = access.campaigns(who, Permission.SFTP_READ).with_only_columns(col(Campaign.id))
    return select(SftpFile).where(col(SftpFile.campaign_id).in_(mine))


def file(session: Session, who: Identity, number: int) -> SftpFile:
    """One of them; else NotFound."""
    found = session.exec(files(who).where(SftpFile.id == number)).first() if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound("There is no such file.")
    return found
