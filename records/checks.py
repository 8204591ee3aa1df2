"""Checks: what a campaign asks of its calls, and the rule behind each."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from pydantic import Field as Rule
from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from records.db import now, stored_as_value
from records.lines import unshown
from records.statuses import CheckKind

Bound = Annotated[float, Rule(allow_inf_nan=False)]  # neither JSON nor PostgreSQL has other numbers


def _sayable(phrase: str) -> str:
    if not any(character.isalnum() for character in phrase):
        raise ValueError("a phrase needs letters or digits, since nothing else can be heard")
    return phrase


def _readable(text: str) -> str:
    if unshown(text):
        raise ValueError("holds characters that cannot be shown; type it instead of pasting it")
    return text


def _named(text: str) -> str:
    if not text.strip():
        raise ValueError("give it a name")
    return _readable(text)


Phrase = Annotated[str, Rule(min_length=2, max_length=300), AfterValidator(_sayable)]
Phrases = Annotated[tuple[Phrase, ...], Rule(max_length=200)]


class AiRule(BaseModel):
    """Judged by Claude: a criterion in plain words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal[CheckKind.AI] = CheckKind.AI
    criterion: str = Rule(min_length=3, max_length=4000)


class PhraseRule(BaseModel):
    """Any, all or none of a list of phrases, said by somebody, somewhere in the call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal[CheckKind.PHRASE] = CheckKind.PHRASE
    any: Phrases = ()
    all: Phrases = ()
    none: Phrases = ()
    speaker: Literal["agent", "customer", "either"] = "either"
    within_first_s: Bound | None = Rule(default=None, gt=0)
    within_last_s: Bound | None = Rule(default=None, gt=0)

    @model_validator(mode="after")
    def _one_list_one_window(self) -> "PhraseRule":
        if sum(bool(phrases) for phrases in (self.any, self.all, self.none)) != 1:
            raise ValueError("give exactly one of any:, all: or none:, with at least one phrase")
        if self.within_first_s is not None and self.within_last_s is not None:
            raise ValueError("give within_first_s or within_last_s, not both")
        return self

    @property
    def phrases(self) -> tuple[str, ...]:
        """The phrases, whichever way they are asked for."""
        return self.any or self.all or self.none


METRIC_NAMES = Literal[  # those of pipeline/sound/figures.py; a test holds the two together
    "duration_s",
    "longest_silence_s",
    "dead_air_share",
    "hold_s",
    "longest_hold_s",
    "overlap_s",
    "agent_talk_share",
    "interruptions",
    "words_per_minute",
]


class MetricRule(BaseModel):
    """A bound on a measured figure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal[CheckKind.METRIC] = CheckKind.METRIC
    metric: METRIC_NAMES
    at_most: Bound | None = None
    at_least: Bound | None = None

    @model_validator(mode="after")
    def _bounded(self) -> "MetricRule":
        if self.at_most is None and self.at_least is None:
            raise ValueError("give at_most or at_least")
        if self.at_most is not None and self.at_least is not None and self.at_least > self.at_most:
            raise ValueError("at_least is above at_most, so that no call could pass")
        return self


AnyRule = Annotated[AiRule | PhraseRule | MetricRule, Rule(discriminator="kind")]


class CheckSpec(BaseModel):
    """A check as people write it, without its place in a database."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Rule(max_length=200), AfterValidator(_named)]
    section: Annotated[str, Rule(max_length=200), AfterValidator(_readable)] = ""
    weight: float = Rule(default=10, ge=0, le=100)
    critical: bool = False
    active: bool = True
    rule: AnyRule


class Check(SQLModel, table=True):
    """A check of a campaign. Editing it never changes a result: each result keeps its own copy."""

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    position: int
    name: str = Field(max_length=200)
    section: str = Field(default="", max_length=200)
    kind: CheckKind = Field(sa_type=stored_as_value(CheckKind))
    rule: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # an AnyRule, as JSON
    weight: float
    critical: bool = False
    active: bool = True
    created_at: datetime = Field(default_factory=now)

    @classmethod
    def of(cls, spec: CheckSpec, *, campaign_id: int, position: int) -> "Check":
        """The row for a spec."""
        return cls(
            campaign_id=campaign_id,
            position=position,
            kind=spec.rule.kind,
            rule=spec.rule.model_dump(mode="json", exclude_defaults=True) | {"kind": spec.rule.kind},
            **spec.model_dump(exclude={"rule"}),
        )

    def spec(self) -> CheckSpec:
        """The spec behind this row, validated again."""
        return CheckSpec.model_validate(self.model_dump(include=set(CheckSpec.model_fields)))
