"""Claude judges all AI checks of a call: group by group, in parts where the call is too long, every step remembered."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline import refusals
from pipeline.evaluators.claude import groups, prompt
from pipeline.evaluators.claude.answers import Unusable
from pipeline.evaluators.claude.evidence import Kept, Said, unjudged
from pipeline.evaluators.claude.groups import DECLINED, Task, TooLong
from pipeline.evaluators.claude.messages import Message
from pipeline.evaluators.claude.notebook import Notebook, digest
from pipeline.evaluators.claude.parts import MOST_PARTS, parts, parts_needed
from pipeline.evaluators.claude.prompt import Found, Prompt
from pipeline.evaluators.claude.requests import NAME, AnswerLost
from pipeline.evaluators.contract import Case, Judgement, not_evaluated
from pipeline.evaluators.trust import words_doubt
from pipeline.outcome import Done, ProviderError
from records.checks import CheckSpec
from records.statuses import Verdict

CALL = "call"  # the scope of findings about the whole call
MOST_DECLINED = 3  # asked alone and declined, and none answered: it is the call, and not a check
UNREADABLE = (
    "Not evaluated: this call is longer than the model can read, even in parts. Name a model that reads more in "
    "ANTHROPIC_MODEL, then use Run Analysis."
)


class Asked(Protocol):
    """Whom to ask."""

    @property
    def model(self) -> str:
        """The model's name in the settings."""

    def ask(self, prompt: Prompt, room: int) -> Message:
        """One request. Raises TooLong, AnswerLost and every other ProviderError."""


Words = Callable[[Sequence[int]], tuple[str, str]]  # check numbers -> a request's material and question


@dataclass(frozen=True)
class Claude:
    """Judges AI checks."""

    server: Asked

    def evaluate(self, case: Case, checks: Sequence[CheckSpec]) -> Done[Judgement]:
        """One finding for each check. Errors are ProviderError; what was judged before one is remembered."""
        doubt = words_doubt(case)  # who speaks can mostly be told from the words, and the model is told how sure it is
        if doubt:  # nothing is sent, and nothing paid
            return Done(Judgement({place: not_evaluated(doubt) for place in range(len(checks))}))
        sitting = Sitting.of(self.server, case, checks)
        found = sitting.judge(range(1, len(checks) + 1))
        findings = {number - 1: sitting.said.finding(kept) for number, kept in found.items()}
        return Done(Judgement(findings, sitting.book.usage))


@dataclass
class Sitting:
    """The judging of one call."""

    server: Asked
    case: Case
    said: Said
    scorecard: str
    book: Notebook
    declined_alone: int = 0
    answered_alone: int = 0

    @classmethod
    def of(cls, server: Asked, case: Case, checks: Sequence[CheckSpec]) -> "Sitting":
        """Begin, or go on where a process has died."""
        scorecard = prompt.scorecard(checks)
        call = prompt.transcript(case.transcript)
        book = Notebook(case.memory, digest(prompt.version(), server.model, scorecard, call))
        return cls(server, case, Said(case.transcript.utterances), scorecard, book)

    def judge(self, numbers: Sequence[int]) -> Mapping[int, Kept]:
        """Every check's finding; the call is cut ever smaller as long as it is too long for the model."""
        while self.book.parts <= MOST_PARTS:
            try:
                return self._whole(numbers) if self.book.parts == 1 else self._in_parts(numbers)
            except TooLong as why:
                self.book.cut(parts_needed(str(why), self.book.parts))
        return dict.fromkeys(numbers, unjudged(UNREADABLE))

    def _whole(self, numbers: Sequence[int]) -> Mapping[int, Kept]:
        return self._ask_all(CALL, numbers, _about(prompt.transcript(self.case.transcript)))

    def _in_parts(self, numbers: Sequence[int]) -> Mapping[int, Kept]:
        """Each part is judged, then each check is decided over what the parts gave.

        The model decides, because nobody else knows whether a criterion asks for something to be said or not.
        """
        pieces = parts([len(text) for text in self.said.texts], self.book.parts)
        found: list[Mapping[int, Kept]] = []
        for part, turns in enumerate(pieces, 1):
            call = prompt.transcript(self.case.transcript, turns, part=part, parts=len(pieces))
            scope = f"{part}/{self.book.parts}"
            found.append(self._ask_all(scope, numbers, _about(call)))
        return self._merged(numbers, found)

    def _merged(self, numbers: Sequence[int], found: Sequence[Mapping[int, Kept]]) -> Mapping[int, Kept]:
        material = {number: [self._material(of_part[number]) for of_part in found] for number in numbers}
        decidable = [number for number in numbers if any(material[number])]
        nowhere = {number: found[0][number] for number in numbers if number not in decidable}
        turns = self.said.turns
        return nowhere | dict(
            self._ask_all(CALL, decidable, lambda asked: ("", prompt.merging(asked, material, turns)), shorter=True)
        )

    def _material(self, kept: Kept) -> Found | None:
        if kept.verdict is Verdict.NOT_EVALUATED:
            return None
        quotes = [(place.turn, self.said.quote(place)) for place in kept.places]
        return Found(kept.verdict.value, kept.reason, quotes)

    def _ask_all(
        self, scope: str, numbers: Sequence[int], words: Words, *, shorter: bool = False
    ) -> Mapping[int, Kept]:
        """Ask for whatever is not known yet. `shorter`: fewer checks make the prompt shorter."""
        known = self.book.found(scope)
        queue = deque(groups.tasks([number for number in numbers if number not in known]))
        several = len(queue) > 1 or bool(known)  # one request alone would pay for a cache that nobody reads
        while queue:
            task = queue.popleft()
            if task.alone and self._hopeless:
                self.book.keep(scope, dict.fromkeys(task.numbers, unjudged(DECLINED)))
                continue
            try:
                following = self._ask(scope, task, words, kept=several)
            except TooLong:
                if not shorter:
                    raise
                following = groups.halves(task)
                if not following:
                    self.book.keep(scope, dict.fromkeys(task.numbers, unjudged(UNREADABLE)))
            several = several or len(following) > 1
            queue.extendleft(reversed(following))
        return self.book.found(scope)

    @property
    def _hopeless(self) -> bool:
        return self.declined_alone >= MOST_DECLINED and not self.answered_alone

    def _ask(self, scope: str, task: Task, words: Words, *, kept: bool) -> tuple[Task, ...]:
        """One request; what it settled is committed, what must be asked further is given back."""
        material, question = words(task.numbers)
        message = self._answer(Prompt(prompt.RULES, self.scorecard, material, question, kept and bool(material)), task)
        try:
            following = groups.after(task, message.reply)
        except (TooLong, Unusable) as error:
            self.book.keep(scope, {})
            if isinstance(error, Unusable):
                raise refusals.broken_off(NAME, error) from error
            raise
        if task.alone:
            self.declined_alone += message.stop_reason == "refusal"
            self.answered_alone += bool(following.results)
        settled = {number: self.said.keep(result) for number, result in following.results.items()}
        self.book.keep(scope, settled | {number: unjudged(why) for number, why in following.unjudged.items()})
        return following.tasks

    def _answer(self, words: Prompt, task: Task) -> Message:
        self.book.sending()
        try:
            message = self.server.ask(words, task.room)
        except AnswerLost:
            self.book.lost()
            raise
        except (ProviderError, TooLong):
            self.book.never_answered()
            raise
        self.book.answered(message, self.server.model)
        return message


def _about(call: str) -> Words:
    return lambda asked: (call, prompt.question(asked))
