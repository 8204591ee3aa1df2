"""What every evaluator takes and gives, Claude and rules alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from pipeline.outcome import Done, Wait
from pipeline.sound.figures import Figures
from pipeline.transcribers.contract import Memory, Transcript
from records.checks import CheckSpec
from records.statuses import Verdict


class Evidence(BaseModel):
    """Words of the transcript that a finding rests on."""

    model_config = ConfigDict(frozen=True)

    turn: int | None = None  # index into the transcript's utterances, from 0
    quote: str = ""  # verbatim
    speaker: str = ""
    start_ms: int | None = None


class Finding(BaseModel):
    """What a check found. `confidence` is an AI judge's own; rules give None."""

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    reason: str
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()
    verified: bool = True


@dataclass(frozen=True)
class Case:
    """What there is to judge."""

    transcript: Transcript
    figures: Figures
    speech_s: float  # how long somebody spoke, by voice activity
    memory: Memory


class Usage(BaseModel):
    """What judging cost; zeros for rules."""

    model_config = ConfigDict(frozen=True)

    analyzer: str = ""
    model: str = ""
    prompt_version: str = ""
    input_tokens: int = 0  # all of them, those read from or written to a cache included
    cached_tokens: int = 0  # of these, read from a cache
    output_tokens: int = 0
    cost_usd: float | None = None  # None: the model's price is not known
    asked_again: int = 0  # requests whose answer was lost with their process, and that may have been paid once more


@dataclass(frozen=True)
class Judgement:
    """A finding for every check asked about, by its place in the question."""

    findings: Mapping[int, Finding]
    usage: Usage = field(default_factory=Usage)


class Evaluator(Protocol):
    """Judges all checks of one kind at once. Errors are ProviderError, and nothing else."""

    def evaluate(self, case: Case, checks: Sequence[CheckSpec]) -> Done[Judgement] | Wait:
        """One finding for each check; keys are indexes into `checks`."""


def not_evaluated(reason: str) -> Finding:
    """Nobody could judge; the reason is a sentence that says why and what to do."""
    return Finding(verdict=Verdict.NOT_EVALUATED, reason=reason)
