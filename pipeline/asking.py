"""What the queue is asked for: looks at runs and deliveries. Free of what they do, which takes a second to import."""

from dataclasses import dataclass

from pipeline.outcome import Again
from records.db import stored_id
from records.runs import Run


@dataclass(frozen=True)
class Post:
    """Where the jobs of a stage wait."""

    queue: str  # whose workers run it
    timeout_s: int  # a worker that takes longer is stopped


POSTS = {
    "transcription": Post("transcription", 6 * 3600),
    "analysis": Post("analysis", 6 * 3600),
    "verdict": Post("analysis", 2 * 60),
}


@dataclass(frozen=True)
class Due:
    """A delivery that wants trying in `seconds`; an older ticket than its newest is worth nothing."""

    delivery_id: int
    ticket: int
    seconds: float = 0.0


def first_look(run: Run) -> Again:
    """What to ask for when a run has just begun."""
    return Again(stored_id(run.id), run.ticket, run.stage)
