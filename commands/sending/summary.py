"""What `totalview upload` prints on stdout: a line of JSON a file, or at the end how many, and what went wrong."""

from collections import Counter

import typer

from commands.process_text import plain
from commands.sending.outcome import Outcome, Status
from commands.words import print_json, table

MOST_SHOWN = 200  # files that went wrong; of more, --json tells
WORDS = {
    Status.UPLOADED: "uploaded",
    Status.DUPLICATE: "already there",
    Status.REFUSED: "refused",
    Status.FAILED: "failed",
    Status.WOULD_UPLOAD: "would be uploaded",
}


class Summary:
    """Takes the outcomes as they come."""

    def __init__(self, *, as_json: bool, dry_run: bool) -> None:
        self._as_json, self._dry_run = as_json, dry_run
        self._counts: Counter[Status] = Counter()
        self._shown: list[Outcome] = []

    @property
    def total(self) -> int:
        return self._counts.total()

    @property
    def bad(self) -> bool:
        """Whether somebody has to see to a file."""
        return any(status.bad for status in self._counts)

    def add(self, outcome: Outcome) -> None:
        """Count it; tell it at once where that is wanted."""
        self._counts[outcome.status] += 1
        if self._as_json:
            print_json(outcome.as_json())
        elif self._dry_run:
            typer.echo(f"{WORDS[outcome.status]:<18}{plain(outcome.file)}{_why(outcome)}")
        elif outcome.status.bad and len(self._shown) < MOST_SHOWN:
            self._shown.append(outcome)

    def show(self) -> None:
        """The end of it, for people."""
        if self._as_json or not self.total:
            return
        for outcome in self._shown:
            typer.echo(f"{WORDS[outcome.status]:<9}{plain(outcome.file)}{_why(outcome)}")
        bad = sum(number for status, number in self._counts.items() if status.bad)
        if not self._dry_run and bad > len(self._shown):
            typer.echo(f"... and {bad - len(self._shown):,} more; --json tells each.")
        shown = [status for status in Status if self._counts[status] or status is self._always()]
        table([WORDS[status].capitalize() for status in shown], [[f"{self._counts[status]:,}" for status in shown]])

    def _always(self) -> Status:
        return Status.WOULD_UPLOAD if self._dry_run else Status.UPLOADED


def _why(outcome: Outcome) -> str:
    return f": {plain(outcome.error)}" if outcome.error else ""
