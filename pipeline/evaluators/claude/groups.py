"""Which checks are asked about together, and what is asked next after each answer. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import ceil

from pipeline.evaluators.claude.answers import Result, Unusable, read

MOST_CHECKS = 12  # a request: about 3,000 tokens of answer, and attention for each
ROOM = 24_000  # tokens for thinking and answer together
MORE_ROOM = 48_000
MOST_REPEATS = 2  # requests more for what an answer left out
MOST_GARBLED = 1  # requests more after an answer that cannot be read

DECLINED = (
    "Not evaluated: the model declined to judge this check on this call. Judge it by hand, or word the criterion anew."
)
ENDLESS = "Not evaluated: the model's answer was longer than it may be. Make the criterion simpler, or split the check."
LEFT_OUT = "Not evaluated: the model gave no usable verdict for this check, though asked again. Use Run Analysis."


class TooLong(Exception):  # noqa: N818  what the prompt is
    """The prompt does not fit into the model; the message is what its server said."""


@dataclass(frozen=True)
class Task:
    """Checks to ask about in one request."""

    numbers: tuple[int, ...]
    room: int = ROOM
    repeats: int = 0
    garbled: int = 0
    alone: bool = False  # asked by itself because its group was declined


@dataclass(frozen=True)
class Reply:
    """What came back: why the model stopped, and its text."""

    stop: str | None
    text: str


@dataclass(frozen=True)
class Next:
    """What an answer settled, and what to ask further."""

    results: Mapping[int, Result] = field(default_factory=dict)
    unjudged: Mapping[int, str] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()


def tasks(numbers: Sequence[int], most: int = MOST_CHECKS) -> list[Task]:
    """The checks in order, in as few groups as may be, all of about the same size."""
    groups = ceil(len(numbers) / most)
    ends = [len(numbers) * group // groups for group in range(groups + 1)] if groups else []
    return [Task(tuple(numbers[begin:end])) for begin, end in pairwise(ends)]


def after(task: Task, reply: Reply) -> Next:
    """What follows from an answer. Raises TooLong, and Unusable when asking again has not helped.

    The reason for stopping is looked at first: an answer that was cut off may parse, and would lie.
    """
    match reply.stop:
        case "refusal":
            return _declined(task)
        case "max_tokens":
            return _cut_off(task)
        case "model_context_window_exceeded":
            raise TooLong("the answer did not fit any more")
        case "end_turn" | "stop_sequence" | None:  # other servers leave it out
            return _answered(task, reply.text)
    return _garbled(task, f"it stopped for another reason ({reply.stop})")


def halves(task: Task) -> tuple[Task, ...]:
    """The same checks in two requests; none for a single one."""
    middle = len(task.numbers) // 2
    return (
        tuple(replace(task, numbers=half) for half in (task.numbers[:middle], task.numbers[middle:])) if middle else ()
    )


def _declined(task: Task) -> Next:
    """One check must not spoil the others: each is asked by itself, once."""
    if task.alone or len(task.numbers) == 1:
        return Next(unjudged=dict.fromkeys(task.numbers, DECLINED))
    return Next(tasks=tuple(replace(task, numbers=(number,), alone=True) for number in task.numbers))


def _cut_off(task: Task) -> Next:
    if len(task.numbers) > 1:
        return Next(tasks=halves(task))
    if task.room < MORE_ROOM:
        return Next(tasks=(replace(task, room=MORE_ROOM),))
    return Next(unjudged=dict.fromkeys(task.numbers, ENDLESS))


def _answered(task: Task, text: str) -> Next:
    try:
        reading = read(text, task.numbers)
    except Unusable as why:
        return _garbled(task, str(why))
    if not reading.missing:
        return Next(reading.results)
    if task.repeats < MOST_REPEATS:
        again = replace(task, numbers=reading.missing, repeats=task.repeats + 1)
        return Next(reading.results, tasks=(again,))
    return Next(reading.results, unjudged=dict.fromkeys(reading.missing, LEFT_OUT))


def _garbled(task: Task, why: str) -> Next:
    if task.garbled < MOST_GARBLED:
        return Next(tasks=(replace(task, garbled=task.garbled + 1),))
    raise Unusable(why)
