"""What AssemblyAI answers, read tolerantly: unknown fields and values are let be, wrong types are an error."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from math import inf
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

COMPLETED, ERROR = "completed", "error"
DELETED = "deleted_by_user"  # stands in the audio_url of a job whose content was deleted; its status stays

Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]
Label = Annotated[str | None, BeforeValidator(lambda given: str(given) if isinstance(given, int) else given)]
Name = Annotated[str, Field(min_length=1, max_length=2_000)]


class Tolerant(BaseModel):
    """Whatever is not named here is not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Item(Tolerant):
    """A job, in the list or when it is begun."""

    id: Name
    audio_url: str | None = None
    created: str | None = None

    @property
    def begun_s(self) -> float:
        """When, in seconds since 1970; endlessly late where that is not said."""
        try:
            begun = datetime.fromisoformat(self.created or "")
        except ValueError:
            return inf
        return begun.replace(tzinfo=begun.tzinfo or UTC).timestamp()


class Uploaded(Tolerant):
    """Where an upload is."""

    upload_url: Name


class PageDetails(Tolerant):
    """Where the older jobs are."""

    prev_url: str | None = None


class Page(Tolerant):
    """A page of the list of jobs, the newest first."""

    transcripts: tuple[Item, ...]
    page_details: PageDetails = PageDetails()

    @property
    def before_id(self) -> str:
        """What to ask the next page with; empty where there is none."""
        found = parse_qs(urlsplit(self.page_details.prev_url or "").query).get("before_id", [""])
        return found[0] if self.transcripts else ""


class HeardWord(Tolerant):
    """Times are in milliseconds."""

    text: str | None = None
    start: Finite | None = None
    end: Finite | None = None
    confidence: Finite | None = None
    speaker: Label = None
    channel: Label = None


class HeardTurn(HeardWord):
    """What one speaker said."""

    words: tuple[HeardWord, ...] | None = None


class Answer(Tolerant):
    """How a job stands, and what it found."""

    id: str = ""
    status: str
    error: str | None = None
    audio_url: str | None = None
    text: str | None = None
    confidence: Finite | None = None
    audio_duration: Finite | None = None  # seconds
    language_code: str | None = None
    speech_model_used: str | None = None
    redact_pii: bool | None = None
    words: tuple[HeardWord, ...] | None = None
    utterances: tuple[HeardTurn, ...] | None = None

    @property
    def deleted(self) -> bool:
        """Whether somebody has deleted what it found."""
        return DELETED in (self.audio_url or "")


class Why(StrEnum):
    """What a job's error text is about."""

    SPEECHLESS = "speechless"  # no voice was found in it
    RECORDING = "recording"
    ACCOUNT = "account"
    THEIRS = "theirs"  # anything else


# An upload that cannot be downloaded is theirs: it has expired or was lost, and a fresh one will do.
_ABOUT: Sequence[tuple[Why, tuple[str, ...]]] = (
    (Why.ACCOUNT, ("balance", "billing", "payment", "quota", "insufficient funds", "subscription")),
    (Why.THEIRS, ("download", "server error", "internal", "try again", "timed out", "timeout")),
    (Why.SPEECHLESS, ("no spoken audio", "no speech", "speech_threshold", "speech threshold")),
    (Why.RECORDING, ("not appear to contain audio", "no audio", "unsupported", "not supported", "decod", "transcod")),
    (Why.RECORDING, ("corrupt", "malformed", "invalid audio", "invalid file", "file type", "format", "too short")),
    (Why.RECORDING, ("too long", "too large", "duration", "empty", "language", "not available")),
)


def why(error: str) -> Why:
    """Whose fault a job's error text says it is."""
    said = error.lower()
    return next((about for about, signs in _ABOUT if any(sign in said for sign in signs)), Why.THEIRS)
