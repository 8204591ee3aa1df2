"""What a run remembers of its judging, so that a crash pays only the request that was in flight once more."""

import hashlib
from collections.abc import Mapping

from pydantic import BaseModel, Field, ValidationError

from pipeline.evaluators.claude.evidence import Kept
from pipeline.evaluators.claude.messages import Message
from pipeline.evaluators.claude.prompt import version
from pipeline.evaluators.contract import Usage
from pipeline.transcribers.contract import Memory

FACT = "claude"  # the one fact's name in the run's memory
ANALYZER = "claude"
LONGEST_MODEL = 80  # characters of its name


class Page(BaseModel):
    """What is remembered. Findings are kept by scope: 'call', or '1/3' for a part."""

    question: str  # a digest of everything that decides the answers: others' answers are of no use
    found: dict[str, dict[int, Kept]] = Field(default_factory=dict)
    parts: int = 1  # into how many the call must be cut
    sent: bool = False  # a request is in flight
    usage: Usage = Usage(analyzer=ANALYZER, cost_usd=0.0)  # of all requests so far, useless ones too


class Notebook:
    """The page, committed at every step."""

    def __init__(self, memory: Memory, question: str) -> None:
        self._memory = memory
        self.page = _remembered(memory.facts, question)

    @property
    def usage(self) -> Usage:
        """What judging has cost so far."""
        return self.page.usage.model_copy(update={"prompt_version": version()})

    @property
    def parts(self) -> int:
        """Into how many parts the call must be cut; 1: into none."""
        return self.page.parts

    def found(self, scope: str) -> Mapping[int, Kept]:
        """What is known already, by check number."""
        return self.page.found.get(scope, {})

    def sending(self) -> None:
        """Commit that a request goes out now."""
        self._write(sent=True)

    def never_answered(self) -> None:
        """Commit that it was refused or never sent, so that nothing is owed for it."""
        self._write(sent=False)

    def lost(self) -> None:
        """Commit that no answer came back, though one may have been paid for."""
        self._write(sent=False, usage=_more(self.usage, asked_again=1))

    def answered(self, message: Message, asked_for: str) -> None:
        """Note what an answer cost; committed with what is made of it. `asked_for` is the model in the settings."""
        used, model = message.usage, message.model or asked_for
        cost = used.cost(model)
        usage = _more(
            self.usage,
            input_tokens=used.all_input,
            cached_tokens=used.cache_read_input_tokens,
            output_tokens=used.output_tokens,
        )
        total = None if cost is None or usage.cost_usd is None else round(usage.cost_usd + cost, 6)
        update = {"cost_usd": total, "model": model[:LONGEST_MODEL]}
        self.page = self.page.model_copy(update={"sent": False, "usage": usage.model_copy(update=update)})

    def keep(self, scope: str, found: Mapping[int, Kept]) -> None:
        """Commit findings, and with them that their request is over."""
        self._write(found={**self.page.found, scope: {**self.found(scope), **found}})

    def cut(self, parts: int) -> None:
        """Commit that the call must be cut, or cut smaller; what smaller parts gave is of no use then."""
        self._write(parts=parts, found={})

    def _write(self, **values: object) -> None:
        self.page = self.page.model_copy(update=values)
        self._memory.remember(**{FACT: self.page.model_dump_json(exclude_defaults=True)})


def digest(*told: str) -> str:
    """A short name for a question."""
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]


def _remembered(facts: Mapping[str, str], question: str) -> Page:
    try:
        page = Page.model_validate_json(facts.get(FACT, ""))
    except ValidationError:  # nothing yet, or written by another version of the product
        return Page(question=question)
    usage = _more(page.usage, asked_again=1) if page.sent else page.usage
    if page.question != question:  # the checks, say, were edited meanwhile; what was paid was paid
        return Page(question=question, usage=usage)
    return page.model_copy(update={"sent": False, "usage": usage})


def _more(usage: Usage, **counts: int) -> Usage:
    return usage.model_copy(update={name: getattr(usage, name) + count for name, count in counts.items()})
