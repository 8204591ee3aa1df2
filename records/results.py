"""Results: transcripts, what each check found, and the versions that hold them together."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from records.db import now, stored_as_value
from records.statuses import CheckKind, Verdict


class StoredTranscript(SQLModel, table=True):
    """What one transcriber made of one recording, read by records/transcripts.py alone. Runs may share it."""

    __tablename__ = "transcript"

    id: int | None = Field(default=None, primary_key=True)
    call_id: str = Field(foreign_key="call.id", index=True, max_length=32)
    run_number: int  # the run that made it
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # pipeline's Transcript, as JSON
    figures: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # pipeline's Figures, as JSON
    # Whether names and numbers were left out when it was made; False too where nobody knows.
    redacted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    created_at: datetime = Field(default_factory=now)


class CheckResult(SQLModel, table=True):
    """What one check found in one run, with the check as it was then."""

    __tablename__ = "check_result"
    __table_args__ = (UniqueConstraint("run_id", "position", name="uq_check_result_run_position"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id")
    position: int
    check_id: int | None = Field(default=None, index=True)  # no foreign key: the check may be deleted, the past stays
    name: str = Field(max_length=200)
    section: str = Field(default="", max_length=200)
    kind: CheckKind = Field(sa_type=stored_as_value(CheckKind))
    rule: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    weight: float
    critical: bool
    verdict: Verdict = Field(sa_type=stored_as_value(Verdict))
    confidence: float | None = None
    reason: str = ""
    evidence: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    verified: bool = True  # False: the judge quoted words that the transcript does not hold


class Version(SQLModel, table=True):
    """One result of a call; numbered when its run succeeded, never overwritten."""

    __table_args__ = (UniqueConstraint("call_id", "number", name="uq_version_call_number"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: str = Field(foreign_key="call.id", max_length=32)
    number: int
    run_id: int = Field(foreign_key="run.id", unique=True)  # one version a run, whatever happens
    transcript_id: int = Field(foreign_key="transcript.id")
    score: float | None = None  # None: nothing could be scored
    section_scores: dict[str, float | None] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    flagged: bool = False
    flag_reasons: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    transcriber: str = Field(default="", max_length=40)
    transcriber_model: str = Field(default="", max_length=80)
    analyzer: str = Field(default="", max_length=40)  # empty: rules only
    analyzer_model: str = Field(default="", max_length=80)
    prompt_version: str = Field(default="", max_length=40)
    input_tokens: int = 0  # cached_tokens included
    cached_tokens: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    output_tokens: int = 0
    audio_seconds: float = 0.0  # what was billed
    cost_usd: float | None = None  # None: not known
    # Requests that a killed process had under way, and that may have been paid once more.
    asked_again: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    stage_seconds: dict[str, float] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(default_factory=now)
