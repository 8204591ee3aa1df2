"""Calls, and the timeline of what happened to each."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from records.db import now, stored_as_value
from records.reviews import ReviewState
from records.statuses import FINISHED, CallStatus, Source


def new_call_id() -> str:
    """A random id, chosen before the first byte is stored: 32 hexadecimal digits."""
    return uuid4().hex


def _where(sqlite: str, postgresql: str = "") -> dict[str, Any]:
    """Which rows an index holds, as queries say it: SQLite compares the words, and looks into no parameter."""
    return {"sqlite_where": text(sqlite), "postgresql_where": text(postgresql or sqlite)}


UNFINISHED = tuple(status for status in CallStatus if status not in FINISHED)
_UNFINISHED = f"status IN ({', '.join(repr(status.value) for status in UNFINISHED)})"


class Call(SQLModel, table=True):
    """One recording, and where it stands.

    The figures of the newest version (`score`, `flagged`) are copied here, because lists filter by them.
    """

    __table_args__ = (
        UniqueConstraint("campaign_id", "sha256", name="uq_call_campaign_sha256"),  # the same bytes are one call
        Index("ix_call_campaign_created", "campaign_id", "created_at", "id"),
        Index("ix_call_created", "created_at", "id"),
        Index("ix_call_agent_created", "agent_id", "created_at", "id"),
        Index("ix_call_status_created", "status", "created_at", "id"),
        Index("ix_call_campaign_status", "campaign_id", "status", "created_at", "id"),
        Index("ix_call_campaign_external", "campaign_id", "external_id", "created_at", "id"),
        Index("ix_call_campaign_called", "campaign_id", "called_at", "created_at", "id"),
        Index("ix_call_flagged", "created_at", "id", **_where("flagged IS 1", "flagged IS true")),
        Index(
            "ix_call_campaign_flagged", "campaign_id", "created_at", "id", **_where("flagged IS 1", "flagged IS true")
        ),
        Index("ix_call_unlinked", "campaign_id", "agent_given", **_where("agent_id IS NULL")),
        Index("ix_call_review", "created_at", "id", **_where("review = 'open'")),
        Index("ix_call_campaign_review", "campaign_id", "created_at", "id", **_where("review = 'open'")),
        Index("ix_call_unfinished", "updated_at", **_where(_UNFINISHED)),
        Index("ix_call_campaign_unfinished", "campaign_id", "updated_at", **_where(_UNFINISHED)),
        Index("ix_call_campaign_recording", "campaign_id", "created_at", "id", **_where("recording_gone_at IS NULL")),
        Index(
            "ix_call_campaign_transcripts", "campaign_id", "created_at", "id", **_where("transcripts_gone_at IS NULL")
        ),
        Index(
            "ix_call_campaign_unredacted",
            "campaign_id",
            "created_at",
            "id",
            **_where("redacted IS 0", "redacted IS false"),
        ),
        Index("ix_call_campaign_updated", "campaign_id", "updated_at", "created_at", "id"),
        Index("ix_call_score", "effective_score", "created_at", "id"),
        Index("ix_call_campaign_score", "campaign_id", "effective_score", "created_at", "id"),
        Index("ix_call_duration", "duration_ms", "created_at", "id"),
        Index("ix_call_campaign_duration", "campaign_id", "duration_ms", "created_at", "id"),
        Index("ix_call_called", "called_at", "created_at", "id"),
    )

    id: str = Field(default_factory=new_call_id, primary_key=True, max_length=32)
    campaign_id: int = Field(foreign_key="campaign.id")
    status: CallStatus = Field(default=CallStatus.PENDING, sa_type=stored_as_value(CallStatus))
    source: Source = Field(sa_type=stored_as_value(Source))
    filename: str = Field(max_length=1024)  # as it came, for people; never part of a path
    size: int = Field(sa_type=BigInteger)  # bytes
    sha256: str = Field(max_length=64)
    container: str = Field(default="", max_length=80)
    codec: str = Field(default="", max_length=80)
    channels: int = 0
    sample_rate: int = 0
    duration_ms: int | None = None  # decoded length; None until the full decode
    accept_truncated: bool = False  # the uploader knows that it is cut short and wants it all the same
    called_at: datetime | None = None  # when the call took place
    external_id: str | None = Field(default=None, max_length=255)
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column("metadata", JSON, nullable=False))
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    # As the source named the agent; kept where nobody is known by that name, for a person to link.
    agent_given: str = Field(default="", max_length=320, sa_column_kwargs={"server_default": text("''")})
    uploader_id: int | None = Field(default=None, foreign_key="person.id")
    api_key_id: int | None = Field(default=None, foreign_key="api_key.id")
    run_number: int = 1  # the newest run
    version_number: int = 0  # the newest version; 0 before the first
    score: float | None = None  # the AI's
    reviewed_score: float | None = None  # a person's, once the newest version's review is closed
    effective_score: float | None = None  # the reviewed one where there is one: what lists, figures and exports use
    review: ReviewState = Field(
        default=ReviewState.NONE, sa_type=stored_as_value(ReviewState), sa_column_kwargs={"server_default": "none"}
    )
    flagged: bool = False
    # Whether the newest version was judged on a redacted transcript: searches and lists ask for it.
    redacted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    error_code: str | None = Field(default=None, max_length=40)
    error: str | None = None  # a sentence for a person
    recording_gone_at: datetime | None = None  # when retention removed it
    transcripts_gone_at: datetime | None = None  # when retention took the words away; figures and scores stay
    held_at: datetime | None = None  # since when it is under legal hold
    held_by: str = Field(default="", max_length=320, sa_column_kwargs={"server_default": text("''")})
    held_why: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": text("''")})
    created_at: datetime = Field(default_factory=now)
    # By whatever changes the row: figures that are kept, and programs that ask what is new, go by it.
    updated_at: datetime = Field(default_factory=now, sa_column_kwargs={"onupdate": now})


class CallEvent(SQLModel, table=True):
    """One line of a call's timeline. Never changed, never deleted while the call is there."""

    __tablename__ = "call_event"

    id: int | None = Field(default=None, primary_key=True)
    call_id: str = Field(foreign_key="call.id", index=True, max_length=32)
    run_number: int
    was: str | None = Field(default=None, max_length=24)  # None: the call came in
    became: str = Field(max_length=24)
    words: str = ""  # why, for a person
    by: str = Field(default="", max_length=320)  # who asked; empty: the pipeline itself
    at: datetime = Field(default_factory=now)
