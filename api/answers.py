"""What the API answers about calls, as models: the documentation is made of them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, PlainSerializer

from pipeline.evaluators.contract import Evidence
from records.statuses import CallStatus, CheckKind, RunReason, Source, Verdict

Rounded = Annotated[float, PlainSerializer(lambda score: round(score, 1), return_type=float)]
"""A score as people read it: 0 to 100, one digit after the point."""


class Words(BaseModel):
    """A stable code, and a sentence for a person."""

    code: str
    words: str


class CallAnswer(BaseModel):
    """A call: what it is, and where it stands."""

    id: str = Field(examples=["9f2c1f0c5c0f4a3f8f3f4b7a9f0e1d2c"])
    campaign_id: int
    campaign: str = Field(description="The campaign's slug.", examples=["customer-service"])
    status: CallStatus
    source: Source
    filename: str
    sha256: str
    size: int = Field(description="Bytes.")
    duration_s: float | None = Field(description="Null until the recording was decoded to its end.")
    container: str = Field(description="The file's format, by ffmpeg's name.")
    codec: str
    channels: int
    sample_rate: int = Field(description="Hertz.")
    called_at: datetime | None = Field(description="When the call took place.")
    external_id: str | None = Field(description="The call's id in your system.")
    agent: str | None = Field(description="The linked agent's name.")
    agent_given: str = Field(description="The agent as the source named them, linked or not.")
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    waiting_for: str | None = Field(description="What an unfinished call waits for, in a sentence.")
    error: Words | None = Field(description="Why the newest run failed.")
    newest_version: int | None = Field(description="Null before the first.")
    score: Rounded | None = Field(description="0 to 100. Null where nothing could be scored.")
    reviewed_score: Rounded | None = Field(description="The score by a person's verdicts, once the review is closed.")
    flagged: bool = Field(description="A person must look at it.")


class CallList(BaseModel):
    """One page of calls, newest first."""

    items: list[CallAnswer]
    next_cursor: str | None = Field(description="For the next page; null on the last.")


class VersionAnswer(BaseModel):
    """One result of a call, and how it was made."""

    number: int
    reason: RunReason
    asked_by: str
    created_at: datetime
    transcriber: str
    transcriber_model: str
    analyzer: str = Field(description="Empty where rules alone judged.")
    analyzer_model: str
    prompt_version: str
    input_tokens: int = Field(description="Cached ones included.")
    cached_tokens: int
    output_tokens: int
    audio_seconds: float = Field(description="What the transcriber bills.")
    cost_usd: float | None = Field(description="Null where it is not known.")
    asked_again: int = Field(description="Requests that a stopped worker had under way, and that may be paid twice.")
    stage_seconds: dict[str, float]


class VersionScore(VersionAnswer):
    """A version with what it came to."""

    score: Rounded | None
    flagged: bool


class VersionList(BaseModel):
    """A call's versions, newest first."""

    items: list[VersionScore]


class Reviewed(BaseModel):
    """What a person found of a check."""

    verdict: Verdict
    comment: str
    by: str
    at: datetime


class CheckAnswer(BaseModel):
    """What one check found, with the check as it was then."""

    name: str
    section: str
    kind: CheckKind
    weight: float
    critical: bool
    verdict: Verdict
    confidence: float | None = Field(description="An AI judge's own, 0 to 1.")
    reason: str
    evidence: list[Evidence]
    verified: bool = Field(description="False: the judge quoted words that the transcript does not hold.")
    reviewed: Reviewed | None = Field(description="What a person found of it, once the review is closed; else null.")


class Turn(BaseModel):
    """What one speaker said at a stretch."""

    speaker: str = Field(description="agent, customer, speaker_1 ..., unknown", examples=["agent"])
    start_ms: int
    end_ms: int
    text: str


class Step(BaseModel):
    """One line of a call's timeline."""

    at: datetime
    status: str
    words: str


class Timings(BaseModel):
    """How long the newest run took, and what has happened so far."""

    stage_seconds: dict[str, float]
    timeline: list[Step]


class WholeCall(CallAnswer):
    """A call with what one version of it found."""

    timings: Timings
    version: VersionAnswer | None = Field(description="Null before the first.")
    section_scores: dict[str, Rounded | None]
    flag_reasons: list[Words]
    checks: list[CheckAnswer]
    figures: dict[str, Any] = Field(description="What was measured: silence, talk shares, pace ...")
    withheld: bool = Field(
        description="True where words, quotes and reasons are left out, being made before redaction was on."
    )
    transcript: list[Turn] | None = Field(default=None, description="Only with `include=transcript`.")


class TranscriptAnswer(BaseModel):
    """A version's transcript."""

    call_id: str
    version: int
    language: str
    transcriber: str
    transcriber_model: str
    draft: bool = Field(description="True where the words are an offline draft of low confidence.")
    transcript: list[Turn]
