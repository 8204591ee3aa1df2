"""What an answer must look like, as the model is told and as it is checked: nothing else becomes a verdict. Pure."""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

from anthropic import transform_schema
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.evaluators.claude.quoting import shown

LONGEST_REASON = 600  # characters that are kept
LONGEST_SAID = 8000  # a reason or quote over this is no reason or quote
MOST_QUOTES = 5  # that are kept
MOST_BEGINNINGS = 50  # places in a chatty answer at which its JSON may begin
_FENCE = re.compile(r"^```[a-z]*\s*\n(.*?)\n?```$", re.DOTALL | re.IGNORECASE)


class Quote(BaseModel):
    """Words of the transcript."""

    model_config = ConfigDict(strict=True, extra="ignore")

    turn: int = Field(description="The number of the turn, as it stands in square brackets")
    quote: Annotated[str, Field(max_length=LONGEST_SAID)] = Field(description="Copied word for word from that turn")


class Result(BaseModel):
    """One check's verdict. Evidence and reason come first, so that the verdict follows from them."""

    model_config = ConfigDict(strict=True, extra="ignore")

    check: int = Field(ge=1, description="The check's number in the scorecard")
    evidence: list[Quote] = Field(max_length=100)
    reason: str = Field(min_length=1, max_length=LONGEST_SAID, description="One or two plain sentences")
    verdict: Literal["pass", "fail", "not_applicable"]
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)


class Answer(BaseModel):
    """The whole answer, as the model is told."""

    results: list[Result] = Field(description="Exactly one for each check asked about")


class Unusable(Exception):  # noqa: N818  what the answer is
    """No results can be read from this answer; the message says what is wrong with it."""


@dataclass(frozen=True)
class Reading:
    """What an answer gave: results by check number, and the checks it did not answer properly."""

    results: Mapping[int, Result]
    missing: tuple[int, ...]


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The schema that is sent. It never varies: a cached prompt is lost with every other schema."""
    return transform_schema(Answer)


def read(text: str, asked: Collection[int]) -> Reading:
    """The results for what was asked. A check answered twice or out of bounds is missing, one not asked is ignored."""
    results: dict[int, Result] = {}
    times: Counter[int] = Counter()
    for item in _items(text):
        try:
            result = Result.model_validate(item)
        except ValidationError:
            continue
        times[result.check] += 1
        results[result.check] = result.model_copy(update={"reason": shortened(result.reason)})
    good = {number: results[number] for number in asked if times[number] == 1 and results[number].reason}
    return Reading(good, tuple(number for number in asked if number not in good))


def shortened(reason: str) -> str:
    """A reason as it is kept: one line, not too long."""
    line = shown(reason)
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1].rstrip() + "…"


def _items(text: str) -> list[Any]:
    told = _json(text.strip())
    items = told.get("results") if isinstance(told, dict) else None
    if not isinstance(items, list):
        raise Unusable("its answer holds no list of results")
    return items


def _json(text: str) -> Any:  # noqa: ANN401  whatever was sent
    """The JSON of an answer. Servers that know no schemas put fences or talk around it.

    Nothing that was said on a call can pass for it: braces of a transcript never reach the model.
    """
    fenced = _FENCE.match(text)
    text = fenced.group(1) if fenced else text
    begins = [0, *(found.start() for found in re.finditer(r"\{", text))][:MOST_BEGINNINGS]
    told = next((told for begin in begins if (told := _decoded(text, begin)) is not None), None)
    if told is None:
        raise Unusable("its answer is not in the form asked for" if text else "its answer is empty")
    return told


def _decoded(text: str, begin: int) -> dict[str, Any] | None:
    try:
        told, _ = json.JSONDecoder().raw_decode(text, begin)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and "results" in told else None
