"""Deepgram's answers as they come: what is unknown in them is passed over, what is missing has a default."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from pipeline import refusals
from pipeline.outcome import ProviderError

NAME = "Deepgram"
LONGEST_TEXT = 5_000_000  # characters; ten hours of speech have a tenth of that
LONGEST_WORD = 200


class Lost(ProviderError):  # noqa: N818  what became of the answer
    """No answer that can be used, to a request that may have been worked on and billed. Trying again may help."""

    @classmethod
    def because(cls, why: object) -> "Lost":
        """In the words that every provider's broken answer has."""
        return cls(str(refusals.broken_off(NAME, why)))


def _storable(given: Any) -> Any:  # noqa: ANN401  whatever stands in the answer; what is no text is refused by the type
    """No NUL, which PostgreSQL keeps nowhere; no runs of white space."""
    return " ".join(given.replace("\0", "").split()) if isinstance(given, str) else given


Text = Annotated[str, BeforeValidator(_storable)]


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, given: Any) -> Any:  # noqa: ANN401  as it stands in the answer
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given


class Word(_Lenient):
    """Times in seconds; `speaker` from 0, where speakers were asked for."""

    word: Text = ""
    punctuated_word: Text = ""
    start: float = 0.0
    end: float = 0.0
    confidence: float | None = None
    speaker: int | None = None

    @property
    def text(self) -> str:
        return (self.punctuated_word or self.word)[:LONGEST_WORD]


class Alternative(_Lenient):
    """What was said on a channel; only the first one is asked for."""

    transcript: Text = ""
    words: tuple[Word, ...] = ()


class Channel(_Lenient):
    alternatives: tuple[Alternative, ...] = ()
    detected_language: Text = ""

    @property
    def best(self) -> Alternative:
        return self.alternatives[0] if self.alternatives else Alternative()


class ModelInfo(_Lenient):
    name: Text = ""
    arch: Text = ""


class Metadata(_Lenient):
    """`duration` is the seconds that were heard, and billed."""

    request_id: Text = ""
    duration: float = 0.0
    models: tuple[str, ...] = ()
    model_info: dict[str, ModelInfo] = {}


class Results(_Lenient):
    channels: tuple[Channel, ...] = ()


class Answer(_Lenient):
    """Any body of Deepgram's: a result, the receipt for a submission, or a refusal (in either of its two styles)."""

    metadata: Metadata = Metadata()
    results: Results | None = None
    request_id: Text = ""
    err_code: Text = ""
    err_msg: Text = ""
    category: Text = ""
    message: Text = ""
    details: Text = ""

    @property
    def refuses(self) -> bool:
        return self.results is None and bool(self.err_code or self.err_msg or self.category)


def read(body: bytes) -> Answer:
    """The body as an Answer. Raises Lost where it is none."""
    try:
        answer = Answer.model_validate_json(body)
    except ValidationError as error:
        raise Lost.because(refusals.another_form(error)) from None  # the original holds what was said in the call
    if answer.results and sum(len(channel.best.transcript) for channel in answer.results.channels) > LONGEST_TEXT:
        raise Lost.because("its transcript is longer than any call's")
    return answer
