"""What was done under load, how long each took and what went wrong; as a table. Pure."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

HEADINGS = "| What | Number | Errors | p50, ms | p95, ms | Most, ms |\n|---|---:|---:|---:|---:|---:|"


@dataclass
class Tally:
    """Seconds and errors, by kind of act."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)  # what went wrong, and how often

    def done(self, kind: str, seconds: float) -> None:
        """One that went well."""
        self.seconds[kind].append(seconds)

    def failed(self, kind: str, words: str) -> None:
        """One that did not."""
        self.errors[kind] += 1
        self.words[f"{kind}: {words}"] += 1

    @property
    def all_well(self) -> bool:
        """Whether something was done, and nothing went wrong."""
        return bool(self.seconds) and not self.errors

    def table(self) -> str:
        """Markdown."""
        return "\n".join([HEADINGS, *self._rows()])

    def _rows(self) -> Iterator[str]:
        for kind in sorted({*self.seconds, *self.errors}):
            took = self.seconds[kind]
            figures = " | ".join(f"{1000 * share(took, part):,.0f}" for part in (0.5, 0.95, 1))
            yield f"| {kind} | {len(took) + self.errors[kind]:,} | {self.errors[kind]:,} | {figures} |"


@dataclass(frozen=True)
class Trial:
    """Where the load goes, until when (by the monotonic clock), and where it is noted."""

    address: str
    until: float
    tally: Tally


def share(seconds: Sequence[float], part: float) -> float:
    """The time within which this part of all was done; nearest rank, nothing between two that were measured."""
    return sorted(seconds)[max(math.ceil(part * len(seconds)) - 1, 0)] if seconds else 0.0
