"""How far an export or an import tells that it is."""

from typing import Protocol


class Progress(Protocol):
    """Told from several threads."""

    def phase(self, title: str, files: int | None = None, size: int | None = None) -> None:
        """A part of the work begins, with so many files and bytes; None where that is not known."""

    def moved(self, size: int) -> None:
        """So many bytes more."""

    def done(self) -> None:
        """One file more."""

    def say(self, words: str) -> None:
        """A sentence for whoever looks on."""
