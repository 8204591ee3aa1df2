"""Runs: one try to take a call through the pipeline. A run that succeeds makes one version."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.db import now, stored_as_value
from records.statuses import RunReason

_OPEN = text("ended_at IS NULL")
_IN_LINE = text("ended_at IS NULL AND waits_at <> ''")


class Run(SQLModel, table=True):
    """Where one run stands, and who holds it.

    `ticket` numbers the requests to look at the run: a job carries one, and a job whose ticket is not the
    newest does nothing. `claim` names the one worker that may write, until `lease_until`.
    """

    __table_args__ = (
        UniqueConstraint("call_id", "number", name="uq_run_call_number"),
        Index("ix_run_open_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_run_line", "waits_at", "waits_since", sqlite_where=_IN_LINE, postgresql_where=_IN_LINE),
    )

    id: int | None = Field(default=None, primary_key=True)
    call_id: str = Field(foreign_key="call.id", max_length=32)
    number: int
    reason: RunReason = Field(sa_type=stored_as_value(RunReason))
    asked_by: str = Field(default="", max_length=320)
    stage: str = Field(max_length=24)  # the stage that is next or under way
    ticket: int = 1
    claim: str | None = Field(default=None, max_length=32)
    lease_until: datetime | None = None
    due_at: datetime = Field(default_factory=now)  # when it next wants looking at
    attempts: int = 0  # tries of the present stage
    waiting_for: str = ""  # a sentence: why it waits
    # The provider in whose line it stands, with no job until its turn comes.
    waits_at: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": text("''")})
    waits_since: datetime | None = None
    transcriber: str = Field(default="", max_length=40)  # empty: the campaign's choice
    memory: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # the provider's job
    transcript_id: int | None = Field(default=None, foreign_key="transcript.id")
    usage: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )  # pipeline's Usage, as JSON
    stage_began_at: datetime | None = None
    stage_seconds: dict[str, float] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None
    error_code: str | None = Field(default=None, max_length=40)
    error: str | None = None
